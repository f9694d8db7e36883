"""The golden vectors: what they are is fixed, and two verifiers in two languages find the same in each."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.records import JournalError, read_journal, verify
from folkmoot.records.journal_reader import read_lines
from folkmoot.records.seal import anchoring, fingerprint, read_heads
from tests.conftest import absent
from tests.records.vectors import EXPECTED, FOLDER, as_bytes, chained, expected, head_of, vectors

SECOND = FOLDER.parent / "verify.mjs"
VECTORS = vectors()
FOUND = expected(VECTORS)


@pytest.fixture(scope="module")
def node() -> str:
    """Node runs the second verifier."""
    return shutil.which("node") or absent("Node 20.11 or newer")


def first_fault(folder: Path) -> dict[str, Any]:
    """What this package finds of a journal's form, chain and head."""
    try:
        view = read_journal(folder)
    except JournalError as error:
        return {"ok": False, "line": error.line}
    if view.torn:
        return {"ok": False, "line": view.lines + 1}
    held = anchoring(folder, read_lines(folder)[0])
    return {"ok": view.head_fault is None and not held.findings, "line": None}


def by_node(node: str, *folders: Path, options: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What the second verifier finds."""
    said = subprocess.run(
        [node, str(SECOND), *options, *map(str, folders)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stderr == ""
    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(found) == len(folders)
    assert said.returncode == int(not all(each["ok"] for each in found))
    return found


def test_the_vectors_are_those_that_are_published():
    there = {folder.name for folder in FOLDER.iterdir() if folder.is_dir()}
    assert there == VECTORS.keys() == json.loads(EXPECTED.read_text()).keys()
    assert json.loads(EXPECTED.read_text()) == FOUND
    for name, vector in VECTORS.items():
        head, signature = FOLDER / name / "head.json", FOLDER / name / "signature.json"
        assert (FOLDER / name / "journal.jsonl").read_bytes() == vector.journal, name
        assert (head.read_bytes() if head.exists() else None) == vector.head, name
        assert (signature.read_bytes() if signature.exists() else None) == vector.signature, name


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_this_package_finds_what_it_has_to(name):
    assert first_fault(FOLDER / name) == FOUND[name]


def test_the_second_verifier_finds_the_same(node):
    names = sorted(FOUND)
    found = by_node(node, *(FOLDER / name for name in names))
    firsts = [each["findings"][0]["line"] if each["findings"] else None for each in found]
    assert {
        name: {"ok": each["ok"], "line": line}
        for name, each, line in zip(names, found, firsts, strict=True)
    } == FOUND
    assert found[names.index("whole")]["head"] == verify(FOLDER / "whole").head


def test_both_say_the_same_of_what_holds_a_record_from_outside(node):
    """With a trusted key and a kept head, over every vector that can be read to its end."""
    key, kept = FOLDER / "key.pub", FOLDER / "heads.jsonl"
    trusted = fingerprint(str(key))
    names = [name for name in sorted(FOUND) if FOUND[name]["ok"] or VECTORS[name].signature]
    options = ["--key", str(key), "--heads", str(kept), "--anchored"]
    seen: set[int] = set()
    found = by_node(node, *(FOLDER / name for name in names), options=options)
    for name, theirs in zip(names, found, strict=True):
        reading, _ = read_lines(FOLDER / name)
        mine = anchoring(FOLDER / name, reading, keys=[trusted], heads=read_heads(kept))
        assert [each._asdict() for each in mine.anchors] == theirs["anchors"], name
        assert list(mine.signed_by) == theirs["signed_by"], name
        outside = [each["what"] for each in theirs["findings"] if each["what"] != "unanchored"]
        assert len(mine.findings) == len(outside), name
        seen.add(len(mine.anchors))
    assert seen == {0, 1, 2}


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 2**30), st.integers(1, 255)), min_size=25, max_size=25))
def test_any_byte_changed_fails_with_both_at_the_same_line(node, tmp_path_factory, changes):
    whole, head = VECTORS["whole"][:2]
    folders: list[Path] = []
    for place, other in changes:
        folder = tmp_path_factory.mktemp("changed")
        raw = bytearray(whole)
        raw[place % len(raw)] ^= other
        (folder / "journal.jsonl").write_bytes(raw)
        (folder / "head.json").write_bytes(head)
        folders.append(folder)
    for folder, found in zip(folders, by_node(node, *folders), strict=True):
        mine = first_fault(folder)
        assert not mine["ok"]
        assert (found["ok"], found["findings"][0]["line"]) == (False, mine["line"])


def test_quotations_are_held_to_the_message_by_codepoint(node, tmp_path, run):
    run.write(tmp_path / "whole")
    (found,) = by_node(node, tmp_path / "whole")
    assert found["ok"]
    moved = _misquoting(tmp_path / "whole", tmp_path / "moved")
    (found,) = by_node(node, moved)
    assert [each["what"] for each in found["findings"]] == [
        "quotes M1 otherwise than it stands there"
    ]


def _misquoting(whole: Path, to: Path) -> Path:
    """The record with its first quotation moved by one codepoint, its chain made anew."""
    lines = [json.loads(line) for line in (whole / "journal.jsonl").read_bytes().splitlines()]
    spans = [
        span
        for line in lines
        if line["data"].get("record") == "conflict"
        for position in line["data"]["positions"]
        for span in position["spans"]
    ]
    assert "\U0001f600" in spans[0]["exact"]
    spans[0]["start"] += 1
    spans[0]["end"] += 1
    chain = chained([(line["kind"], line["data"]) for line in lines])
    to.mkdir()
    (to / "journal.jsonl").write_bytes(as_bytes(chain))
    (to / "head.json").write_bytes(head_of(chain))
    return to
