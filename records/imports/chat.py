"""A plain transcript: JSON Lines, a JSON list or CSV, a message each, as other frameworks write them out."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from folkmoot.records.canonical import digest, scrub
from folkmoot.records.errors import InputError, RecordError
from folkmoot.records.files import read_plain
from folkmoot.records.imports.dialogue import Dialogue, Said, folder_name, unusable
from folkmoot.records.opening import Imported

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "speaker": ("speaker", "name", "agent", "author", "role"),
    "text": ("text", "content", "message"),
    "round": ("round",),
    "position": ("position", "stance"),
    "replies_to": ("replies_to", "reply_to"),
    "id": ("id",),
    "model": ("model",),
    "question": ("question", "topic"),
    "dialogue": ("dialogue", "conversation", "session"),
}
"""What a message may say → the fields that may say it, the first that is there counts. `role` is who speaks
only where nothing else says so."""


class _Row(NamedTuple):
    """A message of the file."""

    where: str
    fields: dict[str, Any]
    """Of `NAMES`, those that it has."""


def read_chat(file: Path) -> tuple[Dialogue, ...]:
    """The dialogues of a plain transcript, in the order in which they begin.

    `.csv` is read as CSV with a header; `.json` as a list of messages, or an object whose `messages` is one;
    anything else as JSON Lines. Rows with another `dialogue` are another dialogue. Fields that are not in
    `NAMES` are passed over, and counted.

    Args:
        file: the file.

    Raises:
        InputError: it is no such file; the message names the line.
        RecordError: it cannot be read.
    """
    raw = _read(file)
    passed: Counter[str] = Counter()
    found: dict[str | None, list[_Row]] = {}
    for where, row in _rows(file, raw):
        fields = _known(row, passed)
        part = fields.get("dialogue")
        found.setdefault(None if part is None else _text(part), []).append(_Row(where, fields))
    if not found:
        raise InputError(f"{file.name}: there is no message in it", "a message is a line")
    sha256, first = digest(raw), True
    dialogues: list[Dialogue] = []
    for part, rows in found.items():
        dialogues.append(_dialogue(file, sha256, part, rows, dict(passed) if first else {}))
        first = False
    return tuple(dialogues)


def _read(file: Path) -> bytes:
    try:
        return read_plain(file)
    except OSError as error:
        raise RecordError(f"cannot read {str(file)!r}: {error.strerror}") from error


def _rows(file: Path, raw: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unusable(file.name, f"not UTF-8 at byte {error.start}", "save it as UTF-8") from error
    if file.suffix.lower() == ".csv":
        yield from _csv(file, text)
        return
    if file.suffix.lower() == ".json":
        whole = _json(file.name, text)
        messages = (
            cast("dict[str, Any]", whole).get("messages") if isinstance(whole, dict) else whole
        )
        if not isinstance(messages, list):
            raise unusable(file.name, "neither a list of messages nor an object with `messages`")
        rows = (
            (f"{file.name}, message {n}", row)
            for n, row in enumerate(cast("list[Any]", messages), 1)
        )
    else:
        # Not `splitlines`: a JSON text may hold other line breaks, such as U+2028, as they are.
        lines = enumerate(text.split("\n"), 1)
        rows = (
            (f"{file.name}, line {n}", _json(f"{file.name}, line {n}", line))
            for n, line in lines
            if line.strip()
        )
    for where, row in rows:
        if not isinstance(row, dict):
            raise unusable(where, "no JSON object", 'a message is {"speaker": …, "text": …}')
        yield where, cast("dict[str, Any]", row)


def _csv(file: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            where = f"{file.name}, line {reader.line_num}"
            if None in row or None in row.values():
                raise unusable(where, "has another number of columns than the header")
            yield where, {name: value for name, value in row.items() if value != ""}
    except csv.Error as error:
        raise unusable(f"{file.name}, line {reader.line_num}", str(error)) from error


def _json(where: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unusable(where, f"not JSON ({error})", "one JSON object a line") from error


def _known(row: Mapping[str, Any], passed: Counter[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    used: set[str] = set()
    for meaning, names in NAMES.items():
        name = next((each for each in names if row.get(each) is not None), None)
        if name is not None:
            found[meaning] = row[name]
            used.add(name)
    passed.update(name for name in row if name not in used and row[name] is not None)
    return found


def _dialogue(
    file: Path, sha256: str, part: str | None, rows: list[_Row], passed: dict[str, int]
) -> Dialogue:
    ids = _ids(rows)
    said: list[Said] = []
    for number, row in enumerate(rows, 1):
        said.append(_said(row, number, ids))
        before = said[-2].round if number > 1 else said[-1].round
        now = said[-1].round
        if (now is None) != (before is None):
            raise unusable(row.where, "some messages name a round and others none")
        if now is not None and before is not None and now < before:
            raise unusable(row.where, f"round {now} after round {before}", "sort the messages")
    questions = dict.fromkeys(
        _text(row.fields["question"]) for row in rows if "question" in row.fields
    )
    if len(questions) > 1:
        raise unusable(
            file.name,
            f"{len(questions)} questions in one dialogue",
            "name the dialogue of each message in a field `dialogue`",
        )
    return Dialogue(
        name=folder_name(file.stem, part),
        question=next(iter(questions), None),
        said=tuple(said),
        origin=Imported(form="chat", source=scrub(file.name), sha256=sha256, part=part),
        passed_over=passed,
    )


def _ids(rows: list[_Row]) -> dict[str, int]:
    """The messages by their id; by their number where they have none."""
    found: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        name = str(row.fields.get("id", number))
        if name in found:
            raise unusable(row.where, f"two messages have the id {name!r}")
        found[name] = number
    return found


def _said(row: _Row, number: int, ids: Mapping[str, int]) -> Said:
    fields = row.fields
    for needed in ("speaker", "text"):
        if needed not in fields:
            if needed == "text" and "speaker" in fields:
                fields = {**fields, "text": ""}  # an empty message is one
                continue
            raise unusable(
                row.where, f"no {needed}", f"it may be called {', '.join(NAMES[needed])}"
            )
    speaker = _text(fields["speaker"]).strip()
    if not speaker:
        raise unusable(row.where, "the speaker has no name")
    return Said(
        speaker=speaker,
        text=_content(row.where, fields["text"]),
        round=_round(row.where, fields.get("round")),
        position=_text(fields["position"]) if "position" in fields else None,
        replies_to=_replies(row, number, ids),
        model=_text(fields["model"]) if "model" in fields else None,
    )


def _text(given: Any) -> str:
    return scrub(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))


def _content(where: str, given: Any) -> str:
    """A text; or the texts of a list of parts, as chat interfaces have them."""
    if isinstance(given, str):
        return scrub(given)
    parts: list[str] = []
    for part in cast("list[Any]", given) if isinstance(given, list) else [None]:
        text = cast("dict[str, Any]", part).get("text") if isinstance(part, dict) else part
        if not isinstance(text, str):
            raise unusable(where, "the text is neither a text nor a list of texts")
        parts.append(text)
    return scrub("\n".join(parts))


def _round(where: str, given: Any) -> int | None:
    if given is None:
        return None
    try:
        round = int(given) if isinstance(given, str | int) and not isinstance(given, bool) else -1
    except ValueError:
        round = -1
    if not 0 <= round < 2**53:
        raise unusable(where, f"{given!r} is no round", "a round is a whole number from 0")
    return round


def _replies(row: _Row, number: int, ids: Mapping[str, int]) -> tuple[int, ...]:
    given = row.fields.get("replies_to")
    if given is None:
        return ()
    named = cast("list[Any]", given) if isinstance(given, list) else [given]
    found: list[int] = []
    for each in named:
        other = ids.get(str(each))
        if other is None or other >= number:
            raise unusable(row.where, f"answers {str(each)!r}, which is no message before it")
        found.append(other)
    return tuple(found)
