"""What a protocol of one's own is made of has a public name, and the documentation uses it."""

import ast
import re
from pathlib import Path

import pytest

import folkmoot.agents
import folkmoot.graphs
import folkmoot.protocols
import folkmoot.records
from folkmoot.graphs import kinds
from folkmoot.graphs.check import check
from folkmoot.graphs.rehearsal import dry_opening
from folkmoot.graphs.soundness import unsound
from folkmoot.protocols import Composed, Deliberation, Stand
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide

ROOT = Path(__file__).parents[2]
ROOMS = (folkmoot.agents, folkmoot.graphs, folkmoot.protocols, folkmoot.records)
INNER = {"at-position", "imported", "picked"}
"""Made by `in_turn`, `folkmoot import` and `picked`, and by nobody else."""
PAGES = ("docs/protocols.md", "docs/langgraph.md")
EXAMPLES = ("examples/recipes.py", "examples/dar_debate.py")


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_public_name_is_there_once(room):
    assert [name for name in room.__all__ if not hasattr(room, name)] == []
    assert len(set(room.__all__)) == len(room.__all__)


@pytest.mark.parametrize("sort", ["stage", "condition", "value"])
def test_every_kind_that_a_file_can_name_has_a_public_name(sort):
    own = kinds.kinds(sort)
    hidden = {
        name for name, cls in own.items() if cls.__name__ not in folkmoot.protocols.__all__
    } - INNER
    assert hidden == set()


def blocks(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def imported(source: str) -> set[str]:
    """The modules of Folkmoot that a text imports from."""
    found = ast.walk(ast.parse(source))
    modules = {node.module or "" for node in found if isinstance(node, ast.ImportFrom)}
    return {name for name in modules if name.split(".")[0] == "folkmoot"}


def sources() -> list[tuple[str, str]]:
    on_pages = [
        (
            page,
            block.replace("await ", "").replace("async for", "for").replace("async with", "with"),
        )
        for page in PAGES
        for block in blocks(page)
    ]
    return [*on_pages, *((name, (ROOT / name).read_text(encoding="utf-8")) for name in EXAMPLES)]


@pytest.mark.parametrize(("where", "source"), sources(), ids=lambda each: each[:24])
def test_pages_and_examples_import_from_rooms_alone(where, source):
    deep = {name for name in imported(source) if name.count(".") > 1}
    assert deep == set(), where


def test_the_protocol_and_the_stage_of_the_page_run():
    names: dict[str, object] = {}
    for block in blocks("docs/protocols.md"):
        exec(compile(block, "docs/protocols.md", "exec"), names)
    two_rounds, proverb = names["TwoRounds"], names["proverb"]
    opening = dry_opening(("ann", "bo", "cy"), ("yes", "no"))
    assert isinstance(two_rounds(), Deliberation)
    assert unsound(two_rounds(), opening) == ()
    mine = Composed(name="mine", parts=(Stand(), proverb, Contest(), Decide(), Conclude()))
    assert unsound(mine, opening) == ()
    seats = folkmoot.agents.Panel(
        [folkmoot.agents.Agent(seat, model="m") for seat in opening.seats]
    )
    assert check("Share?", seats, two_rounds(), ("yes", "no")) == ()
