"""Many deliberations at once: a bounded number in flight, and no barrier between them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from folkmoot.agents import Panel, lot
from folkmoot.graphs.build import Graph, build
from folkmoot.graphs.check import (
    as_options,
    asked_models,
    check,
    check_replies,
    check_size,
    require,
    spare,
)
from folkmoot.graphs.conduct import Watch
from folkmoot.graphs.dry import worst_case
from folkmoot.graphs.run import RECORDS, begin, conduct, held
from folkmoot.graphs.soundness import required
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation, Log, Setting, with_log
from folkmoot.records import Budget, Opening, Outcome, Waiting, load


class Question(NamedTuple):
    """A question to deliberate on; its id names the record's folder."""

    text: str
    options: tuple[str, ...] | None = None
    id: str | None = None
    of_values: bool = False
    """Whether it is a question of values; see `deliberate`."""


async def deliberate_many(
    questions: Iterable[Question | str],
    panel: Panel,
    protocol: Deliberation,
    pool: Pool,
    *,
    at_once: int = 16,
    options: tuple[str, ...] | None = None,
    seed: int = 0,
    budget: Budget | None = None,
    record_dir: str | Path = RECORDS,
    watch: Watch | None = None,
    sync: bool = False,
    log: Log | None = None,
) -> AsyncIterator[Outcome]:
    """Deliberate on many questions side by side; yields each outcome as its run ends.

    No run waits for another: the engines are kept full by whoever is ready. A run that waits for a
    person is yielded unfinished, and resumed once they have answered.

    Args:
        questions: taken up as places become free, so an endless iterable will do.
        at_once: runs in flight at most.
        options: for the questions that are given as text alone.
        seed: each run draws a seed of its own from it and from its question's place.
        budget: for each run.
        sync: as for `deliberate`.
        log: as for `deliberate`.

    Raises:
        InputError: as `deliberate`, at the question that is at fault; runs in flight are stopped,
            and their records can be resumed.
    """
    if at_once < 1:
        raise ValueError(f"at_once is {at_once}; it must be at least 1")
    protocol = with_log(protocol, log)
    kinds = (asked_models(panel, protocol, each) for each in (None, options))
    models = tuple(dict.fromkeys(model for each in kinds for model in each))
    async with held(pool, models, watch):
        require(check_replies(panel, pool))
        crowd = _Crowd(panel, protocol, pool, budget, Path(record_dir), watch, sync)
        waiting = enumerate(_each(questions, options))
        running: set[asyncio.Task[Outcome]] = set()
        try:
            while True:
                for place, question in waiting:
                    running.add(asyncio.create_task(crowd.run(question, lot(seed, "run", place))))
                    if len(running) >= at_once:
                        break
                if not running:
                    return
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


class _Crowd:
    """What the runs have in common, worked out once: graphs, and how large a prompt can become."""

    def __init__(
        self,
        panel: Panel,
        protocol: Deliberation,
        pool: Pool,
        budget: Budget | None,
        record_dir: Path,
        watch: Watch | None,
        sync: bool,
    ) -> None:
        self._panel, self._protocol, self._pool = panel, protocol, pool
        self._budget, self._record_dir, self._watch, self._sync = budget, record_dir, watch, sync
        self._graphs: dict[str, Graph] = {}
        self._spare: dict[tuple[str, ...] | None, int] = {}

    async def run(self, question: Question, seed: int) -> Outcome:
        """One deliberation."""
        options = as_options(question.options)
        require(check(question.text, self._panel, self._protocol, options))
        opening = begin(
            question.text,
            self._panel,
            self._protocol,
            self._pool,
            options,
            seed,
            self._budget,
            question.id,
            question.of_values,
        )
        bounded = self._budget is not None and self._budget.tokens is not None
        if bounded or len(question.text.encode()) > self._spare.get(options, -1):
            required(self._protocol, opening)
            worst = worst_case(self._protocol, opening)
            require(await check_size(worst, self._pool, self._budget))
            self._spare[options] = await spare(worst, self._pool)
        graph = self._graph(opening)
        try:
            return await conduct(
                graph, opening, self._pool, self._record_dir, self._watch, sync=self._sync
            )
        except Waiting as people:
            return load(people.record)

    def _graph(self, opening: Opening) -> Graph:
        """Compiled once for all questions that lead to the same steps."""
        steps = opening.protocol.graph_sha256
        if steps not in self._graphs:
            self._graphs[steps] = build(self._protocol, Setting.of(opening))
        return self._graphs[steps]


def _each(
    questions: Iterable[Question | str], options: tuple[str, ...] | None
) -> Iterator[Question]:
    for question in questions:
        yield Question(question, options) if isinstance(question, str) else question
