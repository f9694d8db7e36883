"""Build: an unrolled protocol becomes a LangGraph.

A step is two nodes and the edge into them: the edge asks (a `Send` for each call), `answer` runs
once per call, side by side, and the step's own node tells. Asking on the edge, not in a node of its
own, saves a superstep per stage; the three remain three functions.
"""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Checkpointer, Send

from folkmoot.graphs.conduct import Conduct
from folkmoot.graphs.state import State
from folkmoot.protocols import Deliberation, Step, unroll
from folkmoot.records import Call, Record

Graph = CompiledStateGraph[Any, Any, Any, Any]

Update = dict[str, tuple[Record, ...]]


def build(
    protocol: Deliberation, *, open_question: bool, checkpointer: Checkpointer = None
) -> Graph:
    """Compile a protocol for one kind of question.

    The graph takes `{"records": ()}` and a `Conduct` as its context. It can be drawn, streamed and
    used as a node like any other LangGraph; the journal makes a run resumable without a
    checkpointer, one is needed only for LangGraph's own interrupts and time travel.
    """
    steps = unroll(protocol.parts(open_question))
    graph = StateGraph(State, context_schema=Conduct)
    for step in steps:
        graph.add_node(told(step), _tell(step))
        graph.add_node(answered(step), cast(Any, _answer))
        graph.add_edge(answered(step), told(step))
    for before in (None, *steps):
        first = 0 if before is None else before.number + 1
        source = START if before is None else told(before)
        graph.add_conditional_edges(source, _ask(steps, first), _targets(steps, first))
    return graph.compile(checkpointer=checkpointer, name=protocol.name)


def told(step: Step) -> str:
    """The name of the node in which a step's stage tells."""
    return f"{step.number} {step.stage.name}"


def answered(step: Step) -> str:
    """The name of the node in which a step's calls are answered."""
    return f"{step.number} {step.stage.name} · answer"


def _ask(steps: tuple[Step, ...], first: int) -> Callable[..., Any]:
    def ask(state: State, runtime: Runtime[Conduct]) -> str | list[Send]:
        conduct, index = runtime.context, first
        while index < len(steps):
            step = steps[index]
            seen = conduct.seen(state["records"], step)
            if step.until is not None and step.skip_to is not None and step.until.holds(seen):
                index = step.skip_to
                continue
            calls = step.stage.ask(seen)
            conduct.started(seen.place, len(calls))
            return [Send(answered(step), call) for call in calls] or told(step)
        return END

    return ask


async def _answer(call: Call, runtime: Runtime[Conduct]) -> Update:
    return {"records": (await runtime.context.answer(call),)}


def _tell(step: Step) -> Callable[..., Awaitable[Update]]:
    async def tell(state: State, runtime: Runtime[Conduct]) -> Update:
        seen = runtime.context.seen(state["records"], step)
        replies = tuple(reply for reply in seen.replies if reply.step == step.number)
        records = step.stage.tell(seen, replies)
        runtime.context.record(records)
        return {"records": records}

    return tell


def _targets(steps: tuple[Step, ...], first: int) -> list[str]:
    """Where the edge may lead: the next step, or past every repetition that may be over."""
    targets: list[str] = []
    index: int | None = first
    while index is not None and index < len(steps):
        targets += [answered(steps[index]), told(steps[index])]
        index = steps[index].skip_to
        if index is not None and index >= len(steps):
            targets.append(END)
    if first >= len(steps):
        targets.append(END)
    return targets
