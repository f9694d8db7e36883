"""Asked again: every call of a record is put to models once more, and each reply held against the recorded one.

Each call is asked as it stands on record, word for word and with its seed, whatever was replied to the others
now: so a reply that parts does not change what is asked after it. Calls of one step are on their way
together, as they were in the run. Nothing is written into the record.

Where all replies are equal the replay is exact; else it is statistical, and this says how much of it was
equal, and how far option probabilities are apart. Whether exact could be expected is said beside it: what the
record promised, what the pool promises, and whether the weights are the same files.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field

from folkmoot.eval.partings import (
    GIVEN,
    Compared,
    Group,
    Parting,
    came,
    equal,
    group_of,
    parting_of,
)
from folkmoot.eval.statistics import Interval, wilson
from folkmoot.graphs import Answered, Asked, Event, Loading, Opened, StageStarted, Text, Watch
from folkmoot.graphs.blocking import blocking
from folkmoot.pool import Pool
from folkmoot.records import (
    HUMAN,
    Call,
    InputError,
    JournalView,
    ModelRef,
    Reply,
    Usage,
    read_journal,
)
from folkmoot.records.base import Frozen

Promise = Literal["exact", "statistical", "none"]


class ModelNow(Frozen):
    """A model of the record, and what the pool has under its name."""

    name: str
    recorded: ModelRef | None = None
    now: ModelRef
    weights: Literal["same", "other", "not known"]
    """Whether weights and adapter are the same files; not known where either side names no digest."""


class Reasked(Frozen):
    """What asking a record's models again came to."""

    record: str
    run_id: str
    head: str
    verdict: Literal["exact", "statistical", "not told"]
    """exact: every reply came, and is equal. not told: no reply came, or there was nothing to ask."""
    promised: Promise
    """What the run's opening says that asking again would give."""
    promises: Promise
    """What the pool says now."""
    models: tuple[ModelNow, ...]
    total: Group
    equal_share: Interval | None = None
    """With its 95% interval (Wilson 1927), as if replies were independent."""
    by_stage: dict[str, Group]
    by_seat: dict[str, Group]
    partings: tuple[Parting, ...]
    skipped: dict[str, int] = Field(default_factory=dict)
    """Why a call on record was not asked → how many."""
    unanswered: dict[str, int] = Field(default_factory=dict)
    """Why no reply came → how many; these say nothing of the models."""
    usage: Usage | None = None
    """Tokens of the replies now; None where the engine did not report them."""


OnModels = Callable[[Sequence[ModelNow]], None]


async def reask(
    record: str | Path,
    pool: Pool,
    *,
    watch: Watch | None = None,
    on_models: OnModels | None = None,
) -> Reasked:
    """Ask the models of a record again, call by call, and compare.

    Args:
        record: its folder.
        pool: what answers; it has to know the record's models by their names.
        watch: hears the opening, each stage, each call and each reply.
        on_models: hears, before anything is asked, which weights the pool has.

    Raises:
        InputError: there is nothing to ask.
        PoolError: the pool does not know a model, or an engine cannot start.
        RecordError: there is no record, or its journal is broken.
    """
    view = read_journal(record)
    if view.redactions:
        raise InputError(
            f"text was taken out of {str(record)!r}: what was asked does not stand there any more",
            "the record as it was before can be asked again, where somebody keeps it",
        )
    pairs, skipped = _to_ask(view)
    if not pairs:
        why = "; ".join(f"{count} {name}" for name, count in skipped.items()) or "nothing was asked"
        raise InputError(f"no reply of {str(record)!r} can be asked for again: {why}")
    tell: Watch = watch if watch is not None else _nobody
    models = tuple(dict.fromkeys(call.model for call, _ in pairs))
    async with pool.held(models, lambda progress: tell(Loading(progress))):
        now = _models(view, pool.references(models))
        if on_models is not None:
            on_models(now)
        tell(Opened(view.opening, str(record)))
        replies = await _ask(pairs, pool, tell, view.opening.run_id)
        promises = pool.replay
    compared = [(call, was, new) for (call, was), new in zip(pairs, replies, strict=True)]
    return _report(str(record), view, now, compared, skipped, promises)


