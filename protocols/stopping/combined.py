"""Conditions out of conditions: any of them, all of them, not it."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import Field, field_validator

from folkmoot.protocols.condition import Condition, Finding, as_condition
from folkmoot.records import Transcript
from folkmoot.records.base import Frozen


class _Several(Frozen, arbitrary_types_allowed=True):
    of: tuple[Condition, ...] = Field(min_length=1)
    """The conditions; plain functions of the transcript may be among them."""

    @field_validator("of", mode="before")
    @classmethod
    def _conditions(cls, given: Sequence[Any]) -> tuple[Condition, ...]:
        return tuple(as_condition(each) for each in given)


class AnyOf(_Several):
    """One of them holds. All are looked at, and what each found is on record; the figure and the bar
    are those of the first that holds."""

    name: str = "any-of"

    def look(self, seen: Transcript) -> Finding:
        """Whether one of them holds, which, and at what value."""
        found = [(each.name, each.look(seen)) for each in self.of]
        first = next((finding for _, finding in found if finding.holds), None)
        if first is None:
            return Finding(False, says=_say(found))
        return Finding(True, first.value, first.bar, _say(found))


class AllOf(_Several):
    """All of them hold. The figure and the bar are those of the first that does not."""

    name: str = "all-of"

    def look(self, seen: Transcript) -> Finding:
        """Whether all hold, and which does not, at what value."""
        found = [(each.name, each.look(seen)) for each in self.of]
        missing = next((finding for _, finding in found if not finding.holds), None)
        if missing is None:
            return Finding(True, says=_say(found))
        return Finding(False, missing.value, missing.bar, _say(found))


class Not(Frozen, arbitrary_types_allowed=True):
    """It does not hold. What cannot be told does not hold either, so that its opposite does."""

    of: Condition
    name: str = "not"

    @field_validator("of", mode="before")
    @classmethod
    def _condition(cls, given: Condition | Callable[[Transcript], Finding | bool]) -> Condition:
        return as_condition(given)

    def look(self, seen: Transcript) -> Finding:
        """The opposite, at the same value."""
        found = self.of.look(seen)
        return Finding(not found.holds, found.value, found.bar, _say([(self.of.name, found)]))


def _say(found: Sequence[tuple[str, Finding]]) -> str:
    return "; ".join(map(_one, found))


def _one(named: tuple[str, Finding]) -> str:
    name, finding = named
    parts = [f"{name} {'holds' if finding.holds else 'does not hold'}"]
    if finding.value is not None:
        against = "" if finding.bar is None else f" against {finding.bar:g}"
        parts.append(f"at {finding.value:g}{against}")
    return " ".join(parts) + (f" ({finding.says})" if finding.says else "")
