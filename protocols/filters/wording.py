"""Filters that show a message otherwise than it was said. On record it stays as it was said."""

import re
from collections.abc import Sequence

from pydantic import Field

from folkmoot.protocols.filters.filter import Kept
from folkmoot.records import Transcript, Turn
from folkmoot.records.base import Frozen

_SOMEBODY, _MORE = "a seat", " […]"


class Anonymise(Frozen):
    """Names of seats in a text are shown as "a seat", whole words only, whatever their case."""

    name: str = "anonymise"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """Nothing is held back; texts that name a seat are shown without the name."""
        # The longest first: one name may be a part of another.
        names = sorted(seen.whole.opening.seats, key=len, reverse=True)
        named = re.compile(
            rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in names)})(?!\w)", re.IGNORECASE
        )
        texts = {turn.id: named.sub(_SOMEBODY, turn.text) for turn in messages}
        changed = {turn.id for turn in messages if texts[turn.id] != turn.text}
        return Kept(
            texts={each: texts[each] for each in changed},
            why=dict.fromkeys(changed, "names of seats are not shown"),
        )


class Truncate(Frozen):
    """A long text is shown up to the last blank before so many characters, and "[…]"."""

    characters: int = Field(default=280, ge=1)
    name: str = "truncate"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """Nothing is held back; long texts are shown in part."""
        long = [turn for turn in messages if len(turn.text) > self.characters]
        return Kept(
            texts={turn.id: self._cut(turn.text) for turn in long},
            why={turn.id: f"{self.characters} of {len(turn.text)} characters" for turn in long},
        )

    def _cut(self, text: str) -> str:
        part = text[: self.characters]
        if not text[self.characters].isspace() and re.search(r"\s", part.strip()):
            part = re.split(r"\s+\S*$", part)[0]
        return part.rstrip() + _MORE
