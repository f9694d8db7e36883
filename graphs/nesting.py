"""A deliberation inside a LangGraph application of your own: one node of it, or the compiled graph.

    graph.add_node("deliberate", as_node(panel, Debate(), pool))

The node reads the question from the application's state and writes the answer into it. What happens
meanwhile goes into LangGraph's custom stream. Where the application has a checkpointer, a person in a
seat is asked by an interrupt of it, and a run that was stopped is taken up where it was.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer

from folkmoot.agents import Panel
from folkmoot.graphs.events import Event, Finished, Loading, Opened
from folkmoot.graphs.run import RECORDS, deliberate, resume_as
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation
from folkmoot.records import Budget, InputError, Outcome
from folkmoot.records.chain import JOURNAL_FILE

Node = Callable[[Any, RunnableConfig], Awaitable[dict[str, Any]]]


def as_node(
    panel: Panel,
    protocol: Deliberation,
    pool: Pool,
    *,
    question_key: str = "question",
    options_key: str | None = None,
    answer_key: str = "answer",
    outcome_key: str | None = None,
    options: Sequence[str] | None = None,
    of_values: bool = False,
    seed: int = 0,
    budget: Budget | None = None,
    record_dir: str | Path = RECORDS,
) -> Node:
    """A node that lets a panel deliberate on the question in the state.

    Args:
        panel, protocol, pool, of_values, seed, budget, record_dir: as for `deliberate`.
        question_key: where in the state the question is.
        options_key: where the options are; None if they are `options`, or the question is open.
        answer_key: where the answer goes.
        outcome_key: where the whole outcome goes, as JSON values; None for nowhere.
        options: the answers to choose from, where they are always the same.

    Each event goes to the writer of LangGraph's custom stream; see `plain`.
    """

    async def node(state: Any, config: RunnableConfig) -> dict[str, Any]:
        question = _value(state, question_key)
        if not isinstance(question, str):
            raise InputError(f"the state's {question_key!r} is {question!r}, and no question")
        chosen = options if options_key is None else _value(state, options_key) or None
        name = run_name(protocol.name, config)
        write = get_stream_writer()

        def watch(event: Event) -> None:
            write(plain(event))

        if (Path(record_dir) / name / JOURNAL_FILE).exists():
            outcome = await resume_as(Path(record_dir) / name, protocol, pool, watch)
        else:
            outcome = await deliberate(
                question,
                panel,
                protocol,
                pool,
                options=chosen,
                of_values=of_values,
                seed=seed,
                budget=budget,
                record_dir=record_dir,
                watch=watch,
                run_id=name,
            )
        return _update(outcome, answer_key, outcome_key)

    return node


def run_name(name: str, config: RunnableConfig) -> str:
    """A run's id for this visit of a node: the same when LangGraph comes back to it.

    LangGraph names a task by its checkpoint, so an interrupted or killed visit has the name that it
    had, and the next visit, or another thread, has another.
    """
    known: dict[str, Any] = config.get("configurable", {})
    place = f"{known.get('thread_id', '')}\x1f{known.get('checkpoint_ns', '')}"
    return f"{name}-{hashlib.sha256(place.encode()).hexdigest()[:16]}"


def plain(event: Event) -> dict[str, Any]:
    """An event as JSON values: `event` is its kind, the rest are its fields."""
    kind = {"event": type(event).__name__.lower()}
    match event:
        case Loading(progress):
            return {**kind, **progress._asdict()}
        case Opened(opening, record):
            return {**kind, "run": opening.run_id, "record": record}
        case Finished(outcome):
            return {
                **kind,
                "run": outcome.transcript.opening.run_id,
                "status": outcome.status,
                "answer": outcome.answer,
            }
        case _:
            return {**kind, **{name: _plain(value) for name, value in event._asdict().items()}}


def _plain(value: Any) -> Any:
    return value.plain() if hasattr(value, "plain") else value


def _value(state: Any, key: str) -> Any:
    return state.get(key) if isinstance(state, dict) else getattr(state, key, None)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _update(outcome: Outcome, answer_key: str, outcome_key: str | None) -> dict[str, Any]:
    update: dict[str, Any] = {answer_key: outcome.answer}
    if outcome_key is not None:
        update[outcome_key] = outcome.as_json()
    return update
