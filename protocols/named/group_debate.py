"""Group debate: groups debate among themselves, and hear of each other only summaries (GroupDebate; Liu
et al., arXiv 2409.14051).

    stances and reasons (blind) ─► [ in each group: [ stance ─► reason ]×rounds ─► summary
          ─► all hear the summaries ]×stages ─► judge claims ─► contest ─► decide ─► conclude

Version history: 1, the first.
"""

from itertools import pairwise

from pydantic import Field

from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, RuleOf, blind, ending, exchange, rounds
from folkmoot.protocols.parts import Group, Parallel, Part
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stopping import Settled
from folkmoot.protocols.summarise import Summarise

_BETWEEN = Hearing(history="summary", same_round=True)


class GroupDebate(Library):
    """Groups side by side, summaries between them. `GroupDebate(groups=2, stages=2, rounds=1)`.

    The panel is cut into groups of nearly equal size, in its own order, or as `members` says. In a
    stage each group exchanges by itself, its first seat sums the group up, and every seat answers
    once having read the summaries alone. What groups said stays on record as it was said.
    """

    name: str = Field(default="group-debate", frozen=True)
    version: str = Field(default="1", frozen=True)
    groups: int = Field(default=2, ge=2, le=8)
    stages: int = Field(default=1, ge=1, le=5)
    """How often groups debate and then hear of each other."""
    rounds: int = Field(default=1, ge=1, le=10)
    """Rounds within a group in each stage, at most."""
    members: tuple[tuple[str, ...], ...] | None = None
    """Who sits in which group; None: cut in the panel's order."""
    rule: RuleOf = Rule()
    contest_claims: bool = False
    """Whether every seat judges every first claim (of an open question every last answer)."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        among = tuple(
            Group(
                seats,
                (*rounds(self.rounds, exchange(setting), Settled()), Summarise(seat=seats[0])),
            )
            for seats in self._groups(setting.seats)
        )
        stage: tuple[Part, ...] = (Parallel(among), *rounds(1, exchange(setting, _BETWEEN)))
        judged = "latest" if setting.open_question else "first"
        return (
            *blind(setting),
            *(part for _ in range(self.stages) for part in stage),
            *ending(setting, Decide(rule=self.rule), judged if self.contest_claims else None),
        )

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        placed = sorted(seat for group in self.members or () for seat in group)
        if self.members is not None and placed != sorted(seats):
            return ("every seat of the panel sits in exactly one group", *_strangers(placed, seats))
        if len(seats) <= self.groups and self.members is None:
            return (
                f"{self.groups} groups need more than {self.groups} seats, there are {len(seats)}",
            )
        return ()

    def _groups(self, seats: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        if self.members is not None:
            return self.members
        size, more = divmod(len(seats), self.groups)
        starts = [number * size + min(number, more) for number in range(self.groups + 1)]
        return tuple(seats[a:b] for a, b in pairwise(starts) if a < b)


def _strangers(placed: list[str], seats: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"a group names {seat!r}, who is not on the panel" for seat in placed if seat not in seats
    )
