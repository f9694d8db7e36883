"""Branches: another writer concludes from what stands in a record, as a record of its own.

    outcome = await resynthesize("runs/one", "smollm2", Pool.embedded())

The branch shares every reply of its trunk up to the conclusion, which alone is asked anew; its opening names
the trunk and the hash of the last line of its run (`branch_of`). So it is a record like any other, which is
verified by itself; and where the trunk is at hand it can be held against that.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from folkmoot.graphs.build import build
from folkmoot.graphs.conduct import Watch
from folkmoot.graphs.rederive import NotRederived, protocol_on_record, rederive, stored
from folkmoot.graphs.run import conduct, held, require_same, versions
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation, Setting, log_of, reference, seen_by, unroll, with_log
from folkmoot.protocols.write import NAMED_WRITER, WRITE, WRITER, Write
from folkmoot.records import (
    Beside,
    Call,
    InputError,
    JournalView,
    ModelRef,
    Opening,
    Outcome,
    RecordError,
    read_journal,
)
from folkmoot.records.chain import JOURNAL_FILE

_SHARED = ("question", "options", "of_values", "seed", "parties", "shadow_of", "imported")
"""What of its opening a branch has from its trunk."""

_WEAKEST_FIRST = ("none", "statistical", "exact")


class Untrue(RecordError):
    """A branch that is not what it says of its trunk."""


async def resynthesize(
    record: str | Path,
    writer: str,
    pool: Pool,
    *,
    to: str | Path | None = None,
    watch: Watch | None = None,
    own_code: bool = False,
) -> Outcome:
    """Have another model write the answer of a run. Nothing but that is asked; the record stays as it is.

    Args:
        record: the folder of a run that has ended.
        writer: the model that writes, as the pool knows it.
        pool: what answers.
        to: where the folder of the branch is made; None: beside the record.
        watch: hears every event.
        own_code: import what the record's protocol names as `module:name`.

    Raises:
        InputError: the run has not ended, has no conclusion that a model could write, or has a seat that is
            named as the writer; or the writer's context is too small.
        RecordError: there is no record, it is broken, or what stands in it is not what its replies come to.
            `NotRederived`: that cannot be told here.
    """
    view = read_journal(record)
    if view.close is None:
        raise InputError(f"the run {str(record)!r} has not ended", "resume it first")
    protocol = _written(view.opening, writer, own_code)
    if differing := await rederive(record, own_code=own_code):
        raise RecordError(
            f"what stands in {str(record)!r} is not what its replies come to: {differing[0]}",
            "folkmoot replay says where; there is no branch of it",
        )
    folder = Path(record).parent if to is None else Path(to)
    async with held(pool, (writer,), watch):
        await _require_room(protocol, view, pool)
        require_same(view.opening.models, pool.references((writer,)))
        opening = _opening(view, protocol, writer, pool)
        graph = build(protocol, Setting.of(opening))
        kept = (each for each in stored(view) if not _writes(each[0]))
        return await conduct(graph, opening, pool, folder, watch, stored=kept)


def against_trunk(branch: JournalView, trunk: JournalView) -> None:
    """Hold that a branch is of this trunk, and that all which it shares stands there, word for word.

    Raises:
        Untrue: it is not; the message says in what.
    """
    named = branch.opening.branch_of
    if named is None:
        raise Untrue("it is no branch of another record")
    if (named.run_id, named.head) != (trunk.opening.run_id, trunk.run_head):
        raise Untrue(
            f"it names {named.run_id!r} at {named.head[:16]}…, and this is "
            f"{trunk.opening.run_id!r} at {trunk.run_head[:16]}…"
        )
    for field in _SHARED:
        if getattr(branch.opening, field) != getattr(trunk.opening, field):
            raise Untrue(f"its {field} is not that of its trunk")
    if _before_writing(branch.opening) != _before_writing(trunk.opening):
        raise Untrue("its protocol is not that of its trunk with another writer")
    ours = {call.id: (call, reply) for call, reply in stored(branch) if not _writes(call)}
    theirs = {call.id: (call, reply) for call, reply in stored(trunk) if not _writes(call)}
    for name in dict.fromkeys((*ours, *theirs)):
        if name not in theirs:
            raise Untrue(f"the call {name} stands in it alone")
        if name not in ours:
            raise Untrue(f"the call {name} of its trunk is not in it")
        for what, mine, other in zip(("call", "reply to"), ours[name], theirs[name], strict=True):
            if mine != other:
                raise Untrue(f"its {what} {name} is not that of its trunk")


def trunk_beside(folder: Path, branch: JournalView) -> Path | None:
    """The folder beside a branch that bears the name of its trunk; None where there is none."""
    named = branch.opening.branch_of
    if named is None or Path(named.run_id).name != named.run_id or "\0" in named.run_id:
        return None
    beside = folder.resolve().parent / named.run_id
    return beside if (beside / JOURNAL_FILE).is_file() else None


def _written(opening: Opening, writer: str, own_code: bool) -> Deliberation:
    """The protocol of a record with this writer.

    Raises:
        InputError: nothing in it could be written by one.
    """
    own = protocol_on_record(opening, own_code=own_code)
    if WRITER in opening.seats:
        raise InputError(NAMED_WRITER, "there is no branch of this run with another writer")
    protocol = with_log(own, log_of(own).model_copy(update={"writer": writer}))
    parts = protocol.parts(Setting.of(opening))
    if not any(isinstance(step.stage, Write) for step in unroll(parts)):
        raise InputError(
            f"the protocol {opening.protocol.name!r} has no conclusion that a model could write",
            "it has a stage of its own where others have Conclude",
        )
    return protocol


async def _require_room(protocol: Deliberation, view: JournalView, pool: Pool) -> None:
    """Hold that the question and the answer fit into the writer's context."""
    for step in unroll(protocol.parts(Setting.of(view.opening))):
        if not isinstance(step.stage, Write) or step.number not in _answered(view):
            continue
        seen = seen_by(step, view.opening, [r for r in view.records if r.step < step.number])
        (call,) = step.stage.ask(seen)
        kept = [segment for segment in call.segments if segment.drop == 0]
        needed = await pool.count(call.model, kept) + call.sampling.max_tokens
        if needed > pool.window(call.model):
            raise InputError(
                f"the context of {call.model!r} is too small: the question and the answer take "
                f"{needed} tokens, the window holds {pool.window(call.model)}",
                "name a model with a larger one",
            )


