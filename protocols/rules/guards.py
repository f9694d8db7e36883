"""What stands around every rule: blocks before the count, ties and bars after it."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Literal

from folkmoot.protocols.rules.found import Count, Found, Number, exact
from folkmoot.protocols.rules.lotteries import LOTS, drawn
from folkmoot.records import Ballot

Ties = Literal["declare", "order", "lot", "status_quo"]
"""What becomes of options that lead equally. declare: they are tied, and nobody wins. order: the
first of them in the order of the options. lot: one drawn by the run's seed. status_quo: the one that
the rule names as such, if it is among them."""


def blocked(
    ballots: Iterable[Ballot], options: Sequence[str], least: int
) -> dict[str, tuple[str, ...]]:
    """Option → the seats whose ballots block it, where so many do. Who abstains may block."""
    cast = list(ballots)
    found = {
        option: tuple(dict.fromkeys(b.seat for b in cast if option in (b.blocks or ())))
        for option in options
    }
    return {option: seats for option, seats in found.items() if len(seats) >= least}


def settled(
    found: Found,
    options: Sequence[str],
    *,
    ties: Ties,
    status_quo: str | None,
    least_margin: float | None,
    forced: bool,
    agreed: bool,
    draw: int,
) -> Count:
    """The count that a finding comes to, under the declared policy.

    Args:
        found: what the rule found.
        options: all of them, in their order.
        ties: what becomes of a tie.
        status_quo: the option that a tie leaves in place.
        least_margin: less of a lead than this is no decision; None for any.
        forced: whether somebody is made to win where seats differ.
        agreed: whether every ballot has the same first choice.
        draw: the lot.
    """
    tally = {option: float(value) for option, value in found.tally.items()}
    margin = None if found.margin is None else float(found.margin)
    nobody = Count("deadlock", None, (), tally, margin, why=found.why)
    if not forced and not agreed:
        return nobody._replace(status="no_forced_winner")
    if found.views:
        return _several(found, nobody, ties, draw)
    if not found.winners:
        return nobody
    if found.drawn:
        exactly: dict[str, Any] = dict(found.tally)
        return nobody._replace(status="decided", winner=drawn(options, exactly, draw))
    if len(found.winners) > 1:
        winner = _broken(found.winners, ties, status_quo, draw)
        why = "" if winner is None else f"tie of {', '.join(found.winners)} broken by {_BY[ties]}"
        status = "tied" if winner is None else "decided"
        return nobody._replace(status=status, winner=winner, tied=found.winners, why=why)
    if least_margin is not None and (margin is None or _less(found.margin, least_margin)):
        return nobody._replace(why=f"the lead is below {least_margin:g}")
    winner = next(iter(found.winners))
    return nobody._replace(status="decided", winner=winner, decided_by=found.decided_by)


_BY = {"order": "the order of the options", "lot": "lot", "status_quo": "the status quo"}


def _less(margin: Number | float | None, bar: float) -> bool:
    led = exact(margin) if isinstance(margin, float) else Fraction(margin or 0)
    return led < exact(bar)


def _broken(tied: Sequence[str], ties: Ties, status_quo: str | None, draw: int) -> str | None:
    if ties == "order":
        return tied[0]
    if ties == "lot":
        return tied[draw * len(tied) // LOTS]
    return status_quo if ties == "status_quo" and status_quo in tied else None


def _several(found: Found, nobody: Count, ties: Ties, draw: int) -> Count:
    """A plural answer: no option wins over the others."""
    sets = found.views
    if len(sets) > 1 and ties in ("declare", "status_quo"):
        open_ = {option for each in sets for option in each if any(option not in s for s in sets)}
        tied = tuple(option for option in found.tally if option in open_)
        return nobody._replace(status="tied", tied=tied, why=f"{len(sets)} sets are best")
    at = draw * len(sets) // LOTS if ties == "lot" else 0
    return nobody._replace(status="no_forced_winner", views=sets[at])
