"""The protocols' pages are current and whole."""

import re
from pathlib import Path

import pages
import pytest
from ruamel.yaml import YAML

from folkmoot.protocols import Entry, catalogue

ROOT = Path(__file__).parents[2]
NAMES = [entry.name for entry in catalogue()]
SECTIONS = ["Picture", "Parameters", "Stages", "Cost", "When it helps", "When it harms"]


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
def test_what_is_committed_is_what_the_generator_writes(entry: Entry) -> None:
    for path, text in pages.written(entry):
        assert path.exists(), "run: python docs/pages.py"
        assert path.read_text(encoding="utf-8") == text, "run: python docs/pages.py"


def test_the_page_of_all_stages_is_what_the_generator_writes() -> None:
    text = pages.STAGES.read_text(encoding="utf-8")
    assert text == pages.stages_page(), "run: python docs/pages.py"
    assert "## Stand" in text
    assert "| `how` | `None` | How a seat is to come to its stance" in text


def test_every_protocol_has_a_page_and_every_page_a_protocol() -> None:
    folder = pages.PAGES
    assert {path.stem for path in folder.glob("*.md")} - {"costs"} == set(NAMES)
    assert {path.stem for path in folder.glob("pictures/*")} == set(NAMES)
    assert {path.stem for path in folder.glob("facts/*")} - {"common"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_every_section_and_its_links_lead_somewhere(name: str) -> None:
    text = (pages.PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert re.search(r"^- Source: \S", text, re.MULTILINE)
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (pages.PAGES / target).exists(), target


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_names_its_source(name: str) -> None:
    about = pages.facts(name)
    for found in (*about.helps, *about.harms):
        assert found["says"].strip()
        assert found["source"].strip()
    assert about.group in ("named", "recipe", "control")
    assert about.sources
    assert about.defaults.strip()


def test_the_site_lists_every_page() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = str(YAML(typ="safe").load(text)["nav"])
    for name in [*NAMES, "costs"]:
        assert f"'protocols/{name}.md'" in nav
