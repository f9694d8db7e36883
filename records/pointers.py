"""Where two JSON values differ, as JSON pointers (RFC 6901)."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast


class Place(NamedTuple):
    """A place at which two values differ."""

    pointer: str
    """`/records/17/text`; `` for the whole value."""
    first: Any
    """What the first value has there; `ABSENT` where it has nothing."""
    second: Any


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()
"""Stands for what is not there: null is a value."""


def differences(first: Any, second: Any) -> Iterator[Place]:
    """The places at which two JSON values differ, the outermost that tell, in the order of the first.

    Objects are compared by key and arrays by place; true and 1 are two values.
    """
    todo: list[tuple[str, Any, Any]] = [("", first, second)]
    while todo:
        pointer, one, other = todo.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            ours, theirs = cast(dict[str, Any], one), cast(dict[str, Any], other)
            names = dict.fromkeys((*ours, *theirs))
            inner = [
                (f"{pointer}/{escaped(name)}", ours.get(name, ABSENT), theirs.get(name, ABSENT))
                for name in names
            ]
            todo += reversed(inner)
        elif isinstance(one, list) and isinstance(other, list):
            mine, yours = cast(list[Any], one), cast(list[Any], other)
            inner = [
                (f"{pointer}/{at}", _at(mine, at), _at(yours, at))
                for at in range(max(len(mine), len(yours)))
            ]
            todo += reversed(inner)
        elif not _same(one, other):
            yield Place(pointer, one, other)


def escaped(name: str) -> str:
    """A key as a part of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else ABSENT
