"""Controls at equal tokens: a protocol is run, then each control until it has cost the same.

Over one question a control can rarely be matched: one more draw or round is too large a step. Over a
set it can, since what one question is over or under is made up for by the next (`balance`). Which size a
question gets follows from tokens alone, never from answers.
"""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from folkmoot.agents import Agent, Panel, lot
from folkmoot.eval import report
from folkmoot.eval.controls import Control, Given, chosen
from folkmoot.eval.course import Asked, Course, found, numbered
from folkmoot.eval.match import Basis, Match, side_by_side
from folkmoot.eval.report import Arm, EqualTokens
from folkmoot.eval.tokens import Counting, Lengths, tokens_of
from folkmoot.graphs import Question, Watch, check
from folkmoot.graphs.blocking import blocking
from folkmoot.graphs.check import asked_models, require
from folkmoot.graphs.run import RECORDS, held
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation
from folkmoot.records import InputError, Outcome, canonical, digest

PROTOCOL = "protocol"
"""The folder of the protocol's own records, beside those of the controls."""

Recorded = Outcome | Path | str
"""A run, or the folder of its record."""


async def equal_tokens(
    questions: Iterable[Question | str],
    panel: Panel,
    protocol: Deliberation,
    pool: Pool,
    *,
    controls: Sequence[Control | str] | None = None,
    options: Sequence[str] | None = None,
    target: Recorded | Sequence[Recorded] | None = None,
    agent: str | None = None,
    tolerance: float = 0.05,
    count: Counting = "sent",
    seed: int = 0,
    at_once: int = 4,
    record_dir: str | Path = RECORDS,
    watch: Watch | None = None,
) -> EqualTokens:
    """Run a protocol on a set of questions, and its controls at the same total of tokens.

    Records are in a folder of `record_dir` whose name follows from the arguments: asked again with the
    same ones, it takes what is on record there and runs what is missing.

    Args:
        options: the answers to choose from, for the questions that are given as text alone.
        controls: some of `CONTROLS` by name, or controls of your own; None for all.
        target: records of the protocol on these questions; None: it is run.
        agent: who answers where one agent does; None for the panel's first.
        tolerance: how far from 1 the ratio of a control's tokens to the protocol's may be.
        count: which tokens count.
        at_once: runs of one arm side by side, at most; arms run side by side, too.

    A control that is not at equal tokens says so: `unmatched`, `require_matched()`. So does one that
    does not fit this panel and protocol, where it was not asked for by name.

    Raises:
        InputError: as `deliberate`; or a control that was asked for does not fit this panel and
            protocol. Nothing was asked then. Or what the protocol took is not known.
        RecordError: a record cannot be written, or is of another run.
    """
    _require(tolerance, at_once, count)
    asked, wanted = numbered(questions, options), chosen(controls)
    one = _agent(panel, agent)
    for each in asked:
        require(check(each.text, panel, protocol, each.options, seed))
    given = Given(panel, protocol, one, asked[0].text, asked[0].options, seed)
    unfit = _unfit(wanted, given, allowed=controls is None)
    folder = Path(record_dir) / _named(asked, panel, protocol, one, seed)
    course = Course(pool, folder, watch)
    async with held(pool, _models(asked, panel, protocol), watch):
        if target is None:
            runs = await _runs(course, asked, panel, protocol, seed, at_once)
        else:
            runs = found(_several(target), asked, panel, protocol)
        taken, lengths = _targets(asked, runs, count), Lengths.of(runs)
        basis = Basis(
            course, panel, protocol, one, asked, runs, taken, lengths, tolerance, count, seed
        )
        fitting = [each for each in wanted if each.name not in unfit]
        arms = await side_by_side([Match(each, basis).arm(at_once) for each in fitting])
        return _result(basis, [*arms, *unfit.values()])


equal_tokens_sync = blocking(equal_tokens)
"""The same for code that has no event loop."""


def _models(asked: Sequence[Asked], panel: Panel, protocol: Deliberation) -> tuple[str, ...]:
    every = (asked_models(panel, protocol, each.options) for each in asked)
    return tuple(dict.fromkeys(model for models in every for model in models))


