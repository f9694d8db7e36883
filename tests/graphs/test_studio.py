"""`langgraph.json` and the graphs that it opens, made and invoked as LangGraph's server does."""

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from langgraph_cli.config import validate_config_file

from folkmoot.graphs import studio
from folkmoot.graphs.checkpoint import STORED
from folkmoot.pool import Pool
from folkmoot.protocols import catalogue
from folkmoot.records import Call, verify

FILE = Path(__file__).parents[2] / "langgraph.json"
PANEL = "agents:\n  - {name: ann, model: m}\n  - {name: bo, model: m}\n  - {name: cy, model: m}\n"
SETTINGS = json.loads(FILE.read_text(encoding="utf-8"))


def say(call: Call) -> str | list[float]:
    if call.op == "generate":
        return f"Reason {call.id}. More."
    return [0.9, *[0.1 / (len(call.options) - 1)] * (len(call.options) - 1)]


@pytest.fixture
def settings(tmp_path, monkeypatch) -> dict[str, Any]:
    """Those of a scripted pool and a panel file."""
    (tmp_path / "panel.yaml").write_text(PANEL, encoding="utf-8")
    monkeypatch.setattr(studio.Pool, "embedded", staticmethod(lambda: Pool.scripted(say)))
    return {"panel": str(tmp_path / "panel.yaml"), "record_dir": str(tmp_path / "runs")}


async def made(name: str, settings: dict[str, Any]) -> Any:
    """The graph of an entry of the file: imported and called as the server calls a factory."""
    module, variable = SETTINGS["graphs"][name]["path"].split(":")
    factory = importlib.import_module(module).__dict__[variable]
    graph = factory({"configurable": settings})
    return await graph if inspect.isawaitable(graph) else graph


@pytest.mark.parametrize("name", sorted(SETTINGS["graphs"]))
async def test_every_graph_of_the_file_runs_and_verifies(settings, tmp_path, name):
    graph = await made(name, settings)
    assert graph.name == name
    assert set(graph.get_input_jsonschema()["properties"]) == {"question", "options"}
    found = await graph.ainvoke({"question": "Share?", "options": ["yes", "no"]})
    assert set(found) == {"answer", "outcome"}
    assert found["outcome"]["status"] == "complete"
    (record,) = (tmp_path / "runs").iterdir()
    assert verify(record).ok
    open_question = await graph.ainvoke({"question": "What shall we do?"})
    assert open_question["answer"]


async def test_parameters_of_the_protocol_are_settings(settings):
    graph = await made("debate", {**settings, "params": {"rounds": 0}})
    found = await graph.ainvoke({"question": "Share?", "options": ["yes", "no"]})
    assert found["outcome"]["status"] == "complete"


async def test_a_question_of_values_is_a_setting(settings, monkeypatch):
    def differ(call: Call) -> str | list[float]:
        if call.op == "generate":
            return f"Reason {call.id}. More."
        return [0.9, 0.1] if (call.seat == "ann") == (call.options[0] == " yes") else [0.1, 0.9]

    monkeypatch.setattr(studio.Pool, "embedded", staticmethod(lambda: Pool.scripted(differ)))
    asked = {"question": "Share?", "options": ["yes", "no"]}
    for of_values, status in ((True, "no_forced_winner"), (False, "decided")):
        graph = await made("blind-vote", {**settings, "of_values": of_values})
        found = await graph.ainvoke(asked)
        assert found["outcome"]["decision"]["status"] == status


async def test_without_settings_there_is_the_starter_panel():
    assert (await made("debate", {})).get_graph().nodes.keys() >= {"deliberate"}


def test_the_file_opens_every_protocol_of_the_catalogue():
    assert list(SETTINGS["graphs"]) == [entry.name for entry in catalogue()]
    assert SETTINGS["graphs"] == studio.listed()


@pytest.mark.parametrize("name", sorted(SETTINGS["graphs"]))
async def test_every_graph_of_the_file_is_drawn(settings, name):
    graph = await made(name, settings)
    drawn = graph.get_graph()
    assert set(drawn.nodes) == {"__start__", "deliberate", "__end__"}
    assert "deliberate" in drawn.draw_mermaid()


def test_no_factory_hides_another_name_of_the_module():
    factories = {studio.variable(name) for name in SETTINGS["graphs"]}
    assert len(factories) == len(SETTINGS["graphs"])
    source = Path(studio.__file__).read_text(encoding="utf-8")
    assert [name for name in factories if re.search(rf"(import|def|class) {name}\b", source)] == []


def test_the_checkpointer_of_the_server_is_told_what_it_may_build():
    told = SETTINGS["checkpointer"]["serde"]["allowed_msgpack_modules"]
    assert sorted(map(tuple, told)) == sorted((kind.__module__, kind.__name__) for kind in STORED)


def test_the_cli_accepts_the_file():
    assert set(validate_config_file(FILE)["graphs"]) == set(SETTINGS["graphs"])
