"""`duplicate`: it is not a contribution that is seated already, under another name or lightly changed.

One model under many names would have many votes (Douceur 2002, "The Sybil attack").
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from folkmoot.agents.contribution_file import Offered
from folkmoot.agents.intake.case import ADAPTER, Case, open_case
from folkmoot.agents.intake.digests import file_digest
from folkmoot.agents.intake.faults import Fault, Unreadable, finding, many, not_asked, plain, shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.limits import Fingerprint, Limits, Seated
from folkmoot.agents.intake.sketch import cosine, sketch_of, tensors_digest
from folkmoot.agents.intake.tree import within

TOO_ALIKE = 0.9
"""Cosine of two sketches from which on a steward should look. Adapters trained apart have .3 at most."""

_MOST_FILES = 10_000


class _Alike(NamedTuple):
    """How alike it is to one that is seated."""

    seat: Seated
    cosine: float | None
    """Of their sketches; None where one is missing."""


def fingerprint(offered: Offered) -> Fingerprint | None:
    """What the adapter of a contribution is recognised by; `Seated` holds the same.

    Nothing is raised for what lies in the folder.

    Returns:
        None if it brings no adapter whose bytes can be read.
    """
    return _fingerprint(open_case(offered, Limits(files=_MOST_FILES)))


def check_duplicate(case: Case) -> Finding:
    """No seated contribution has the same adapter, the same tensors, or nearly the same changes."""
    if case.adapter is None:
        return not_asked("duplicate", "it brings no adapter to hold against those that are seated")
    if not case.small:
        return not_asked("duplicate", "the folder is over its limits, so its adapter was not read")
    file = case.offered.file
    others = [
        seat
        for seat in case.seated
        if (seat.name, seat.contributor) != (file.name, file.contributor)
    ]
    if not others:
        return not_asked("duplicate", "no other contribution is seated to hold it against")
    mine = _fingerprint(case)
    if mine is None or not mine.tensors:
        return not_asked(
            "duplicate", "its adapter could not be read, so it was not held against any"
        )
    alike = [_Alike(seat, cosine(mine.sketch, seat.sketch)) for seat in others]
    known = [(each.cosine, each.seat.name) for each in alike if each.cosine is not None]
    evidence: dict[str, Any] = {
        "adapter": mine.adapter,
        "tensors": mine.tensors,
        "held_against": len(others),
    }
    if known:
        nearest, name = max(known)
        evidence |= {"nearest": name, "cosine": round(nearest, 4)}
    return finding(
        "duplicate",
        list(_faults(case, mine, alike)),
        f"it is no copy of {many(len(others), 'seated contribution')}, nor near to one",
        evidence,
        f"equal digests fail; a cosine of the sketches from {TOO_ALIKE} on warns",
    )


def _fingerprint(case: Case) -> Fingerprint | None:
    entry = case.adapter
    digest = None if entry is None else file_digest(case, entry)
    if entry is None or digest is None:
        return None
    try:
        config: Mapping[str, Any] = case.adapter_config()
    except Unreadable:
        config = {}
    try:
        return Fingerprint(
            adapter=digest,
            tensors=tensors_digest(case, entry),
            sketch=sketch_of(case, entry, config),
        )
    except Unreadable:
        return Fingerprint(adapter=digest)


def _faults(case: Case, mine: Fingerprint, alike: list[_Alike]) -> Iterator[Fault]:
    where = plain(within(case.adapter_folder or ".", ADAPTER))
    for seat, near in alike:
        who = f"{shown(seat.name)} of {shown(seat.contributor)}"
        if seat.adapter == mine.adapter:
            yield Fault(f"it is a copy of {who} under another name", _COPY, where)
        elif seat.tensors is not None and seat.tensors == mine.tensors:
            yield Fault(f"its weights are those of {who}, saved in another way", _COPY, where)
        elif near is not None and near >= TOO_ALIKE:
            yield Fault(
                f"too alike: {who} (cosine {near:.3f})",
                "show the steward what it learned that the other did not, or withdraw it",
                where,
                fatal=False,
            )


_COPY = "withdraw it: one model has one seat; bring an adapter of your own training"