def _answered(view: JournalView) -> set[int]:
    """The steps at which the record has an answer."""
    return {each.step for each in view.records if each.record == "answer"}


def _opening(view: JournalView, protocol: Deliberation, writer: str, pool: Pool) -> Opening:
    of = view.opening
    known = {each.name for each in of.models}
    added: tuple[ModelRef, ...] = () if writer in known else pool.references((writer,))
    engines = (*of.engines, *(each for each in pool.describe() if each not in of.engines))
    return of.model_copy(
        update={
            "run_id": f"{of.run_id}-by-{_slug(writer)}",
            "protocol": reference(protocol, Setting.of(of)),
            "models": (*of.models, *added),
            "engines": engines,
            "budget": None,
            "replay": min(of.replay, pool.replay, key=_WEAKEST_FIRST.index),
            "started": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "versions": versions(),
            "branch_of": Beside(run_id=of.run_id, head=view.run_head),
        }
    )


def _before_writing(opening: Opening) -> tuple[object, ...]:
    """The protocol but for its writer."""
    said = opening.protocol
    log = {name: value for name, value in (said.log or {}).items() if name != "writer"}
    return said.name, said.version, said.params, said.kind, log


def _writes(call: Call) -> bool:
    return (call.seat, call.purpose) == (WRITER, WRITE)


def _slug(model: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")[:40] or "writer"


__all__ = ["NotRederived", "Untrue", "against_trunk", "resynthesize", "trunk_beside"]
