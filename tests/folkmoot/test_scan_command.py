"""`folkmoot scan` and `folkmoot annotate`: what they print, write and return."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from folkmoot.cli import main
from folkmoot.records import Turn, load
from folkmoot.records.annotations import read_annotations
from tests.records.conftest import make_run

OWN = """
from folkmoot.eval.scan import Found

def spared(subject):
    for turn in subject.said:
        if "saves" in turn.text:
            yield Found(label="spared", about=(turn.id,), severity=3, explanation=chr(27) + "[31mred")
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    for name in ("one", "two"):
        make_run().write(folder / name)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "runs"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def line(*arguments: object) -> tuple[int, str, str]:
        code = main([str(each) for each in arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return line


def test_every_record_is_scanned_and_what_is_found_cited(run: Any, folder: Path) -> None:
    code, out, _ = run("scan", folder)
    assert code == 0
    assert "2 records, 0 broken" in out
    assert "hidden-characters" in out
    assert "[M2:" in out
    code, out, _ = run("scan", folder, "--json")
    said = json.loads(out)
    assert (said["records"], said["again"]) == (2, 18)
    labels = {each["label"]: each for each in said["labels"]}
    assert labels["hidden-characters"] == {"label": "hidden-characters", "found": 2, "records": 2}


def test_a_broken_record_is_a_row_and_an_exit_code(run: Any, folder: Path) -> None:
    journal = folder / "one" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"lives", b"lifes"))
    code, out, _ = run("scan", folder, "--scanner", "collapse")
    assert code == 1
    assert "broken: one: line" in out
    assert "2 records, 1 broken" in out


def test_fail_on_a_label(run: Any, folder: Path) -> None:
    code, _, err = run("scan", folder, "--regex", "saves", "--fail-on", "saves")
    assert (code, err) == (3, "found: saves\n")
    assert run("scan", folder, "--regex", "saves", "--fail-on", "any")[0] == 3
    assert run("scan", folder, "--regex", "nowhere", "--fail-on", "any")[0] == 0


def test_ones_own_scanner_and_its_hostile_words(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own_scanners.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    code, out, _ = run("scan", folder, "--own", "own_scanners:spared", "--keep")
    assert code == 0
    assert "\x1b" not in out
    assert "␛[31mred" in out
    assert "put on record: 2 findings" in out
    assert (
        "put on record: 0 findings"
        in run("scan", folder, "--own", "own_scanners:spared", "--keep")[1]
    )
    (kept,) = read_annotations(folder / "one")
    assert (kept.kind, kept.label, kept.about.id) == ("finding", "spared", "M1")


def test_findings_are_held_against_labels(run: Any, folder: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    lines = (("one", "M1", True), ("one", "M2", False), ("two", "M1", True), ("two", "M3", True))
    labels.write_text(
        "\n".join(
            json.dumps({"record": r, "label": "saves", "message": m, "value": v})
            for r, m, v in lines
        )
    )
    out = json.loads(run("scan", folder, "--regex", "saves", "--measure", labels, "--json")[1])
    (found,) = out["measured"]
    assert (found["n"], found["found_true"], found["missed"]) == (4, 2, 1)
    assert found["precision"]["value"] == 1
    code, out, _ = run("scan", folder, "--regex", "saves", "--measure", labels)
    assert code == 0
    assert "3/4 1.00 (0.34-1.00) 0.67 (0.21-0.94)" in out
    run("annotate", folder / "one", "--about", "M1", "--label", "saves", "--by", "ann")
    code, out, _ = run("scan", folder, "--regex", "saves", "--measure", "annotations")
    assert "1/1 1.00" in out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--scanner", "none"], "no scanner 'none'"),
        (["--regex", "("], "no regular expression"),
        (["--own", "nowhere:f"], "cannot import"),
        (["--question", "x", "--type", "label"], "cannot be asked"),
        (["--question", "x", "--read-only"], "--read-only"),
        (["--question", "x", "--type", "structured", "--schema", "nowhere.json"], "cannot read"),
        (["--measure", "nowhere.jsonl"], "cannot read"),
    ],
)
def test_what_cannot_be_done_is_said(
    run: Any, folder: Path, arguments: list[str], why: str
) -> None:
    code, out, err = run("scan", folder, *arguments)
    assert (code, out) == (2, "")
    assert why in err
    assert "fault of folkmoot" not in err


def test_what_there_is_is_listed(run: Any) -> None:
    assert "words-taken-over, version 1" in run("scan", "--list")[1]
    assert len(json.loads(run("scan", "--list", "--json")[1])["scanners"]) == 9
    assert run("scan")[0] == 2


def test_annotating_correcting_listing(run: Any, folder: Path) -> None:
    record = folder / "one"
    code, out, _ = run(
        "annotate", record, "--about", "m1", "--quote", "saves lives", "--label", "claim",
        "--value", "0.5", "--note", "\x1b[31mloud\u202e", "--by", "ann",
    )  # fmt: skip
    assert code == 0
    assert out.startswith("a1  M1:8-19  claim = 0.5  by ann")
    assert "\x1b" not in out
    assert "\u202e" not in out
    said = json.loads(
        run("annotate", record, "--corrects", "a1", "--reason", "no", "--by", "bo", "--json")[1]
    )
    assert (said["kind"], said["about"]["id"]) == ("correction", "M1")
    code, out, _ = run("annotate", record, "--list")
    assert "(corrected by a2)" in out
    assert "withdraws a1: no" in out
    assert load(record).transcript.turn("M1") == make_turn("M1")
    assert run("verify", record)[0] == 0
    file = record / "annotations.jsonl"
    file.write_bytes(file.read_bytes().replace(b"claim", b"blame"))
    code, out, _ = run("verify", record)
    assert code == 1
    assert "annotations.jsonl, line 1" in out


def make_turn(message: str) -> Turn:
    return make_run().transcript.turn(message)


def test_agreement_over_a_folder(run: Any, folder: Path) -> None:
    for seat, values in (("ann", "true false true"), ("bo", "true false false")):
        for number, value in enumerate(values.split(), 1):
            run("annotate", folder / "one", "--about", f"M{number}", "--label", "bad",
                "--value", value, "--by", seat)  # fmt: skip
    code, out, _ = run("annotate", folder, "--agreement")
    assert code == 0
    # Two copies of one run are one thing: po = 2/3, pe = 4/9.
    assert "bad: Cohen's κ 0.40" in out
    assert "of 3 things" in out
    said = json.loads(run("annotate", folder, "--agreement", "--json")[1])
    assert said["labels"][0]["value"]["value"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--about", "M99", "--label", "x"],
        ["--about", "M1", "--quote", "nowhere", "--label", "x"],
        ["--list", "--label", "x"],
        ["--list", "--agreement"],
        ["--corrects", "a9", "--reason", "x"],
        ["--corrects", "a1"],
        ["--label", "x", "--by", "scanner:x/1"],
        ["--value", "1", "--note", "x"],
    ],
)
def test_what_cannot_be_annotated_is_said(run: Any, folder: Path, arguments: list[str]) -> None:
    code, out, err = run("annotate", folder / "one", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert not (folder / "one" / "annotations.jsonl").exists()
