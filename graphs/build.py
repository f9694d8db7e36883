"""Build: an unrolled protocol becomes a LangGraph.

A step is two nodes and the edge into them: the edge asks (a `Send` for each call), `answer` runs
once per call, side by side, and a node tells. Steps of one wave, such as those of groups side by side,
are told in one node. Asking on the edge, not in a node of its own, saves a superstep per stage; the
three remain three functions.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import product
from typing import Any, cast

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Checkpointer, Send

from folkmoot.graphs.conduct import Conduct
from folkmoot.graphs.fan_in import Awaited
from folkmoot.graphs.state import State
from folkmoot.protocols import Deliberation, Guard, Setting, Step, due, unroll, waves
from folkmoot.protocols.condition import Look
from folkmoot.records import Call, Record

Graph = CompiledStateGraph[Any, Any, Any, Any]
Wave = tuple[Step, ...]

Update = dict[str, tuple[Record, ...]]


def build(protocol: Deliberation, setting: Setting, *, checkpointer: Checkpointer = None) -> Graph:
    """Compile a protocol for these seats and options.

    The graph takes `{"records": ()}` and a `Conduct` as its context. It can be drawn, streamed and
    used as a node like any other LangGraph; the journal makes a run resumable without a
    checkpointer, one is needed only for LangGraph's own interrupts and time travel.
    """
    every = waves(unroll(protocol.parts(setting)))
    graph = StateGraph(State, context_schema=Conduct)
    for wave in every:
        graph.add_node(told(wave), _tell(wave))
        for step in filter(_asks, wave):
            graph.add_node(answered(step), cast(Any, _answer))
            graph.add_edge(answered(step), told(wave))
    for number in range(-1, len(every)):
        source = START if number < 0 else told(every[number])
        targets = _targets(every, number)
        graph.add_conditional_edges(source, _ask(every, number + 1), targets)
    return graph.compile(checkpointer=checkpointer, name=protocol.name)


def told(wave: Wave) -> str:
    """The name of the node in which the stages of a wave tell."""
    return " + ".join(f"{step.number} {step.stage.name}" for step in wave)


def answered(step: Step) -> str:
    """The name of the node in which a step's calls are answered."""
    return f"{step.number} {step.stage.name} · answer"


def _ask(every: tuple[Wave, ...], first: int) -> Callable[..., Any]:
    def ask(state: State, runtime: Runtime[Conduct]) -> str | list[Send]:
        conduct = runtime.context
        for wave in every[first:]:
            running = due(wave, state["records"])
            if not running:
                continue
            sends: list[Send] = []
            for step in running:
                seen = conduct.seen(state["records"], step)
                calls = step.stage.ask(seen)
                conduct.started(seen.place, calls)
                sends += [Send(answered(step), given) for given in _given(step, calls)]
            return sends or told(wave)
        return END

    return ask


def _given(step: Step, calls: Sequence[Call]) -> Iterator[Call | dict[str, Any]]:
    """What the answering nodes get: a call each, and what the step waits for unless that is all."""
    if step.need is None:
        yield from calls
        return
    awaited = Awaited.of(step.need, calls).plain()
    yield from ({"call": call, "awaited": awaited} for call in calls)


async def _answer(given: Call | dict[str, Any], runtime: Runtime[Conduct]) -> Update:
    conduct = runtime.context
    if isinstance(given, Call):
        return {"records": (await conduct.answer(given),)}
    need, seats, people = given["awaited"]
    awaited = Awaited(need, seats, tuple(people))
    return {"records": (await conduct.answer(given["call"], awaited),)}


def _tell(wave: Wave) -> Callable[..., Awaitable[Update]]:
    async def tell(state: State, runtime: Runtime[Conduct]) -> Update:
        told: tuple[Record, ...] = ()
        for step in due(wave, state["records"]):
            # What groups side by side say is numbered through; none of them hears another.
            seen = runtime.context.seen((*state["records"], *told), step)
            replies = tuple(reply for reply in seen.replies if reply.step == step.number)
            told = (*told, *step.stage.tell(seen, replies))
        runtime.context.record(told)
        return {"records": told}

    return tell


def _targets(every: tuple[Wave, ...], number: int) -> list[str]:
    """Where the edge out of a wave may lead: to the next one, and past all that checks may skip."""
    before = every[number] if number >= 0 else ()
    known = {guard for step in before for guard in step.guards}
    looks = [step.number for step in before if not _asks(step)]
    ways = [zip(looks, went, strict=True) for went in product((True, False), repeat=len(looks))]
    found = [
        target
        for way in ways
        for target in _next(every[number + 1 :], known | {Guard(*each) for each in way})
    ]
    return list(dict.fromkeys(found))


def _next(every: tuple[Wave, ...], known: set[Guard]) -> list[str]:
    """Where it goes on where these checks went this way, and others may have gone either."""
    targets: list[str] = []
    for wave in every:
        possible = [step for step in wave if not _ruled_out(step, known)]
        targets += [answered(step) for step in filter(_asks, possible)]
        if possible:
            targets.append(told(wave))
        if any(set(step.guards) <= known for step in possible):
            return targets
    return [*targets, END]


def _asks(step: Step) -> bool:
    return not isinstance(step.stage, Look)


def _ruled_out(step: Step, known: set[Guard]) -> bool:
    return any(guard._replace(holds=not guard.holds) in known for guard in step.guards)
