"""Parts: what each contributor was worth in one run, and what its calls cost."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from folkmoot.eval.worth.gold import Gold
from folkmoot.eval.worth.players import Member, Player, member
from folkmoot.eval.worth.plurality import KINDS, elements, only, shared
from folkmoot.eval.worth.quality import Votes, alone, quality, right
from folkmoot.eval.worth.runs import Run
from folkmoot.eval.worth.shapley import Shares, leave_one_out, shapley
from folkmoot.records import InputError
from folkmoot.records.accounts import CallAccount

DIGITS = 9
"""To which values are kept: below that is what sums of floats leave over, which is no effect."""


class Part(NamedTuple):
    """What a contributor was worth in one run."""

    item: str
    """See `Run.item`."""
    seats: tuple[str, ...]
    calls: tuple[CallAccount, ...]
    plural: float
    only: float
    """Elements of the log that nobody else holds."""
    kinds: dict[str, float]
    quality: float | None = None
    missing: float | None = None
    """Quality that would be missing without it."""
    alone: float | None = None
    system: float | None = None
    """How likely the panel's decision is right."""
    task: str | None = None
    pairs: int | None = None
    """Pairs of orders drawn; None where every coalition was valued."""


class Valued(NamedTuple):
    """The game of quality of one run, solved."""

    shares: Shares
    missing: Mapping[str, float]
    system: float
    gold: Gold


class NotValued(Exception):
    """Why the quality of a run's coalitions is not known."""


def valued(
    run: Run, there: Sequence[Player], gold: Gold | None, votes: Votes, pairs: int, seed: int
) -> Valued:
    """The quality of a run's players.

    Raises:
        NotValued: it has none that could be known.
        InputError: the right answer is none of the options.
    """
    options, decision = run.opening.options, run.transcript.decision
    if gold is None:
        raise NotValued("its right answer is not given")
    if options is None or decision is None:
        raise NotValued("the question is open: there is no option to be right")
    if gold.answer not in options:
        raise InputError(
            f"{str(run.folder)!r}: the right answer {gold.answer!r} is none of the options",
            f"they are: {', '.join(options)}",
        )
    try:
        game = quality(run.transcript, there, gold.answer, votes)
    except InputError as fault:
        raise NotValued(fault.message) from fault
    names = [player.name for player in there]
    shares = shapley(names, game, pairs=pairs, seed=seed)
    return Valued(shares, leave_one_out(names, game), right(decision, gold.answer, options), gold)


def parts(run: Run, there: Sequence[Player], found: Valued | None) -> list[tuple[Member, Part]]:
    """What each member was worth in a run; what a player was is split evenly between its members."""
    log = elements(run.transcript)
    plural, single = shared(log, there), only(log, there)
    kinds = {kind: shared(log, there, kind) for kind in KINDS}
    made: list[tuple[Member, Part]] = []
    for name, members, _ in there:
        among = len(members)
        for each in members:
            seats = tuple(p.seat for p in run.opening.parties if member(p) == each)
            part = Part(
                item=run.item,
                seats=seats,
                calls=tuple(call for call in run.calls if call.seat in seats),
                plural=_kept(plural[name] / among),
                only=_kept(single[name] / among),
                kinds={kind: _kept(values[name] / among) for kind, values in kinds.items()},
            )
            if found is not None:
                part = part._replace(
                    quality=_kept(found.shares.values[name] / among),
                    missing=_kept(found.missing[name] / among),
                    alone=alone(run.transcript, seats, found.gold.answer),
                    system=found.system,
                    task=found.gold.task,
                    pairs=found.shares.pairs,
                )
            made.append((each, part))
    return made


def _kept(value: float) -> float:
    return round(value, DIGITS) + 0.0  # and never -0
