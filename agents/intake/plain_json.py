"""JSON of a stranger's, read within bounds; and the keys of a JSON file of any size."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from folkmoot.agents.intake.faults import Unreadable, shown

MOST_BYTES = 16 * 2**20
"""Of a text that is read into values."""

_MOST_PARTS = 1_000_000
"""Lists and objects in one text: `[[],[],…` takes twenty times its length in memory."""

_STRING = rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|\\?\Z)'
"""Possessive, and an end of the file closes it: no text makes this slow."""

_TOKEN = re.compile(_STRING + rb"(\s*+:)?", re.DOTALL)
_VALUE = re.compile(rb"\s*+(?:(null|false|\{\s*+\}|\[\s*+\])|" + _STRING + rb")?", re.DOTALL)


class Key(NamedTuple):
    """A key of a JSON object, with what it is given."""

    name: str
    text: str | None
    """Its value, where that is a text."""
    empty: bool
    """Whether its value is null, false, an empty text, object or list."""


def parse(data: bytes) -> Any:
    """Read JSON.

    Raises:
        Unreadable: it is too large, not UTF-8, no JSON, or a key stands twice, which two readers
            may take in two ways.
    """
    if len(data) > MOST_BYTES or data.count(b"[") + data.count(b"{") > _MOST_PARTS:
        raise Unreadable(f"is too large a JSON text ({len(data):,} bytes)")
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant
        )
    except UnicodeDecodeError as fault:
        raise Unreadable(f"is not UTF-8 at byte {fault.start}") from fault
    except RecursionError as fault:
        raise Unreadable("is nested too deep") from fault
    except ValueError as fault:
        raise Unreadable(f"is not JSON ({shown(fault, 100)[1:-1]})") from fault


def parse_object(data: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        Unreadable: as `parse`, or it is another value.
    """
    value = parse(data)
    if not isinstance(value, dict):
        raise Unreadable("holds no JSON object")
    return cast(dict[str, Any], value)


def keys(data: bytes) -> Iterator[Key]:
    """Every key at any depth, in the order of the text, those that stand twice too.

    Nothing is built, so a text of any size or depth may be looked through; of one that is no JSON
    the keys are guesses.
    """
    for token in _TOKEN.finditer(data):
        if token[2] is not None:
            value = _VALUE.match(data, token.end())
            text = None if value is None or value[2] is None else _text(value[2])
            empty = text == "" or (value is not None and value[1] is not None)
            yield Key(_text(token[1]), text, empty)


def _text(inner: bytes) -> str:
    """What stands between two quotes, its escapes read."""
    try:
        return json.loads(b'"' + inner + b'"')
    except ValueError:
        return inner.decode("utf-8", "replace")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"the key {shown(name)} stands twice")
            seen.add(name)
    return read


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")
