"""The filter contract: of the messages that a seat could hear, which it does not, and why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, cast, runtime_checkable

from pydantic import field_validator

from folkmoot.records import Transcript, Turn
from folkmoot.records.base import Frozen


class Kept(NamedTuple):
    """What a filter came to. What it does not name is shown as it was said."""

    held: Mapping[str, str] = {}
    """Id of a message that is not shown → why."""
    texts: Mapping[str, str] = {}
    """Id of a message that is shown otherwise → the text that is shown."""
    why: Mapping[str, str] = {}
    """Id of a message that is shown otherwise → why."""


@runtime_checkable
class Filter(Protocol):
    """A rule over the record. Frozen, like a stage: equal parameters make equal filters."""

    @property
    def name(self) -> str:
        """One word, or a few with hyphens."""
        ...

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """What of these messages the reader is not shown, or not as it was said.

        Args:
            seen: the record before the round, and every reply before the stage.
            reader: the seat that hears.
            messages: those that the topology and the history let through, oldest first; the
                reader's own are among them where it sees itself.
        """
        ...


class Everything(Frozen):
    """No filter: every message is shown."""

    name: str = "all"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """Nothing is held back."""
        return Kept()


class FunctionFilter(NamedTuple):
    """A plain function as a filter: it returns the messages to show, or a `Kept`."""

    function: Callable[[Transcript, str, Sequence[Turn]], Kept | Iterable[Turn]]

    @property
    def name(self) -> str:
        """The function's own."""
        return self.function.__name__

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """What the function does not return is held back, with its name as the reason."""
        found = self.function(seen, reader, messages)
        if isinstance(found, Kept):
            return found
        shown = {turn.id for turn in found}
        return Kept({turn.id: self.name for turn in messages if turn.id not in shown})


class Successive(Frozen, arbitrary_types_allowed=True):
    """Filters one after the other, each over what those before it let through."""

    filters: tuple[Filter, ...]
    name: str = "successive"

    @field_validator("filters", mode="before")
    @classmethod
    def _filters(cls, given: Any) -> Any:
        every = isinstance(given, list | tuple)
        return tuple(as_filter(each) for each in cast("list[Any]", given)) if every else given

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """What any of them holds back, or shows otherwise; a reason names its filter."""
        held: dict[str, str] = {}
        texts: dict[str, str] = {}
        why: dict[str, str] = {}
        left = list(messages)
        for each in self.filters:
            kept = each.keep(seen, reader, left)
            held |= {message: f"{each.name}: {reason}" for message, reason in kept.held.items()}
            texts |= kept.texts
            for message, reason in kept.why.items():
                said = f"{each.name}: {reason}"
                why[message] = f"{why[message]}; {said}" if message in why else said
            left = [
                turn.model_copy(update={"text": texts.get(turn.id, turn.text)})
                for turn in left
                if turn.id not in held
            ]
        return Kept(held, texts, why)


def as_filter(given: Any) -> Filter:
    """A filter, from one, from several in a list, or from a named function; None is no filter.

    Raises:
        TypeError: it is none of these.
    """
    if given is None:
        return Everything()
    if isinstance(given, Filter):
        return given
    if isinstance(given, list | tuple):
        return Successive(filters=tuple(as_filter(each) for each in cast("list[Any]", given)))
    if callable(given) and hasattr(given, "__name__"):
        return FunctionFilter(cast(Any, given))
    raise TypeError(f"{given!r} is no filter: give one, a list, or a named function")
