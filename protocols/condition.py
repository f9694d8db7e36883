"""Conditions: what ends a repetition, and which way a branch goes. Each look is put on record."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, runtime_checkable

from folkmoot.records import Call, Check, Record, Reply, Transcript
from folkmoot.records.base import Frozen


class Finding(NamedTuple):
    """What a condition found."""

    holds: bool
    value: float | None = None
    """The figure that it looks at; None where it looks at none."""
    bar: float | None = None
    """What the figure is held against."""
    says: str = ""
    """In words."""


@runtime_checkable
class Condition(Protocol):
    """Something that holds or does not, as far as the record goes. Frozen, like a stage."""

    @property
    def name(self) -> str:
        """One word, or a few with hyphens."""
        ...

    def look(self, seen: Transcript) -> Finding:
        """Whether it holds, and at what value."""
        ...


class FunctionCondition(NamedTuple):
    """A plain function as a condition."""

    function: Callable[[Transcript], "Finding | bool"]

    @property
    def name(self) -> str:
        """The function's own."""
        return self.function.__name__

    def look(self, seen: Transcript) -> Finding:
        """What the function returns; a bare truth value has no figure.

        Raises:
            TypeError: it returned neither a `Finding` nor a truth value.
        """
        found: Any = self.function(seen)
        if isinstance(found, Finding):
            return found
        if isinstance(found, bool):
            return Finding(found)
        raise TypeError(
            f"the condition {self.name!r} returned {found!r}: return True, False or a Finding"
        )


def as_condition(given: Condition | Callable[[Transcript], "Finding | bool"]) -> Condition:
    """A condition, from one or from a plain function of the transcript.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(given, Condition):
        return given
    if callable(given) and hasattr(given, "__name__"):
        return FunctionCondition(given)
    raise TypeError(f"{given!r} is no condition: give one, or a named function of the transcript")


class Look(Frozen, arbitrary_types_allowed=True):
    """The stage that looks at a condition and puts on record what it found. It asks nobody."""

    condition: Condition
    name: str = "check"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: a condition is a rule over the record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The check."""
        found = self.condition.look(seen)
        return (
            Check(
                step=seen.place.step,
                order=0,
                round=seen.place.round,
                rule=self.condition.name,
                holds=found.holds,
                value=None if found.value is None else round(found.value, 6),
                bar=found.bar,
                says=found.says,
            ),
        )
