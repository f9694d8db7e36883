"""Match: one control, sized question by question until a set of them has cost what the protocol did."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, NamedTuple, TypeVar

from folkmoot.agents import Agent, Panel, lot, shuffled
from folkmoot.eval import report
from folkmoot.eval.balance import Balance, rows
from folkmoot.eval.controls import Control, Given, Rung
from folkmoot.eval.course import Asked, Course
from folkmoot.eval.estimate import Estimate
from folkmoot.eval.report import Arm, Row
from folkmoot.eval.search import Cost, nearest
from folkmoot.eval.tokens import Counting, Lengths, tokens_of
from folkmoot.protocols import Deliberation
from folkmoot.records import GraphError, InputError, Outcome

Result = TypeVar("Result")

_TEXTS = 12
"""Messages on other questions that noise is made of."""


class Basis(NamedTuple):
    """What the controls of one protocol have in common."""

    course: Course
    panel: Panel
    protocol: Deliberation
    agent: Agent
    asked: Sequence[Asked]
    runs: Sequence[Outcome]
    """The protocol's own, in the order of the questions."""
    targets: Sequence[int]
    """Tokens of these."""
    lengths: Lengths
    """Of the texts in them."""
    tolerance: float
    counting: Counting
    seed: int


class _Done(NamedTuple):
    """One question of an arm, and the sizes that it could have had."""

    place: int
    row: Row
    least: int
    most: int


class Match(NamedTuple):
    """One control, on its way to the protocol's tokens."""

    control: Control
    basis: Basis

    async def arm(self, at_once: int) -> Arm:
        """All questions."""
        dealt = rows(len(self.basis.asked), at_once)
        every = await side_by_side([self._row(places) for places in dealt])
        done = sorted((each for row in every for each in row), key=lambda each: each.place)
        control = self.control
        return report.control_arm(
            control.name,
            control.what,
            control.source,
            control.size,
            tuple(each.row for each in done),
            self.basis.tolerance,
            _ends(control.size, done),
        )

    async def _row(self, places: Sequence[int]) -> list[_Done]:
        """Questions one after the other, each sized by what those before it have cost."""
        balance, done = Balance(), list[_Done]()
        slack = self.basis.tolerance / 2 * sum(self.basis.targets[place] for place in places)
        for place in places:
            last = done[-1].row.size if done else None
            each, balance = await self._question(place, balance, slack, last)
            done.append(each)
        return done

    async def _question(
        self, place: int, balance: Balance, slack: float, last: int | None
    ) -> tuple[_Done, Balance]:
        given, target, control = self._given(place), self.basis.targets[place], self.control
        sizes = control.sizes(given)
        if not sizes:
            raise InputError(f"{self.basis.protocol.name!r} has no control {control.name!r} here")
        estimate = Estimate(
            self.basis.course.pool,
            self.basis.lengths,
            self.basis.counting,
            given.question,
            given.options,
            given.seed,
        )
        scale = await self._scale(estimate, target)
        factor = balance.factor

        known: dict[int, float] = {}

        async def cost(size: int) -> float:
            if size not in known:
                known[size] = await estimate.tokens(control.build(given, size))
            return factor * scale * known[size]

        while True:
            size = await self._size(given, sizes, balance, slack, target, cost, last)
            rung = control.build(given, size)
            try:
                run = await self.basis.course.run(
                    control.name,
                    self.basis.asked[place],
                    rung.panel,
                    rung.protocol,
                    self._seed(place),
                    size,
                )
                break
            except GraphError:
                # Too large for a context: nothing was asked yet.
                smaller = [each for each in sizes if each < size]
                if not smaller:
                    raise
                sizes = smaller[: max(1, len(smaller) * 3 // 4)]
        spent, expected = tokens_of(run, self.basis.counting), await cost(size)
        row = report.row(self.basis.asked[place].id, run, spent, target, size)
        after = balance.paid(target, expected / factor, spent, expected)
        return _Done(place, row, sizes[0], sizes[-1]), after

    async def _scale(self, estimate: Estimate, target: int) -> float:
        """How far the walk is off for the protocol itself on this question, where the control takes the
        same way."""
        if not self.control.paired:
            return 1.0
        own = await estimate.tokens(Rung(self.basis.panel, self.basis.protocol))
        return target / own if own else 1.0

    async def _size(
        self,
        given: Given,
        sizes: Sequence[int],
        balance: Balance,
        slack: float,
        target: int,
        cost: Cost,
        last: int | None,
    ) -> int:
        """The usual size as long as the row stays even with it; else the one that makes it even."""
        usual = self.control.usual(given) if self.control.usual is not None else None
        if usual is not None and usual in sizes and balance.even(target, await cost(usual), slack):
            return usual
        want = balance.want(target)
        first = last if last is not None else usual
        if first is None:
            first = round(sizes[0] * want / (await cost(sizes[0]) or 1))
        return await nearest(cost, sizes, want, first)

    def _given(self, place: int) -> Given:
        asked, run = self.basis.asked[place], self.basis.runs[place].transcript
        return Given(
            self.basis.panel,
            self.basis.protocol,
            self.basis.agent,
            asked.text,
            asked.options,
            run.opening.seed,
            run,
            _elsewhere(self.basis.runs, place, self.basis.seed),
        )

    def _seed(self, place: int) -> int:
        if self.control.paired:
            return self.basis.runs[place].transcript.opening.seed
        return lot(self.basis.seed, "control", self.control.name, place)


def _elsewhere(runs: Sequence[Outcome], place: int, seed: int) -> tuple[str, ...] | None:
    """A message on each of the next questions; None where there are no others."""
    others = [(place + step) % len(runs) for step in range(1, min(_TEXTS, len(runs) - 1) + 1)]
    texts: list[str] = []
    for other in others:
        spoken = [turn.text for turn in runs[other].transcript.spoken() if turn.text.split()]
        texts += shuffled(spoken, seed, "elsewhere", place, other)[:1]
    return tuple(texts) or None


def _ends(size: str, done: Sequence[_Done]) -> tuple[str, str]:
    """What to say of questions that could have had no smaller size, and of those with no larger one."""
    least = [each.least for each in done if each.row.size == each.least]
    most = [each.most for each in done if each.row.size == each.most]
    return (
        f"{len(least)} of {len(done)} questions have the smallest size that there is, "
        f"{min(least)} {size}"
        if least
        else "",
        f"{len(most)} of {len(done)} questions have the largest size that there is, "
        f"{max(most)} {size}"
        if most
        else "",
    )


async def side_by_side(works: Sequence[Coroutine[Any, Any, Result]]) -> list[Result]:
    """All of them; where one fails the others are stopped, and its fault is raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
