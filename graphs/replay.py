"""Replay: everything derived of a record, built once more and compared byte by byte.

Two derivations stand behind a record: its replies come to its records (`rederive`), and its journal comes to
its derived files (`records.outcome`). Both are done again here, and each part is said to be the same, or
where it is not: which file, which place in it (a JSON pointer, RFC 6901). Nothing is written.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from folkmoot.graphs.branch import Untrue, against_trunk, trunk_beside
from folkmoot.graphs.rederive import NotRederived, WorkedOut, worked_out
from folkmoot.records import (
    JournalError,
    JournalView,
    Record,
    RecordError,
    Reply,
    outcome_of,
    read_journal,
)
from folkmoot.records.base import Frozen
from folkmoot.records.chain import HEAD_FILE, JOURNAL_FILE
from folkmoot.records.files import read_plain
from folkmoot.records.pointers import ABSENT, Place, differences
from folkmoot.records.transcript import Key, key

State = Literal["same", "differs", "missing", "not rebuilt"]
"""missing: it is not there, and would be. not rebuilt: it cannot be built here, which says nothing against
it; `why` says why."""

PLACES = 20
"""Differences of one part that are told, of which there may be thousands."""

_CLIPPED = 200
"""Characters of a value that is told."""


class At(Frozen):
    """A place at which a part differs."""

    pointer: str
    """A JSON pointer into the file; into `transcript.json` for a record."""
    found: str | None = None
    """What is there, as JSON; None where nothing is."""
    rebuilt: str | None = None
    """What comes of building it again."""


class Part(Frozen):
    """A part of a record, built again."""

    part: str
    """The name of the file; `records` for what replies came to, `trunk` for a branch against its trunk."""
    state: State
    why: str = ""
    line: int | None = None
    """Of the journal, where it is broken at one."""
    places: tuple[At, ...] = ()
    """The first of them."""
    more: int = 0
    """How many places there are beyond these."""


class Replayed(Frozen):
    """A record, built again."""

    record: str
    run_id: str | None = None
    lines: int | None = None
    head: str | None = None
    """The hash of the last line; None where the journal cannot be read."""
    status: Literal["complete", "unfinished"] | None = None
    parts: tuple[Part, ...]

    @property
    def same(self) -> bool:
        """Whether nothing that could be built again differs or is missing."""
        return all(part.state in ("same", "not rebuilt") for part in self.parts)


async def replay(
    record: str | Path, *, own_code: bool = False, trunk: str | Path | None = None
) -> Replayed:
    """Build everything derived of a record again, and compare.

    Args:
        record: its folder.
        own_code: import what the record's protocol names as `module:name`. Code of whoever wrote the
            record is executed then.
        trunk: of a branch, the record that it branches from; None: the folder of that name beside it, if
            there is one.

    Raises:
        RecordError: there is no record, or it cannot be opened.
    """
    folder = Path(record)
    try:
        view = read_journal(folder)
    except JournalError as fault:
        broken = Part(part=JOURNAL_FILE, state="differs", why=fault.message, line=fault.line)
        return Replayed(record=str(record), parts=(broken,))
    outcome = outcome_of(view)
    parts = [_journal(view), _head(view), await _records(view, own_code)]
    parts += [_file(folder, *each, view) for each in outcome.derived().items()]
    parts += _of_branch(folder, view, trunk)
    return Replayed(
        record=str(record),
        run_id=view.opening.run_id,
        lines=view.lines,
        head=view.head,
        status=view.close.status if view.close else "unfinished",
        parts=tuple(parts),
    )


def _journal(view: JournalView) -> Part:
    """Every line was put together again from what it says, when it was read."""
    if not view.torn:
        return Part(part=JOURNAL_FILE, state="same")
    why = f"{view.torn} bytes follow the last whole line"
    return Part(part=JOURNAL_FILE, state="differs", why=why, line=view.lines + 1)


def _head(view: JournalView) -> Part:
    if view.head_fault is None:
        return Part(part=HEAD_FILE, state="same")
    return Part(part=HEAD_FILE, state="differs", why=view.head_fault)


async def _records(view: JournalView, own_code: bool) -> Part:
    try:
        again = await worked_out(view, own_code=own_code)
    except NotRederived as why:
        said = f"{why.message}; {why.hint}" if why.hint else why.message
        return Part(part="records", state="not rebuilt", why=said)
    return _part("records", _between(view, again), again.stopped)


def _between(view: JournalView, again: WorkedOut) -> Iterator[Place]:
    """Where the records are not what the replies come to, as pointers into the transcript."""
    comes = {key(each): each for each in again.records if not isinstance(each, Reply)}
    known: set[Key] = set()
    for at, each in enumerate(view.records):
        if isinstance(each, Reply):
            continue
        known.add(key(each))
        pointer, now = f"/records/{at}", comes.get(key(each))
        if now is None:
            yield Place(pointer, each.plain(), ABSENT)
            continue
        for place in differences(each.plain(), now.plain()):
            yield place._replace(pointer=f"{pointer}{place.pointer}")
    if view.close is not None:
        yield from _beyond(view.records, comes, known)


def _beyond(
    stand: Sequence[Record], comes: Mapping[Key, Record], known: set[Key]
) -> Iterator[Place]:
    """What the replies come to and is not on record, where it would stand."""
    keys = [key(each) for each in stand]
    for place in sorted(set(comes) - known):
        yield Place(f"/records/{bisect_left(keys, place)}", ABSENT, comes[place].plain())


def _file(folder: Path, name: str, expected: bytes, view: JournalView) -> Part:
    try:
        found = read_plain(folder / name)
    except FileNotFoundError:
        if view.close is None:
            return Part(part=name, state="not rebuilt", why="it is written when the run ends")
        return Part(part=name, state="missing", why="resume the record to derive it again")
    except OSError as error:
        raise RecordError(f"cannot read {name} in {str(folder)!r}: {error.strerror}") from error
    if found == expected:
        return Part(part=name, state="same")
    at = next(
        (n for n, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b),
        min(len(found), len(expected)),
    )
    why = f"{len(found)} bytes, {len(expected)} rebuilt; the first that differs is byte {at}"
    try:
        places = differences(json.loads(found), json.loads(expected))
        return _part(name, places, why)
    except (ValueError, RecursionError):
        return Part(part=name, state="differs", why=f"{why}; it is not JSON")


def _part(name: str, places: Iterator[Place], why: str = "") -> Part:
    """A part with the first of its differences; the same where there is none, and no other fault."""
    told = [
        At(pointer=place.pointer, found=_clip(place.first), rebuilt=_clip(place.second))
        for place in islice(places, PLACES)
    ]
    more = sum(1 for _ in places)
    state: State = "differs" if told or why else "same"
    return Part(part=name, state=state, why=why, places=tuple(told), more=more)


def _of_branch(folder: Path, view: JournalView, trunk: str | Path | None) -> list[Part]:
    if view.opening.branch_of is None:
        return []
    at = trunk_beside(folder, view) if trunk is None else Path(trunk)
    if at is None:
        named = view.opening.branch_of.run_id
        why = f"the record that it branches from, {named!r}, is not beside it"
        return [Part(part="trunk", state="not rebuilt", why=why)]
    try:
        other = read_journal(at)
        if view.redactions or other.redactions:
            why = "text was taken out of it, or of its trunk: what they share cannot be compared"
            return [Part(part="trunk", state="not rebuilt", why=why)]
        against_trunk(view, other)
    except (Untrue, JournalError) as fault:
        return [Part(part="trunk", state="differs", why=fault.message)]
    return [Part(part="trunk", state="same")]


def _clip(value: Any) -> str | None:
    if value is ABSENT:
        return None
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= _CLIPPED else said[: _CLIPPED - 1] + "…"