reask_sync = blocking(reask)
"""The same for code that has no event loop."""


def _nobody(_: Event) -> None:
    """Hears nothing."""


def _to_ask(view: JournalView) -> tuple[list[tuple[Call, Reply]], dict[str, int]]:
    """The calls that models answered, step by step; and why the others are not asked."""
    skipped = Counter[str]()
    pairs: list[tuple[Call, Reply]] = []
    answered = view.replies
    for call in view.calls:
        reply = answered.get(call.id)
        if reply is None:
            skipped["without a reply"] += 1
        elif call.model == HUMAN:
            skipped["answered by a person"] += 1
        elif reply.state not in GIVEN:
            skipped[f"{reply.state} on record"] += 1
        else:
            pairs.append((call, reply))
    return sorted(pairs, key=lambda pair: (pair[0].step, pair[0].order)), dict(skipped)


def _models(view: JournalView, now: Iterable[ModelRef]) -> tuple[ModelNow, ...]:
    begun = {model.name: model for model in view.opening.models}
    return tuple(
        ModelNow(
            name=model.name,
            recorded=begun.get(model.name),
            now=model,
            weights=_weights(begun.get(model.name), model),
        )
        for model in now
    )


def _weights(was: ModelRef | None, now: ModelRef) -> Literal["same", "other", "not known"]:
    if was is None or was.weights_sha256 is None or now.weights_sha256 is None:
        return "not known"
    ours = (was.weights_sha256, was.adapter_sha256)
    return "same" if ours == (now.weights_sha256, now.adapter_sha256) else "other"


async def _ask(
    pairs: Sequence[tuple[Call, Reply]], pool: Pool, tell: Watch, run: str
) -> list[Reply]:
    """The replies, in the order of the pairs; one step after the other."""
    steps: dict[int, list[Call]] = {}
    for call, _ in pairs:
        steps.setdefault(call.step, []).append(call)

    async def one(call: Call) -> Reply:
        tell(Asked(call, run))
        spoken = partial(_spoken, tell, call, run) if call.op == "generate" else None
        reply = await pool.answer(call, spoken, run)
        tell(Answered(call, reply, False, run))
        return reply

    found: list[Reply] = []
    for step, calls in steps.items():
        tell(StageStarted(step, calls[0].stage, calls[0].round, len(calls), run))
        found += await asyncio.gather(*map(one, calls))
    tell(StageStarted(-1, "", 0, 0, run))  # ends the last one
    return found


def _spoken(tell: Watch, call: Call, run: str, text: str) -> None:
    tell(Text(call, text, run))


def _report(
    record: str,
    view: JournalView,
    models: tuple[ModelNow, ...],
    compared: Sequence[Compared],
    skipped: dict[str, int],
    promises: Promise,
) -> Reasked:
    total = group_of(compared)
    failed = Counter(
        f"{new.state}: {new.error or 'no reason given'}"
        for _, _, new in compared
        if new.state not in GIVEN
    )
    whole = total.answered == total.asked == total.equal
    return Reasked(
        record=record,
        run_id=view.opening.run_id,
        head=view.head,
        verdict="not told" if not total.answered else "exact" if whole else "statistical",
        promised=view.opening.replay,
        promises=promises,
        models=models,
        total=total,
        equal_share=wilson(total.equal, total.answered),
        by_stage=_by(compared, lambda call: call.stage),
        by_seat=_by(compared, lambda call: call.seat),
        partings=tuple(parting_of(*each) for each in compared if came(each) and not equal(each)),
        skipped=skipped,
        unanswered=dict(failed),
        usage=Usage.sum(new.usage for _, _, new in compared if new.state in GIVEN),
    )


def _by(compared: Sequence[Compared], name: Callable[[Call], str]) -> dict[str, Group]:
    groups: dict[str, list[Compared]] = {}
    for each in compared:
        groups.setdefault(name(each[0]), []).append(each)
    return {named: group_of(those) for named, those in groups.items()}
