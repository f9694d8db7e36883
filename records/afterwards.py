"""What was done to a journal after its run: lines from which text was taken, and the lines that say so.

Such a journal is of version journal/2. A line from which text was taken keeps its number, the hash before it
and its own hash, which nobody can take over it any more; a line of kind `redaction`, at the end of the chain,
has the digest of each as it stands now. So the place of the line is held as before, and what stands in it is
held from the redaction on.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from folkmoot.records.canonical import digest
from folkmoot.records.chain import Line
from folkmoot.records.errors import JournalError
from folkmoot.records.lines import Migration, Redaction
from folkmoot.records.opening import JOURNAL_SCHEMA, LATER_SCHEMA

MASK: Final = "\u2588"
"""What stands in the place of each codepoint that was taken out; line breaks stay."""

AFTER: Final = ("redaction", "migration")
"""Kinds of lines that stand after all others."""

REDACTABLE: Final = ("text", "call", "reply", "record")
"""Kinds of lines from which text can be taken."""

_DIGEST: Final = "/message_sha256"
_VECTOR: Final = "/vector"
"""The one field that is taken out as a whole. Were any other let go so, whoever changed a line could call it
redacted."""


class Afterwards:
    """The part of a reading that is about what was done after the run."""

    def __init__(self) -> None:
        self.redacted: dict[int, str] = {}
        """Line from which text was taken → the digest of its bytes."""
        self.redactions: list[Redaction] = []
        self.migrations: list[Migration] = []
        self._said: dict[int, str] = {}

    @property
    def begun(self) -> bool:
        """Whether anything was done after the run."""
        return bool(self.redactions or self.migrations)

    @property
    def lines(self) -> int:
        """How many lines say what was done."""
        return len(self.redactions) + len(self.migrations)

    @property
    def schema(self) -> str:
        """The version that the journal is of, by what stands in it."""
        return LATER_SCHEMA if self.begun or self.redacted else JOURNAL_SCHEMA

    def stands(self, line: Line, raw: bytes) -> None:
        """Hold that the line may stand there, and note it if text was taken from it.

        Raises:
            JournalError: it may not.
        """
        if self.begun and line.kind not in AFTER:
            raise JournalError(
                f"a line of kind {line.kind!r} after a redaction or migration", line.n
            )
        if not line.redacted:
            return
        if line.kind not in REDACTABLE:
            raise JournalError(f"a line of kind {line.kind!r} is never redacted", line.n)
        for pointer in line.redacted:
            if not _taken(line.data, pointer):
                raise JournalError(f"redacted at {pointer!r}, and nothing is gone there", line.n)
        self.redacted[line.n] = digest(raw)

    def redaction(self, n: int, redaction: Redaction) -> None:
        """Take the line that says what was taken.

        Raises:
            JournalError: it names a line that is none of those, or none at all.
        """
        named = [each.n for each in redaction.lines]
        if not named or named != sorted(set(named)) or not self.redacted.keys() >= set(named):
            raise JournalError("names other lines than those from which text was taken", n)
        self.redactions.append(redaction)
        self._said |= {each.n: each.sha256 for each in redaction.lines}

    def migration(self, n: int, migration: Migration, prev: str) -> None:
        """Take the line that says where the journal came from.

        Raises:
            JournalError: it does not say so of the lines before it.
        """
        if (migration.head, migration.lines) != (prev, n - 1):
            raise JournalError("names another journal than the lines before it", n)
        # A line above may have been redacted since: what counts is what was said before this line.
        schema = LATER_SCHEMA if self.begun else JOURNAL_SCHEMA
        if (migration.from_schema, migration.to_schema) != (schema, LATER_SCHEMA):
            raise JournalError("names other versions than those before and after it", n)
        self.migrations.append(migration)

    def finish(self) -> None:
        """Hold that a redaction stands for every line from which text was taken.

        Raises:
            JournalError: one was changed without, or since.
        """
        for n, found in self.redacted.items():
            if self._said.get(n) != found:
                raise JournalError("redacted otherwise than a redaction at the end says", n)


def _taken(data: Any, pointer: str) -> bool:
    """Whether a JSON pointer names a string with something masked, the digest of a message that had
    something masked, or a vector that is not there."""
    if not pointer.startswith("/"):
        return False
    found: Any = data
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            inner = cast(Mapping[str, Any], found)
            if name not in inner:
                return pointer == _VECTOR
            found = inner[name]
        elif isinstance(found, list):
            items = cast(list[Any], found)
            if not (name.isascii() and name.isdigit()) or int(name) >= len(items):
                return False
            found = items[int(name)]
        else:
            return False
    return isinstance(found, str) and (MASK in found or pointer.endswith(_DIGEST))
