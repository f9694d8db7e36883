"""`folkmoot init`: the starter files, and that they can be used as they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from folkmoot import Panel, Pool
from folkmoot.agents import SCHWARTZ_20

Run = Callable[..., Any]


def test_the_files_are_made_and_can_be_read(run: Run) -> None:
    said = run("init", "mine")
    assert said.code == 0
    panel = Panel.from_yaml("mine/panel.yaml")
    assert [agent.name for agent in panel] == ["nurse", "patient", "researcher", "budget officer"]
    assert {agent.model for agent in panel} == {"smollm2"}
    assert all(agent.perspective.statement.startswith(("I ", "My ")) for agent in panel)
    assert all(agent.perspective.values and agent.perspective.red_lines for agent in panel)
    assert Pool.from_yaml("mine/pool.yaml").engines
    assert "mine/panel.yaml" in said.out


def test_the_comments_name_every_value_of_the_vocabulary(run: Run) -> None:
    run("init", "mine")
    text = Path("mine/panel.yaml").read_text(encoding="utf-8")
    assert [name for name in SCHWARTZ_20.labels if name not in text] == []


def test_what_is_there_is_left_alone(run: Run) -> None:
    Path("pool.yaml").write_text("mine", encoding="utf-8")
    before = Path("panel.yaml").read_text(encoding="utf-8")
    said = run("init")
    assert said.code == 2
    assert "already there: panel.yaml, pool.yaml" in said.err
    assert "--force" in said.err
    assert Path("panel.yaml").read_text(encoding="utf-8") == before
    assert run("init", "--force").code == 0
    assert Path("panel.yaml").read_text(encoding="utf-8") != before


def test_a_folder_that_cannot_be_made(run: Run) -> None:
    said = run("init", "panel.yaml/inside")
    assert said.code == 2
    assert "cannot write in 'panel.yaml/inside'" in said.err


def test_what_cannot_be_written_whole_leaves_what_was_there(run: Run, at_home: Path) -> None:
    (at_home / "panel.yaml").write_text("mine", encoding="utf-8")
    (at_home / "pool.yaml").mkdir()
    said = run("init", "--force")
    assert said.code == 2
    assert "pool.yaml is a folder" in said.err
    assert (at_home / "panel.yaml").read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in at_home.iterdir()) == ["panel.yaml", "pool.yaml"]
