"""Parts as plain JSON from which they can be put together again: what protocol files and records hold.

A part of the library is its kind in kebab case, with those of its fields that are not at their
default: `stand`, `{speak: {topology: ring}}`. What is not the library's is named `module:name`.
Reading it back is `folkmoot.graphs.files`: it needs imports, and this room has none.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from folkmoot.protocols.condition import FunctionCondition
from folkmoot.protocols.description import description
from folkmoot.protocols.filters.filter import FunctionFilter
from folkmoot.protocols.parts import FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.stage import FunctionStage
from folkmoot.records.base import Frozen

Written = Any
"""JSON: dicts, lists, texts, numbers, booleans, None."""

_FUNCTIONS = (FunctionStage, FunctionCondition, FunctionFilter)
"""Functions in the place of values. They are tuples, and not to be taken for several values."""


def written(parts: Sequence[Part], *, pinned: bool = False) -> list[Written]:
    """Parts as JSON.

    Args:
        pinned: with the digest of each function's source, so that a change is noticed.

    Raises:
        TypeError: something in it is neither a frozen value nor a named function.
    """
    return [_Writing(pinned).part(each) for each in parts]


def settings(thing: Frozen) -> dict[str, Written]:
    """The fields of a frozen value that are not at their default, but for its name and version."""
    said = _Writing(False).fields(thing)
    return {name: each for name, each in said.items() if name not in ("name", "version")}


def kebab(name: str) -> str:
    """`JudgeDecides` → `judge-decides`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


class _Writing(NamedTuple):
    pinned: bool

    def part(self, part: Any) -> Written:
        match part:
            case Repeat():
                said: dict[str, Written] = {"at_most": part.at_most}
                if part.until is not None:
                    said["until"] = self.named(part.until)
                return {"repeat": {**said, "parts": self.parts(part.body)}}
            case Gate():
                said = {"when": self.named(part.when), "then": self.parts(part.then)}
                if part.otherwise:
                    said["otherwise"] = self.parts(part.otherwise)
                return {"gate": said}
            case Group():
                return {"group": self._group(part)}
            case Parallel():
                return {"parallel": [self._group(each) for each in part.groups]}
            case FanIn():
                return {"fan-in": {"stage": self.named(part.stage), "need": part.need}}
            case _:
                return self.named(part)

    def parts(self, parts: Sequence[Any]) -> list[Written]:
        return [self.part(each) for each in parts]

    def _group(self, group: Group) -> Written:
        return {"seats": list(group.seats), "parts": self.parts(group.body)}

    def named(self, thing: Any) -> Written:
        """A value that says its own kind."""
        if isinstance(thing, _FUNCTIONS):
            thing = thing.function
        if not isinstance(thing, Frozen):
            return self._function(thing)
        fields, kind = self.fields(thing), kind_of(type(thing))
        return {kind: fields} if fields else kind

    def fields(self, thing: Frozen) -> dict[str, Written]:
        """The fields that are not at their default."""
        said: dict[str, Written] = {}
        for name, info in type(thing).model_fields.items():
            value = getattr(thing, name)
            default = info.get_default(call_default_factory=True)
            if info.is_required() or value != default or type(value) is not type(default):
                said[name] = self.value(value, info.annotation)
        return said

    def value(self, value: Any, annotation: Any) -> Written:
        """A field's value; one whose class the field declares does not say its kind."""
        if isinstance(value, Frozen):
            return self._frozen(value, annotation)
        if isinstance(value, Mapping):
            inner = inside(annotation, dict, 1)
            return {str(key): self.value(each, inner) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if isinstance(value, tuple | list) and not isinstance(value, _FUNCTIONS):
            inner = inside(annotation, tuple, 0)
            return [self.value(each, inner) for each in value]  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, frozenset | set):
            return sorted(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if value is None or isinstance(value, bool | int | float | str):
            return value
        said = self.named(value)
        # Where a text may stand as well, a function says that it is one.
        return {"function": {"name": said}} if self._text(said, annotation) else said

    @staticmethod
    def _text(said: Written, annotation: Any) -> bool:
        return isinstance(said, str) and str in choices(annotation)

    def _frozen(self, value: Frozen, annotation: Any) -> Written:
        if declared(annotation) is not type(value):
            return self.named(value)
        fields = self.fields(value)
        short = set(fields) == {"name"} and hasattr(type(value), "of")
        return fields["name"] if short else fields

    def _function(self, thing: Any) -> Written:
        said: dict[str, Any] = description(thing)
        if said.get("kind") != "function":
            raise TypeError(f"{thing!r} cannot be written down: make it a named function")
        if not self.pinned:
            if "<" in said["name"] or said["name"].startswith("__main__:"):
                raise TypeError(
                    f"{said['name']} cannot be imported: it is inside a function or a script"
                )
            return said["name"]
        return {"function": {key: said[key] for key in ("name", "sha256") if key in said}}


def kind_of(cls: Callable[..., Any]) -> str:
    """How a class is named: the library's by kind, others by module and name."""
    if cls.__module__.startswith("folkmoot.protocols"):
        return kebab(cls.__name__)
    return f"{cls.__module__}:{cls.__qualname__}"


def declared(annotation: Any) -> type[Frozen] | None:
    """The one class of frozen values that a field's annotation allows; None if it leaves it open."""
    classes = [each for each in choices(annotation) if each is not type(None)]
    frozen = [each for each in classes if isinstance(each, type) and issubclass(each, Frozen)]
    return frozen[0] if len(frozen) == 1 and len(classes) == 1 else None


def inside(annotation: Any, kind: type, place: int) -> Any:
    """What an annotation says about the values in a tuple, list or mapping; Any where it does not."""
    for each in choices(annotation):
        origin = get_origin(each)
        wanted = (dict, Mapping) if kind is dict else (tuple, list, Sequence)
        if origin in wanted or (isinstance(origin, type) and issubclass(origin, wanted)):
            said = get_args(each)
            return said[place] if place < len(said) else Any
    return Any


def choices(annotation: Any) -> tuple[Any, ...]:
    """The members of a union; an annotation alone is its only one."""
    if get_origin(annotation) in (Union, UnionType):
        return tuple(each for arg in get_args(annotation) for each in choices(arg))
    if hasattr(annotation, "__metadata__"):
        return choices(annotation.__origin__)
    return (annotation,)
