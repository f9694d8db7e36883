"""How conflicts differ between two records: which appeared, vanished, or are the same and stand otherwise."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, cast

from pydantic import Field

from folkmoot.records.acts import Turn
from folkmoot.records.base import Frozen
from folkmoot.records.conflict_log import ConflictEntry
from folkmoot.records.same_conflict import By, paired

_MESSAGE = re.compile(r"\bM\d+\b")


class Compared(Frozen):
    """Something that compares two records, and can be seen from either."""

    def mirrored(self) -> Self:
        """The same, seen from the second record."""
        return self.model_copy(
            update={name: _turned(getattr(self, name)) for name in type(self).model_fields}
        )


class Changed(Compared):
    """What the first record has and what the second has; None: it has none."""

    first: Any = None
    second: Any = None

    def mirrored(self) -> Self:
        """The two exchanged."""
        return self.model_copy(update={"first": self.second, "second": self.first})


class Named(Frozen):
    """A conflict that only one of the records has."""

    id: str
    issue: str
    about: str
    """`question`, or the words of the message whose claim is contested."""
    kind: str | None = None
    status: str
    resolution: str | None = None
    level: int


class ConflictChange(Compared):
    """A conflict that both records have, and that stands otherwise in the second."""

    first: str
    """Its id in the first record."""
    second: str
    issue: str
    by: By
    """What made it the same one (`same_conflict`)."""
    likeness: float
    changed: dict[str, Changed]
    """issue, kind, status, resolution, severity, treatment, dissent: those that differ."""
    sides: dict[str, Changed] = Field(default_factory=dict)
    """Seat → the position that it holds; None where it holds none."""

    def mirrored(self) -> Self:
        """The same, seen from the second record."""
        issue: Any = self.changed["issue"].second if "issue" in self.changed else self.issue
        update = {"first": self.second, "second": self.first, "issue": issue}
        return super().mirrored().model_copy(update=update)


class Conflicts(Compared):
    """How the conflicts of two records differ."""

    appeared: tuple[Named, ...] = ()
    """Only in the second."""
    vanished: tuple[Named, ...] = ()
    """Only in the first."""
    changed: tuple[ConflictChange, ...] = ()

    def __bool__(self) -> bool:
        """Whether any differs."""
        return bool(self.appeared or self.vanished or self.changed)

    def mirrored(self) -> Self:
        """The same, seen from the second record."""
        changed = sorted((each.mirrored() for each in self.changed), key=lambda e: _place(e.first))
        return self.model_copy(
            update={
                "appeared": self.vanished,
                "vanished": self.appeared,
                "changed": tuple(changed),
            }
        )


def conflicts_between(
    first: tuple[Sequence[ConflictEntry], Mapping[str, str]],
    second: tuple[Sequence[ConflictEntry], Mapping[str, str]],
) -> Conflicts:
    """How the conflicts of two records differ.

    Args:
        first, second: the conflicts of a record, and the words of its messages (`worded`).
    """
    ours = sorted(first[0], key=lambda each: _place(each.id))
    theirs = sorted(second[0], key=lambda each: _place(each.id))
    pairs = paired(ours, theirs)
    changed: list[ConflictChange] = []
    for pair in pairs:
        one, other = ours[pair.first], theirs[pair.second]
        differing = changes(_stands(one), _stands(other))
        sides = changes(_sides(one, first[1]), _sides(other, second[1]))
        if differing or sides:
            changed.append(
                ConflictChange(
                    first=one.id,
                    second=other.id,
                    issue=one.issue,
                    by=pair.by,
                    likeness=pair.likeness,
                    changed=differing,
                    sides=sides,
                )
            )
    known, there = {pair.first for pair in pairs}, {pair.second for pair in pairs}
    return Conflicts(
        vanished=tuple(_named(e, first[1]) for i, e in enumerate(ours) if i not in known),
        appeared=tuple(_named(e, second[1]) for j, e in enumerate(theirs) if j not in there),
        changed=tuple(changed),
    )


def changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Changed]:
    """What is not the same under each name, by name; what is missing counts as None."""
    return {
        name: Changed(first=first.get(name), second=second.get(name))
        for name in sorted({*first, *second})
        if first.get(name) != second.get(name)
    }


def worded(turns: Iterable[Turn]) -> dict[str, str]:
    """Message → who said what: what it goes by in another record, where ids are others."""
    return {turn.id: f"{turn.seat}: {turn.text}" for turn in turns}


def _stands(entry: ConflictEntry) -> dict[str, Any]:
    resolved = entry.resolution
    return {
        "issue": entry.issue,
        "kind": entry.kind,
        "status": entry.status,
        "resolution": None if resolved is None else resolved.rule,
        "decided by": None if resolved is None else resolved.decided_by,
        "severity": entry.severity.level,
        "dissent": sorted({each.seat for each in entry.dissent}),
        "treatment": None if entry.treatment is None else entry.treatment.treatment,
    }


def _sides(entry: ConflictEntry, words: Mapping[str, str]) -> dict[str, Any]:
    """Seat → what it holds. A position that is named after a message goes by that one's words."""
    return {
        seat: _MESSAGE.sub(lambda found: words.get(found[0], found[0]), position.summary)
        for position in entry.positions
        for seat in position.parties
    }


def _named(entry: ConflictEntry, words: Mapping[str, str]) -> Named:
    return Named(
        id=entry.id,
        issue=entry.issue,
        about=words.get(entry.about, entry.about),
        kind=entry.kind,
        status=entry.status,
        resolution=None if entry.resolution is None else entry.resolution.rule,
        level=entry.severity.level,
    )


def _place(name: str) -> tuple[int, str]:
    """`cf2` before `cf10`."""
    digits = name.lstrip("abcdefghijklmnopqrstuvwxyz")
    return (int(digits) if digits.isdecimal() else 0), name


def _turned(value: Any) -> Any:
    if isinstance(value, Compared):
        return value.mirrored()
    if isinstance(value, dict):
        return {name: _turned(each) for name, each in cast(dict[str, Any], value).items()}
    return value
