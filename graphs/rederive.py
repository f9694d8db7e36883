"""Working a record out again: the same protocol over the same replies must come to the same records.

An audit holds what is on record against the invariants. Here the whole run is done once more, from the opening
and the replies alone, and every act, stance, message, conflict and settlement is compared: whatever was put in,
taken out or reworded after the run shows, unless the replies were forged with it.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from folkmoot.graphs.build import Graph, build
from folkmoot.graphs.conduct import Conduct
from folkmoot.graphs.files import rebuilt
from folkmoot.graphs.run import held, put, versions, walk
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation, Setting, reference
from folkmoot.records import (
    Call,
    InputError,
    Journal,
    JournalError,
    JournalView,
    Opening,
    Record,
    RecordError,
    Reply,
    read_journal,
)
from folkmoot.records.transcript import key

_OWN = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
"""`module:name`, which stands in a protocol for code of somebody's own."""


class NotRederived(RecordError):
    """A record that cannot be worked out again here; this says nothing against it."""


class WorkedOut(NamedTuple):
    """What the replies of a record come to."""

    records: tuple[Record, ...]
    """All of them, the replies among them."""
    stopped: str = ""
    """Why the run could not be done to its end; "" where it could."""


async def rederive(record: str | Path, *, own_code: bool = False) -> tuple[str, ...]:
    """Do a run again from its opening and its replies, without a model, and compare.

    Of a run that was stopped, what it had come to.

    Args:
        record: its folder.
        own_code: import what the record's protocol names as `module:name`. Code of whoever wrote the
            record is executed then.

    Returns:
        What stands in the record otherwise than the replies come to, a line each; nothing if all is so.

    Raises:
        NotRederived: its protocol is of another version of Folkmoot, cannot be found, or names code.
        RecordError: there is no such record, or its journal is broken.
    """
    view = read_journal(record)
    again = await worked_out(view, own_code=own_code)
    stopped = (again.stopped,) if again.stopped else ()
    return (*stopped, *_differences(view, again.records))


async def worked_out(view: JournalView, *, own_code: bool = False) -> WorkedOut:
    """All that the replies of a record come to, by its own protocol and without a model.

    Args:
        view: what its journal says.
        own_code: as for `rederive`.

    Raises:
        NotRederived: as for `rederive`.
    """
    opening = view.opening
    if view.redactions:
        raise NotRederived("text was taken out of it, so that its replies come to something else")
    protocol = protocol_on_record(opening, own_code=own_code)
    graph, pool = build(protocol, Setting.of(opening)), Pool.recorded(())
    models = tuple({call.model for call in view.calls})
    with (
        tempfile.TemporaryDirectory() as passing,
        Journal.create(Path(passing) / "again", opening) as journal,
    ):
        put(stored(view), journal)
        async with held(pool, models, None):
            stopped = await _run(graph, Conduct(journal, pool))
        return WorkedOut(journal.view().records, stopped)


def protocol_on_record(opening: Opening, *, own_code: bool = False) -> Deliberation:
    """The protocol of a record, where this version of Folkmoot runs it as it was run.

    Raises:
        NotRederived: as for `rederive`.
    """
    if not own_code and (named := _own(opening.protocol.model_dump(mode="json"))):
        raise NotRederived(
            f"its protocol names code of somebody's own, {named}", "--own-code imports it"
        )
    try:
        protocol = rebuilt(opening.protocol)
        same = reference(protocol, Setting.of(opening)) == opening.protocol
    except InputError as fault:
        raise NotRederived(f"its protocol cannot be built: {fault.message}") from fault
    begun, here = opening.versions.get("folkmoot"), versions().get("folkmoot")
    if not same or begun != here:
        raise NotRederived(
            f"it was begun with Folkmoot {begun or 'of no known version'}, and this is {here}",
            "use the version that began it",
        )
    return protocol


def stored(view: JournalView) -> tuple[tuple[Call, Reply], ...]:
    """What was asked and answered, in the order of asking."""
    replies = view.replies
    return tuple((call, replies[call.id]) for call in view.calls if call.id in replies)


async def _run(graph: Graph, context: Conduct) -> str:
    """Run on what was answered, as far as that goes; a call without a reply is refused."""
    try:
        await walk(graph, context)
    except JournalError as fault:
        return fault.message
    return ""


def _differences(view: JournalView, again: Sequence[Record]) -> Iterator[str]:
    stands = {key(each): each for each in view.records if not isinstance(each, Reply)}
    comes = {key(each): each for each in again if not isinstance(each, Reply)}
    for place in sorted({*stands, *comes}):
        before, after = stands.get(place), comes.get(place)
        if before == after:
            continue
        what = _named(before or after)
        if before is None:
            if view.close is not None:
                yield f"{what} is missing: the replies come to it"
        elif after is None:
            yield f"{what} is on record, and the replies do not come to it"
        else:
            yield f"{what} is not what the replies come to: {_fields(before, after)}"


def _named(record: Any) -> str:
    known = getattr(record, "id", None) or getattr(record, "conflict", None) or record.step
    return f"the {record.record} {known}"


def _fields(before: Record, after: Record) -> str:
    was, now = before.model_dump(), after.model_dump()
    return ", ".join(name for name in was if was[name] != now.get(name))


def _own(given: Any) -> str | None:
    """The first name of somebody's own code in a protocol's parameters."""
    if isinstance(given, str):
        return given if _OWN.fullmatch(given) else None
    if isinstance(given, Mapping):
        inner = cast(Mapping[str, Any], given)
        given = [*inner.keys(), *inner.values()]
    if isinstance(given, list | tuple):
        return next((found for each in cast(Sequence[Any], given) if (found := _own(each))), None)
    return None
