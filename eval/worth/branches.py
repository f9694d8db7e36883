"""Branches: a recorded run held again with part of its panel, asking only what the record does not hold.

Where seats hear each other, a recount says nothing of what would have been without one. A branch lets
the coalition deliberate as a panel of its own, under the record's protocol and seed. What its seats are
asked word for word as before is answered from the record, blind first answers among it, and what one
branch was answered serves every later one. Each branch is a record of its own.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from folkmoot.eval.worth.players import Player, players
from folkmoot.eval.worth.quality import right
from folkmoot.eval.worth.shapley import PAIRS, Coalition, Shares, coalitions, shapley
from folkmoot.graphs import build, worst_case
from folkmoot.graphs.blocking import blocking
from folkmoot.graphs.check import check_size, require
from folkmoot.graphs.files import rebuilt
from folkmoot.graphs.run import conduct
from folkmoot.graphs.soundness import required
from folkmoot.pool import Pool
from folkmoot.pool.recalled import Recalled
from folkmoot.protocols import Deliberation, Setting, reference, unseated
from folkmoot.protocols.clerk import clerks
from folkmoot.records import (
    HUMAN,
    Call,
    InputError,
    Opening,
    Outcome,
    digest,
    load,
    read_journal,
)


class Branches:
    """The branches of one record.

    Args:
        record: the folder of a run that has ended.
        pool: is asked what no record holds.
        record_dir: where the branches are recorded.
        protocol: the record's own; None: rebuilt from the record, which imports what that names.

    Attributes:
        opening: how the recorded run began.

    Raises:
        InputError: the run has not ended, or a person had a seat in it.
        RecordError: there is no record, or it is broken.
    """

    def __init__(
        self,
        record: Path | str,
        pool: Pool,
        record_dir: Path | str,
        protocol: Deliberation | None = None,
    ) -> None:
        view = read_journal(record)
        self.opening = view.opening
        self._whole, self._folder = load(record), Path(record_dir)
        if view.close is None or self._whole.decision is None:
            raise InputError(f"the run {str(record)!r} has not ended", "resume it first")
        if HUMAN in {party.model for party in self.opening.parties}:
            raise InputError(
                "a person had a seat: what they would have said otherwise is not known",
                "count the votes on record instead",
            )
        replies = view.replies
        stored = [(call, replies[call.id]) for call in view.calls if call.id in replies]
        self._engine = Recalled(pool, stored)
        self._protocol = rebuilt(self.opening.protocol) if protocol is None else protocol
        self._held: dict[Coalition, Outcome] = {}

    @property
    def asked(self) -> tuple[Call, ...]:
        """Every call that the pool was asked, in all branches."""
        return tuple(self._engine.asked)

    @property
    def recalled(self) -> int:
        """How many calls were answered from what was stored, in all branches."""
        return len(self._engine.recalled)

    async def run(self, seats: Collection[str]) -> Outcome:
        """What some seats come to by themselves, in the panel's order; the record itself for all.

        Raises:
            InputError: there are none, one is not on the panel, or the protocol cannot be run with
                these alone (a judge that is not among them, say).
        """
        there = frozenset(seats)
        if there == frozenset(self.opening.seats):
            return self._whole
        if there not in self._held:
            self._held[there] = await self._branch(self._opening(there))
        return self._held[there]

    def _opening(self, seats: Coalition) -> Opening:
        parties = tuple(party for party in self.opening.parties if party.seat in seats)
        if len(parties) != len(seats) or not parties:
            raise InputError(
                f"{', '.join(sorted(seats)) or 'nobody'} is no part of the panel",
                f"it has: {', '.join(self.opening.seats)}",
            )
        names = tuple(party.seat for party in parties)
        setting = Setting(names, self.opening.options)
        faults = self._protocol.faults(names)
        require(faults or unseated(self._protocol.parts(setting), names), _HINT)
        name = digest("\0".join(names).encode())[:8]
        return self.opening.model_copy(
            update={
                "run_id": f"{self.opening.run_id}-{name}",
                "parties": parties,
                "protocol": reference(self._protocol, setting),
                "budget": None,
            }
        )

    async def _branch(self, opening: Opening) -> Outcome:
        pool = Pool([self._engine])
        setting = Setting.of(opening)
        parts = self._protocol.parts(setting)
        asked = dict.fromkeys((*(party.model for party in opening.parties), *clerks(parts)))
        async with pool.held(tuple(asked)):
            required(self._protocol, opening)
            require(await check_size(worst_case(self._protocol, opening), pool, None), _HINT)
            opening = opening.model_copy(
                update={"engines": pool.describe(), "models": pool.references(asked)}
            )
            graph = build(self._protocol, setting)
            return await conduct(graph, opening, pool, self._folder, None)


_HINT = "count the votes on record instead, or leave this coalition out"


async def branched(
    branches: Branches, gold: str, *, pairs: int = PAIRS, seed: int = 0
) -> tuple[tuple[Player, ...], Shares]:
    """The players of a recorded run, and the Shapley values of the quality of their branches.

    Nobody is a guess. Every coalition is run once; see `Branches.asked` for what it took.

    Args:
        branches: of a run on a question with options.
        gold: the right one.
        pairs: of orders that are drawn, where there are more than six players.
        seed: of the draws.

    Raises:
        InputError: the question is open, or a coalition cannot be run.
    """
    options = branches.opening.options
    if options is None or gold not in options:
        raise InputError(
            f"the right answer {gold!r} is none of the options",
            f"they are: {', '.join(options)}" if options else "the question is open",
        )
    there = players(branches.opening)
    seats = {player.name: player.seats for player in there}
    names = [player.name for player in there]
    values: dict[Coalition, float] = {}
    for coalition in coalitions(names, pairs=pairs, seed=seed):
        values[coalition] = await _value(branches, _seats(coalition, seats), gold, options)
    return there, shapley(names, values.__getitem__, pairs=pairs, seed=seed)


branched_sync = blocking(branched)
"""The same for code that has no event loop."""


async def _value(
    branches: Branches, seats: Collection[str], gold: str, options: Sequence[str]
) -> float:
    if not seats:
        return 1 / len(options)
    outcome = await branches.run(seats)
    if outcome.decision is None:
        return 1 / len(options)
    return right(outcome.decision, gold, options)


def _seats(coalition: Coalition, seats: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(seat for name in coalition for seat in seats[name])
