"""A deliberation inside a LangGraph application of your own, with a person on the panel.

    python examples/nested.py              the packaged model
    python examples/nested.py --scripted   written replies, no model

The council's panel deliberates in a node; its mayor is a person, whom the application's interrupts
ask (here the answers are written below). A second node runs the compiled graph itself.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from folkmoot import Agent, Panel, Perspective, Pool
from folkmoot.graphs import build, serializer
from folkmoot.graphs.nesting import as_node
from folkmoot.graphs.run import begin, conduct
from folkmoot.protocols import BlindVote, Debate, Setting
from folkmoot.records import Call

SEATS = {"farmer": "Rain decides my year.", "doctor": "I see who gets ill first."}
MODELS = [
    Agent(name, model="smollm2", perspective=Perspective(statement=said))
    for name, said in SEATS.items()
]
COUNCIL = Panel([*MODELS, Agent("mayor", model="human")])
OPTIONS = ("yes", "no")


class Town(TypedDict, total=False):
    """The application's state: nothing in it is Folkmoot's."""

    motion: str
    advice: str
    resolution: str
    minutes: str


def town(pool: Pool) -> Any:
    """Advice from those who are models, a debate with the mayor, minutes."""

    async def advise(state: Town) -> Town:
        """The compiled graph in a node of one's own: its record, its state, its end."""
        panel, protocol = Panel(MODELS), BlindVote()
        async with pool.held(panel.models):
            opening = begin(state["motion"], panel, protocol, pool, OPTIONS, 0, None, "advice")
            graph = build(protocol, Setting.of(opening))
            outcome = await conduct(graph, opening, pool, Path("runs"), None)
        return {"advice": outcome.answer}

    graph = StateGraph(Town)
    graph.add_node("advise", advise)
    graph.add_node(
        "debate",
        as_node(
            COUNCIL,
            Debate(rounds=1, contest_claims=False),
            pool,
            question_key="motion",
            answer_key="resolution",
            options=OPTIONS,
        ),
    )
    graph.add_node("write", lambda state: {"minutes": f"{state['motion']} {state['resolution']}"})
    for source, target in ((START, "advise"), ("advise", "debate"), ("debate", "write")):
        graph.add_edge(source, target)
    graph.add_edge("write", END)
    return graph.compile(checkpointer=InMemorySaver(serde=serializer()))


async def main(pool: Pool) -> None:
    """Run it, and answer for the mayor whenever it is interrupted."""
    app, thread = town(pool), {"configurable": {"thread_id": "monday"}}
    given: Any = {"motion": "Should the town build a dam?"}
    async with pool:
        while True:
            async for event in app.astream(given, thread, stream_mode="custom"):
                if event["event"] == "recorded":
                    print("·", event["record"]["record"], event["record"].get("seat", ""))
            state = await app.aget_state(thread)
            if not state.interrupts:
                break
            answers: dict[str, Any] = {}
            for question in state.interrupts:
                asked = question.value
                print(f"waits for {asked['seat']}: {asked['purpose']}, {asked['options']}")
                answers[question.id] = "no" if asked["options"] else "We cannot pay for it."
                if asked["options"] and "no" not in asked["options"]:
                    answers[question.id] = asked["options"][0]
            given = Command(resume=answers)
    print(f"minutes: {state.values['minutes']}")


def scripted(call: Call) -> str | list[float]:
    """The farmer says yes, the doctor no."""
    if call.op == "generate":
        return f"As {call.seat} I say so. More follows."
    first = 0.9 if call.seat == "farmer" else 0.1
    return [first, 1 - first] if call.options[0] == " yes" else [1 - first, first]


if __name__ == "__main__":
    asyncio.run(main(Pool.scripted(scripted) if "--scripted" in sys.argv else Pool.embedded()))
