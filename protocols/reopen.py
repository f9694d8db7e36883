"""Reopen: each dissenter says what would have to be shown for its conflict to be taken up again."""

from pydantic import Field

from folkmoot.protocols.dissents import dissents, prompt, shown
from folkmoot.protocols.ratify import all_dissent
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.turns import turn
from folkmoot.records import Call, Record, ReopenIf, Reply, Transcript, Turn
from folkmoot.records.base import Frozen
from folkmoot.records.spans import quotation

REOPEN = "reopen"
"""Purpose of the calls."""

_STATED = "Your dissent:"
_TASK = "What would have to be shown for you to take this up again? Answer in one sentence."


class Reopen(Frozen):
    """Every dissenter names the condition under which its conflict is to be reopened.

    So a log can be acted on: who meets the condition has a reason to ask again.
    """

    most: int = Field(default=3, ge=1, le=99)
    """Dissents that one seat is asked about at most, those of the worst conflicts."""
    name: str = "reopen"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call for each dissent; the seat is shown it as it was ratified."""
        calls = Calls(seen)
        for asked in dissents(seen, self.most):
            segments = prompt(seen, asked.party, shown(seen, asked), _STATED, _TASK)
            calls.generate(asked.party, REOPEN, segments, about=asked.conflict.id)
        return calls.done()

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every seat dissented from so much, in the longest words."""
        return all_dissent(seen, self.most, REOPEN, _STATED, _TASK)

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The conditions as messages, and of each what it is quoted as; none of a seat that wrote nothing that can be quoted."""
        turns: list[Turn] = []
        conditions: list[Record] = []
        for asked in dissents(seen, self.most):
            for reply in asked.among(replies, REOPEN)[:1]:
                said = asked.statement(seen)
                answers = () if said is None else (said.message,)
                turns.append(turn(seen, reply, len(turns), "condition", replies_to=answers))
                quoted = quotation(turns[-1])
                if quoted is None:
                    continue
                conditions.append(
                    ReopenIf(
                        step=seen.place.step,
                        order=len(conditions),
                        conflict=asked.conflict.id,
                        seat=asked.dissent.seat,
                        span=quoted,
                    )
                )
        return (*turns, *conditions)
