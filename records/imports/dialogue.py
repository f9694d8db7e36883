"""A dialogue that was held elsewhere, as any file of it reads: who said what, and what is known beside."""

import re
from collections.abc import Sequence

from pydantic import Field

from folkmoot.records.base import Frozen
from folkmoot.records.calls import Usage
from folkmoot.records.errors import InputError
from folkmoot.records.opening import Imported

UNKNOWN = "imported"
"""The model of a seat of which no model is known: it may be a person."""


class Said(Frozen):
    """A message."""

    speaker: str
    text: str
    round: int | None = None
    position: str | None = None
    """The option that it argues for."""
    replies_to: tuple[int, ...] = ()
    """The messages that it answers, counted from 1."""
    model: str | None = None
    usage: Usage | None = None


class Dialogue(Frozen):
    """A dialogue: it becomes one record."""

    name: str
    """Of the record: the name of a folder."""
    question: str | None = None
    options: tuple[str, ...] | None = None
    said: tuple[Said, ...]
    origin: Imported
    passed_over: dict[str, int] = Field(default_factory=dict)
    """What there was beside, of which a record says nothing: what it was → how often."""

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who speaks, in the order in which they first do."""
        return tuple(dict.fromkeys(each.speaker for each in self.said))


def folder_name(*parts: str | None) -> str:
    """A name for a folder, out of names of anything."""
    words = (re.sub(r"[^\w.-]+", "-", part).strip("-.") for part in parts if part)
    return "-".join(word for word in words if word)[:120] or "imported"


def rounds(speakers: Sequence[str]) -> tuple[int, ...]:
    """The rounds of messages of which none names one: a new one begins where somebody who has spoken in a
    round speaks again."""
    found: list[int] = []
    now = 0
    spoken: set[str] = set()
    for speaker in speakers:
        if speaker in spoken:
            now += 1
            spoken.clear()
        spoken.add(speaker)
        found.append(now)
    return tuple(found)


def unusable(where: str, what: str, hint: str = "") -> InputError:
    """The error of a file that is no dialogue: where, what, what to do."""
    return InputError(f"{where}: {what}", hint)
