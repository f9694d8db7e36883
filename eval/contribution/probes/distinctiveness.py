"""Whether it adds a voice, or is one that sits there already under another name: `distinctiveness`.

Everyone answers one battery of questions without any perspective: what a model has learned is compared, whatever it is
told to stand for. Perspectives of one and the same base are another matter. They move a small model much the same way
(on the packaged base the changes correlate up to 0.96 between unlike ones), so that there only answers that are the
same, as seated, make two of them one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from folkmoot.agents import Agent, Perspective
from folkmoot.agents.intake import Finding, Verdict
from folkmoot.eval.contribution.probes.case import Case, digest_of, unreadable
from folkmoot.eval.contribution.probes.identities import (
    ALIKE,
    COPY,
    NOTHING,
    identities,
    is_own,
    likeness,
)
from folkmoot.eval.contribution.probes.items import Item, mixed

_LEAST = 8


class _Near(NamedTuple):
    """How alike a seat is to another."""

    name: str
    seat: float
    """As seated, each in its own perspective."""
    same: bool
    """Whether their answers as seated are the same."""
    model: float | None
    """Without any perspective; None where both models are as their base, or there is no base."""

    @property
    def counts(self) -> float:
        """What the models have learned, where either has learned something."""
        return float(self.same) if self.model is None else self.model


async def distinctiveness(case: Case) -> Finding:
    """Whether it answers otherwise than those that are seated."""
    if not case.seated:
        return Finding(
            check="distinctiveness", verdict="not_asked", said="nobody else is seated yet"
        )
    items = mixed(case.draw.at("battery"), case.size.battery)
    seats = (case.seat, *case.seated)
    as_seated = [await case.asking.log_odds(each, items) for each in seats]
    alone = [await case.asking.log_odds(_bare(each), items) for each in seats]
    plain = None
    if case.base is not None:
        plain = await case.asking.log_odds(_bare(case.base), items)
    rows = [*as_seated, *alone, *([plain] if plain is not None else [])]
    read = [at for at in range(len(items)) if all(row[at] is not None for row in rows)]
    if len(read) < _LEAST:
        return unreadable("distinctiveness", len(items) - len(read), len(items))
    by_seat = _behaviours(seats, as_seated, plain, read)
    by_model = _behaviours(seats, alone, plain, read)
    if plain is None:
        # Without the base nobody can tell what a model has learned.
        found = _finding(case.seat.name, by_seat, {name: [0.0] for name in by_seat}, items)
        return (
            found.model_copy(update={"verdict": "warned"}) if found.verdict == "failed" else found
        )
    return _finding(case.seat.name, by_seat, by_model, items)


def _bare(seat: Agent) -> Agent:
    return seat.model_copy(update={"perspective": Perspective()})


def _behaviours(
    seats: Sequence[Agent],
    rows: Sequence[Sequence[float | None]],
    plain: Sequence[float | None] | None,
    read: Sequence[int],
) -> dict[str, list[float]]:
    """Of each seat what it answers, less what the plain base does."""
    return {
        seat.name: [(row[at] or 0.0) - ((plain[at] or 0.0) if plain else 0.0) for at in read]
        for seat, row in zip(seats, rows, strict=True)
    }


def _finding(
    name: str,
    by_seat: dict[str, list[float]],
    by_model: dict[str, list[float]],
    items: Sequence[Item],
) -> Finding:
    near = [
        _Near(
            other,
            likeness(by_seat[name], by_seat[other]),
            not is_own([a - b for a, b in zip(by_seat[name], by_seat[other], strict=True)]),
            likeness(by_model[name], by_model[other])
            if is_own(by_model[name]) or is_own(by_model[other])
            else None,
        )
        for other in by_seat
        if other != name
    ]
    nearest = max(near, key=lambda each: each.counts)
    verdict = _verdict(nearest.counts)
    one = next(group for group in identities(by_model) if name in group)
    if not is_own(by_model[name]):
        one = (name, *(each.name for each in near if each.model is None and each.same))
    said = f"most alike to {nearest.name!r}: {nearest.seat:.2f} as seated"
    if nearest.model is not None:
        said += f", {nearest.model:.2f} without a perspective"
    return Finding(
        check="distinctiveness",
        verdict=verdict,
        said=said,
        mend=""
        if verdict == "passed"
        else "withdraw the other one, or show what is different in it",
        evidence={
            "likeness": {
                each.name: {"seat": round(each.seat, 4)}
                | ({} if each.model is None else {"model": round(each.model, 4)})
                for each in near
            },
            "one_identity": list(one),
            "questions": len(by_seat[name]),
            "drawn": digest_of(items),
        },
        threshold=f"fails from a correlation of {COPY} on, warns from {ALIKE} on, without a perspective; where "
        f"neither has learned anything it fails where answers as seated differ by less than {NOTHING} on average",
    )


def _verdict(alike: float) -> Verdict:
    if alike >= COPY:
        return "failed"
    return "warned" if alike >= ALIKE else "passed"
