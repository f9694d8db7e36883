"""A protocol as a LangGraph: drawn, walked through, and stored without a loophole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from folkmoot.graphs import Conduct, build, deliberate
from folkmoot.protocols import Debate, Setting, catalogue
from folkmoot.records import Journal

OPEN, CHOICE = Setting(("ann", "bo")), Setting(("ann", "bo"), ("yes", "no"))
SCRIPT = Path(__file__).with_name("strict_checkpoints.py")


@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
@pytest.mark.parametrize("setting", [OPEN, CHOICE])
def test_every_protocol_can_be_drawn(protocol, name, setting):
    graph = build(protocol(name, "ann"), setting)
    drawn = graph.get_graph().draw_mermaid()
    assert drawn.startswith("---")
    assert "conclude" in drawn
    assert graph.name == name


def test_a_debate_is_drawn_with_its_way_past_the_rounds():
    drawn = build(Debate(rounds=2), CHOICE).get_graph()
    edges = {(edge.source, edge.target) for edge in drawn.edges}
    assert ("__start__", "0 stand · answer") in edges
    assert ("0 stand · answer", "0 stand") in edges
    assert ("1 speak", "2 check") in edges, "is there anything to exchange?"
    assert {target for source, target in edges if source == "2 check"} == {
        "3 stand · answer",
        "3 stand",
        "10 judge · answer",
        "10 judge",
    }
    assert ("6 check", "10 judge · answer") in edges, "one round"
    assert ("5 speak", "10 judge · answer") not in edges


async def test_the_graph_ends_with_what_the_run_recorded(panel, leaning, tmp_path):
    pool = leaning(ann=0.9, bo=0.1)
    outcome = await deliberate(
        "Share?", panel("ann", "bo"), Debate(), pool, options=("yes", "no"), record_dir=tmp_path
    )
    graph = build(Debate(), CHOICE)
    await pool.open(["m"])
    with Journal.create(tmp_path / "again", outcome.transcript.opening) as journal:
        state = await graph.ainvoke({"records": ()}, context=Conduct(journal, pool, None))
    assert state["records"] == outcome.transcript.records


def test_checkpoints_hold_our_records_under_strict_msgpack(tmp_path):
    """In a process of its own: LangGraph reads the setting when it is imported."""
    strict = os.environ | {"LANGGRAPH_STRICT_MSGPACK": "true"}
    line = [sys.executable, str(SCRIPT), str(tmp_path)]
    run = subprocess.run(line, env=strict, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["memory", "equal", "sqlite", "equal"]
    assert "Blocked deserialization" not in run.stderr
