"""A deliberation inside an application of the user's own."""

import json
import runpy
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import serializer
from folkmoot.graphs.nesting import as_node
from folkmoot.pool import Pool
from folkmoot.protocols import Debate
from folkmoot.records import Call, InputError, load, read_journal, verify

EXAMPLE = Path(__file__).parents[2] / "examples" / "nested.py"
DEBATE = Debate(rounds=1, contest_claims=False)


class Town(TypedDict, total=False):
    """An application's own state."""

    motion: str
    ways: list[str]
    resolved: str
    minutes: dict[str, Any]
    printed: bool


def say(call: Call) -> str | list[float]:
    if call.op == "generate":
        return f"Reason {call.id}. More."
    return [0.9, 0.1] if call.options[0] == " yes" else [0.1, 0.9]


def town(folder: Path, *people: str, pool: Pool | None = None, checkpointer: Any = None) -> Any:
    panel = Panel(
        Agent(name, model="human" if name in people else "m") for name in ("ann", "bo", "cy")
    )
    node = as_node(
        panel,
        DEBATE,
        pool or Pool.scripted(say),
        question_key="motion",
        options_key="ways",
        answer_key="resolved",
        outcome_key="minutes",
        record_dir=folder,
    )
    graph = StateGraph(Town)
    graph.add_node("deliberate", node)
    graph.add_node("print", lambda state: {"printed": bool(state["resolved"])})
    graph.add_edge(START, "deliberate")
    graph.add_edge("deliberate", "print")
    graph.add_edge("print", END)
    return graph.compile(checkpointer=checkpointer)


MOTION = {"motion": "Share?", "ways": ["yes", "no"]}


async def test_a_node_reads_and_writes_the_application_s_state(tmp_path):
    state = await town(tmp_path).ainvoke(MOTION)
    (record,) = tmp_path.iterdir()
    outcome = load(record)
    assert state["resolved"] == outcome.answer
    assert state["minutes"] == outcome.as_json()
    assert state["printed"]
    assert json.dumps(state)
    assert verify(record).ok


async def test_events_go_into_the_custom_stream_as_json(tmp_path):
    heard = [each async for each in town(tmp_path).astream(MOTION, stream_mode="custom")]
    kinds = [each["event"] for each in heard]
    assert kinds[0] == "opened"
    assert kinds[-1] == "finished"
    assert {"stagestarted", "asked", "answered", "recorded", "text"} <= set(kinds)
    assert json.loads(json.dumps(heard)) == heard
    texts = [each["text"] for each in heard if each["event"] == "text"]
    assert any(text.startswith("Reason") for text in texts)


async def test_two_visits_and_two_threads_are_runs_of_their_own(tmp_path):
    app = town(tmp_path, checkpointer=InMemorySaver(serde=serializer()))
    for thread in ("a", "b", "a"):
        await app.ainvoke(MOTION, {"configurable": {"thread_id": thread}})
    assert len(list(tmp_path.iterdir())) == 3


async def test_a_state_without_a_question_is_refused(tmp_path):
    with pytest.raises(InputError, match="'motion' is None"):
        await town(tmp_path).ainvoke({"ways": ["yes", "no"]})


async def test_people_are_asked_by_interrupts_of_the_application_and_kills_lose_nothing(tmp_path):
    """Every command goes to an application built anew from the database, as after a kill."""
    thread = {"configurable": {"thread_id": "t"}}
    given: Any = MOTION
    asked: list[str] = []
    widest = 0

    def noted(call: Call) -> str | list[float]:
        asked.append(call.id)
        return say(call)

    for _ in range(20):
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "db")) as saver:
            saver.serde = serializer()
            app = town(tmp_path / "runs", "bo", "cy", pool=Pool.scripted(noted), checkpointer=saver)
            await app.ainvoke(given, thread)
            state = await app.aget_state(thread)
        if not state.interrupts:
            break
        widest = max(widest, len(state.interrupts))
        first = min(state.interrupts, key=lambda each: each.value["call"])
        options = first.value["options"]
        given = Command(resume={first.id: options[0] if options else "So I say. More."})
    assert widest == 2
    assert state.values["printed"]
    (record,) = (tmp_path / "runs").iterdir()
    assert len(asked) == len(set(asked)), "no model is asked twice"
    outcome = load(record)
    assert {r.engine for r in outcome.transcript.replies if r.seat != "ann"} == {"human"}
    assert outcome.status == "complete"
    assert verify(record).ok


async def test_without_a_checkpointer_the_record_waits(tmp_path):
    state = await town(tmp_path, "cy").ainvoke(MOTION)
    assert state["__interrupt__"][0].value["call"] == "c0.4"
    (record,) = tmp_path.iterdir()
    assert "c0.4" in read_journal(record).pending


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["nested.py", "--scripted"])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    said = capsys.readouterr().out
    assert "minutes: " in said
    assert "waits for mayor" in said
    records = list((tmp_path / "runs").iterdir())
    assert len(records) == 2
    assert all(verify(record).ok for record in records)
