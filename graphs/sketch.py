"""A sketch: a protocol's parts as nested boxes, the way they are written. Loops stay loops."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from folkmoot.protocols import FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.condition import as_condition
from folkmoot.protocols.written import kebab, written

_LONGEST = 40
"""Letters of a text that a box shows."""


class Node(NamedTuple):
    """A stage."""

    name: str
    detail: str = ""
    """What of it is not as usual."""


class Frame(NamedTuple):
    """A repetition or a group: a body with a title."""

    kind: str
    """loop, once (a loop that never leads back) or group."""
    title: str
    body: tuple["Box", ...]


class Fork(NamedTuple):
    """A gate: one body or the other. Groups side by side: all of them."""

    title: str
    """The condition; "" for groups side by side."""
    ways: tuple[tuple[str, tuple["Box", ...]], ...]
    """What is said on the line to each, and its body."""


Box = Node | Frame | Fork


def sketch(parts: Sequence[Part]) -> tuple[Box, ...]:
    """The boxes of these parts."""
    return tuple(_box(part) for part in parts)


def _box(part: Any) -> Box:
    match part:
        case Repeat():
            until = "" if part.until is None else f", until {_condition(part.until)}"
            times = "once" if part.at_most == 1 else f"{part.at_most} times"
            kind = "once" if part.at_most == 1 else "loop"
            return Frame(kind, f"at most {times}{until}", sketch(part.body))
        case Gate():
            ways = (("yes", sketch(part.then)), ("no", sketch(part.otherwise)))
            return Fork(f"{_condition(part.when)}?", ways)
        case Group():
            return _group(part)
        case Parallel():
            return Fork("", tuple(("", (_group(each),)) for each in part.groups))
        case FanIn():
            node = _node(part.stage)
            waits = f"waits for {part.need}"
            return node._replace(detail=f"{node.detail}, {waits}" if node.detail else waits)
        case _:
            return _node(part)


def _group(group: Group) -> Frame:
    return Frame("group", ", ".join(group.seats), sketch(group.body))


def _node(stage: Any) -> Node:
    name = str(getattr(stage, "name", None) or getattr(stage, "__name__", stage))
    kind, fields = _said(stage)
    shown = {key: each for key, each in fields.items() if key != "name"}
    detail = ", ".join(f"{key}: {_short(each)}" for key, each in shown.items())
    renamed = "name" in fields or kind in ("", kebab(name))
    return Node(name if renamed else kind, detail)


def _condition(given: Any) -> str:
    condition = as_condition(given)
    _, fields = _said(condition)
    inner = ", ".join(f"{key} {_short(each)}" for key, each in fields.items() if key != "name")
    return f"{condition.name} ({inner})" if inner else condition.name


def _said(thing: Any) -> tuple[str, dict[str, Any]]:
    """The kind of a frozen value and its fields that are not at their default; else "" and none."""
    try:
        said = written((thing,), pinned=True)[0]
    except TypeError:
        return "", {}
    if isinstance(said, str):
        return said, {}
    ((kind, fields),) = cast(dict[str, dict[str, Any]], said).items()
    return ("", {}) if kind == "function" else (kind, fields)


def _short(value: Any) -> str:
    """A field's value in a few words."""
    match value:
        case {"function": {"name": str(name)}}:
            return name.rpartition(":")[2].strip("_").replace("_", " ")
        case dict():
            return " ".join(f"{key} {_short(each)}" for key, each in value.items())  # pyright: ignore[reportUnknownVariableType]
        case list():
            return ", ".join(map(_short, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case bool():
            return "yes" if value else "no"
        case _:
            text = str(value)
            return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
