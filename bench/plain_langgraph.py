"""The same deliberation as a LangGraph user would write it from the documentation.

The openai SDK, a `Send` per seat and round, an in-memory checkpointer, every deliberation gathered.
This is what `overhead.py` measures Folkmoot against; nothing in it is Folkmoot's.
"""

import asyncio
import operator
from typing import Annotated, Any, TypedDict

import httpx
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

TASK = "What follows from your perspective? Answer in one or two sentences."


class Message(TypedDict):
    """What a seat said."""

    seat: str
    round: int
    text: str


class State(TypedDict):
    """The state of one deliberation."""

    question: str
    round: int
    messages: Annotated[list[Message], operator.add]


class Ask(TypedDict):
    """What one seat is sent in one round."""

    seat: str
    question: str
    round: int
    messages: list[Message]


def client_for(url: str, connections: int | None) -> AsyncOpenAI:
    """The SDK's client: as it comes, or with at most so many connections.

    Two settings are not the SDK's own, and both help it: no retries, and patience with connecting.
    On a busy machine 900 connections at once take longer than the five seconds that it allows, and
    what it sends again would count against it.
    """
    settings: dict[str, Any] = {"timeout": 600.0, "max_retries": 0}
    if connections is not None:
        limits: Any = httpx.Limits(max_connections=connections)
        settings["http_client"] = DefaultAsyncHttpxClient(limits=limits, timeout=600.0)
    return AsyncOpenAI(base_url=f"{url}/v1", api_key="none", **settings)


def graph_of(
    client: AsyncOpenAI, model: str, personas: dict[str, str], rounds: int
) -> CompiledStateGraph[State, None, State, State]:
    """Rounds in which every seat speaks at the same time and then hears what was said."""

    async def speak(state: Ask) -> dict[str, list[Message]]:
        said = "\n".join(f"{each['seat']}: {each['text']}" for each in state["messages"])
        answer = await client.chat.completions.create(
            model=model,
            messages=[
                {"role": "system", "content": personas[state["seat"]]},
                {"role": "user", "content": f"Question: {state['question']}\n{said}\n{TASK}"},
            ],
            max_tokens=96,
            temperature=0.7,
            top_p=0.95,
        )
        text = answer.choices[0].message.content or ""
        return {"messages": [{"seat": state["seat"], "round": state["round"], "text": text}]}

    def next_round(state: State) -> dict[str, int]:
        return {"round": state["round"] + 1}

    def fan_out(state: State) -> list[Send]:
        asked = {key: state[key] for key in ("question", "round", "messages")}
        return [Send("speak", {"seat": seat, **asked}) for seat in personas]

    def again(state: State) -> list[Send] | str:
        return fan_out(state) if state["round"] < rounds else END

    graph = StateGraph(State)
    graph.add_node("speak", speak)
    graph.add_node("next_round", next_round)
    graph.add_conditional_edges(START, fan_out, ["speak"])
    graph.add_edge("speak", "next_round")
    graph.add_conditional_edges("next_round", again, ["speak", END])
    return graph.compile(checkpointer=InMemorySaver())


async def deliberate_all(
    url: str,
    model: str,
    questions: list[str],
    personas: dict[str, str],
    rounds: int,
    connections: int | None,
) -> int:
    """Deliberate on every question at once; returns how many messages were said."""
    client = client_for(url, connections)
    said = await gathered(client, model, questions, personas, rounds)
    await client.close()
    return said


async def gathered(
    client: AsyncOpenAI, model: str, questions: list[str], personas: dict[str, str], rounds: int
) -> int:
    """The same with a client that is there already."""
    graph = graph_of(client, model, personas, rounds)
    begun = [
        graph.ainvoke(
            {"question": question, "round": 0, "messages": []},
            {"configurable": {"thread_id": str(number)}},
        )
        for number, question in enumerate(questions)
    ]
    ended = await asyncio.gather(*begun)
    return sum(len(each["messages"]) for each in ended)
