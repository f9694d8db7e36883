"""What a part of a protocol is, as JSON: the same for equal parts, on every machine and run."""

import hashlib
import inspect
from collections.abc import Callable
from typing import Any

from folkmoot.protocols.condition import FunctionCondition, Look
from folkmoot.protocols.filters.filter import FunctionFilter
from folkmoot.protocols.stage import FunctionStage
from folkmoot.records.base import Frozen


def description(thing: Any) -> Any:
    """A stage, a condition or a value of theirs as JSON.

    A frozen value is its kind and all its fields; a function its name, and a digest of its source
    where there is one, since a record has to tell when it was changed.

    Raises:
        TypeError: it is neither; a plain object has no description that lasts.
    """
    match thing:
        case Look():
            return {"kind": "check", "condition": description(thing.condition)}
        case FunctionStage() | FunctionCondition() | FunctionFilter():
            return _function(thing.function)
        case Frozen():
            fields = {name: description(value) for name, value in thing}
            return {"kind": type(thing).__name__, **fields}
        case dict():
            return {str(key): description(value) for key, value in thing.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case tuple() | list():
            return [description(each) for each in thing]  # pyright: ignore[reportUnknownVariableType]
        case frozenset() | set():
            return sorted(description(each) for each in thing)  # pyright: ignore[reportUnknownVariableType]
        case None | bool() | int() | float() | str():
            return thing
        case _ if callable(thing) and hasattr(thing, "__qualname__"):
            return _function(thing)
        case _:
            raise TypeError(
                f"{thing!r} has no description: make it a frozen value or a named function"
            )


def _function(function: Callable[..., Any]) -> dict[str, str]:
    found = {"kind": "function", "name": f"{function.__module__}:{function.__qualname__}"}
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return found  # typed in by hand, or compiled
    return {**found, "sha256": hashlib.sha256(source.encode()).hexdigest()}
