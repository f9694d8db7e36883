"""The ledger: what a run cost, per seat and in total, folded from its replies."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from folkmoot.records.base import Frozen
from folkmoot.records.calls import Reply, Usage
from folkmoot.records.lines import Abort


class LedgerLine(Frozen):
    """What some calls cost. Tokens that were not reported are absent, never zero: where an answered
    call did not report them, and where no call was answered."""

    calls: int
    prompt: int | None = None
    """Tokens of the prompts as sent."""
    computed: int | None = None
    """Of these, tokens that had to be computed."""
    cached: int | None = None
    """Of these, tokens served from a prefix cache."""
    completion: int | None = None
    retries: int = 0


class Ledger(Frozen):
    """What a run cost.

    Calls that got no reply are not in `seats` or `total`: what they cost stands in `aborted` where
    it is known, and `lost` only counts them.
    """

    seats: dict[str, LedgerLine] = Field(default_factory=dict)
    total: LedgerLine
    aborted: LedgerLine | None = None
    """Calls cancelled before their reply; None if there were none."""
    lost: int | None = None
    """Calls unanswered when the run stopped, counted at each stop; None if there were none."""


def ledger(
    replies: Iterable[Reply],
    seats: Sequence[str] = (),
    aborts: Sequence[Abort] = (),
    lost: Sequence[str] = (),
) -> Ledger:
    """Fold replies into a ledger.

    Args:
        replies: every reply of a run.
        seats: seats to list first and in this order, also if they were never asked.
        aborts: every aborted call.
        lost: the ids of lost calls.
    """
    by_seat: dict[str, list[Reply]] = {seat: [] for seat in seats}
    everyone = list(replies)
    for reply in everyone:
        by_seat.setdefault(reply.seat, []).append(reply)
    return Ledger(
        seats={seat: _line(of) for seat, of in by_seat.items()},
        total=_line(everyone),
        aborted=_sum([abort.usage for abort in aborts]) if aborts else None,
        lost=len(lost) or None,
    )


def _line(replies: Sequence[Reply]) -> LedgerLine:
    # What an engine refused or never answered has no tokens to report; what it answered has.
    told = [each.usage for each in replies if each.usage or not _unanswered(each)]
    line = _sum(told) if told or not replies else LedgerLine(calls=0)
    return line.model_copy(
        update={"calls": len(replies), "retries": sum(each.retries for each in replies)}
    )


def _unanswered(reply: Reply) -> bool:
    return reply.state in ("refused", "unavailable")


def _sum(usages: Sequence[Usage | None]) -> LedgerLine:
    return LedgerLine(
        calls=len(usages),
        prompt=_total([usage and usage.prompt for usage in usages]),
        computed=_total([usage and usage.computed for usage in usages]),
        cached=_total([usage and usage.cached for usage in usages]),
        completion=_total([usage and usage.completion for usage in usages]),
    )


def _total(figures: Sequence[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if len(known) == len(figures) else None