def _unfit(controls: Sequence[Control], given: Given, *, allowed: bool) -> dict[str, Arm]:
    """The arms of those that there are none of for this panel and protocol.

    Raises:
        InputError: there is such a one, and it is not allowed.
    """
    found = {
        each.name: report.unfit_arm(each.name, each.what, each.source, each.size, why)
        for each in controls
        if (why := _why(each, given))
    }
    if found and not allowed:
        name, arm = next(iter(found.items()))
        raise InputError(f"control {name!r}: {arm.why}", f"leave out the control {name!r}")
    return found


def _why(control: Control, given: Given) -> str:
    """Why there is no such control of this panel and protocol; "" if there is."""
    try:
        sizes = control.sizes(given)
        if not sizes:
            return f"there is none of {given.protocol.name!r} here"
        control.build(given, sizes[0] if control.usual is None else control.usual(given))
    except InputError as fault:
        return fault.message
    return ""


def _require(tolerance: float, at_once: int, count: str) -> None:
    if count not in get_args(Counting):
        raise InputError(f"count is {count!r}", f"it is one of {', '.join(get_args(Counting))}")
    if not 0 < tolerance < 1:
        raise InputError(f"the tolerance {tolerance} is not between 0 and 1")
    if at_once < 1:
        raise InputError(f"at_once is {at_once}; it must be at least 1")


def _named(
    asked: Sequence[Asked], panel: Panel, protocol: Deliberation, agent: Agent, seed: int
) -> str:
    """The folder's name: what the runs are of, as a digest."""
    of = {
        "questions": [
            [each.id, each.text, list(each.options or ()), each.of_values] for each in asked
        ],
        "panel": [party.plain() for party in panel.parties()],
        "protocol": [protocol.name, protocol.version, protocol.params()],
        "agent": agent.name,
        "seed": seed,
    }
    return f"equal-tokens-{digest(canonical(of))[:10]}"


def _several(target: Recorded | Sequence[Recorded]) -> tuple[Recorded, ...]:
    # An outcome is a tuple itself.
    return (target,) if isinstance(target, Outcome | Path | str) else tuple(target)


def _result(basis: Basis, controls: Sequence[Arm]) -> EqualTokens:
    own = tuple(
        report.row(each.id, run, taken, taken)
        for each, run, taken in zip(basis.asked, basis.runs, basis.targets, strict=True)
    )
    return EqualTokens(
        count=basis.counting,
        tolerance=basis.tolerance,
        seed=basis.seed,
        records=str(basis.course.folder),
        protocol=report.protocol_arm(basis.protocol.name, own),
        controls=tuple(controls),
    )


def _agent(panel: Panel, name: str | None) -> Agent:
    found = [agent for agent in panel if name in (None, agent.name)]
    if not found:
        names = ", ".join(agent.name for agent in panel)
        raise InputError(f"no agent is named {name!r}", f"the panel has: {names}")
    return found[0]


async def _runs(
    course: Course,
    asked: Sequence[Asked],
    panel: Panel,
    protocol: Deliberation,
    seed: int,
    at_once: int,
) -> tuple[Outcome, ...]:
    """The protocol on every question."""
    places = asyncio.Semaphore(at_once)

    async def one(each: Asked) -> Outcome:
        async with places:
            return await course.run(PROTOCOL, each, panel, protocol, lot(seed, "run", each.place))

    return tuple(await side_by_side([one(each) for each in asked]))


def _targets(asked: Sequence[Asked], runs: Sequence[Outcome], count: Counting) -> tuple[int, ...]:
    """What the protocol took on each question.

    Raises:
        InputError: an engine did not say.
    """
    known: list[int] = []
    for each, run in zip(asked, runs, strict=True):
        taken = tokens_of(run, count)
        if not taken:
            raise InputError(
                f"how many tokens ({count}) {each.id!r} took is "
                + ("not known" if taken is None else "0"),
                "an engine has to report its tokens; count='sent' needs the least of it",
            )
        known.append(taken)
    return tuple(known)
