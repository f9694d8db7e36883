"""Agreement: how many of all rules come to the same winner over the ballots of a run."""

from collections.abc import Collection

from pydantic import Field

from folkmoot.eval.counted import (
    ballots_for,
    cannot_count,
    count_again,
    rule_for,
    seats_of,
)
from folkmoot.eval.stored import Stored, decision_of, rule_of, transcript_of
from folkmoot.protocols.adopt import ACCEPTANCE
from folkmoot.protocols.rules import RULES, Rule
from folkmoot.records import Decision
from folkmoot.records.base import Frozen

_PLURAL = "pav"


class Agreement(Frozen):
    """How far the rules of the book agree over the same ballots.

    Each is counted under the guards of the decision (quorum, ties, blocks). Rules that draw their
    winner are left out, and the one that sets several views out and picks none.
    """

    winner: str | None = None
    """Of the decision that they are held against; None where it has none."""
    agree: tuple[str, ...] = ()
    """Rules with the same winner, or likewise with none."""
    differ: dict[str, str | None] = Field(default_factory=dict)
    """Rule → its winner; None where it has none."""
    cannot: dict[str, str] = Field(default_factory=dict)
    """Rule → why it cannot count these ballots."""

    @property
    def counted(self) -> int:
        """How many rules could count."""
        return len(self.agree) + len(self.differ)


def agreement(
    record: Stored, decision: Decision | None = None, without: Collection[str] = ()
) -> Agreement:
    """How many of all rules come to the same winner on the ballots on record.

    Args:
        record: a run that has decided.
        decision: what the rules are held against; None for the decision on record.
        without: seats that are left out.
    """
    transcript = transcript_of(record)
    recorded = decision_of(transcript)
    left_out = seats_of(transcript, without)
    held = recorded if decision is None else decision
    agree, differ, cannot = list[str](), dict[str, str | None](), dict[str, str]()
    for name, known in RULES.items():
        if recorded.rule == ACCEPTANCE:
            cannot[name] = "the ballots accept or reject one draft"
        elif known.needs and name not in (held.rule, recorded.rule):
            cannot[name] = f"it needs its {known.needs[0]}"
        if name in cannot or name == _PLURAL or Rule.model_construct(name=name).random:
            continue
        own = rule_of(held) if name == held.rule else rule_for(recorded, name, None)
        assert own is not None, name
        seen, ballots = ballots_for(transcript, recorded, own, left_out)
        if why := cannot_count(own, ballots):
            cannot[name] = why
            continue
        came = count_again(seen, recorded, own, ballots)
        if came.winner == held.winner:
            agree.append(name)
        else:
            differ[name] = came.winner
    return Agreement(winner=held.winner, agree=tuple(agree), differ=differ, cannot=cannot)
