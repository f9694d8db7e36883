"""`folkmoot replay`, `resynthesize`, `diff` and `redecide --all`, as somebody types them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import folkmoot.commands.replay
import folkmoot.commands.resynthesize
from folkmoot import load, verify
from folkmoot.pool import Pool
from folkmoot.protocols.write import WRITER
from folkmoot.records import Journal, read_journal
from tests.folkmoot.conftest import SCRIPT

Run = Callable[..., Any]

HOSTILE = "Yes. \x1b[31mred\x1b[0m \u202eoops [bold]x[/bold]"


def other_words(call: Any) -> Any:
    """As the script, but for what seats and the writer write."""
    if call.seat == WRITER:
        return HOSTILE
    return "Other \x1b[2J words." if call.op == "generate" else SCRIPT["answer"](call)


class OtherPools:
    """Stands where the commands look for `Pool`."""

    from_yaml = Pool.from_yaml

    @staticmethod
    def embedded(**_: Any) -> Pool:
        return Pool.scripted(other_words)


@pytest.fixture
def again(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line whose models say other words than the script's."""
    for command in (folkmoot.commands.replay, folkmoot.commands.resynthesize):
        monkeypatch.setattr(command, "Pool", OtherPools)
    return run


def files(record: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in record.rglob("*") if path.is_file()}


def test_a_record_is_built_again(run: Run, record: Path) -> None:
    before = files(record)
    said = run("replay", str(record))
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("the same  runs/")
    assert said.out.count(" same") == 7
    found = json.loads(run("replay", str(record), "--json").out)["replay"]
    assert (found["same"], found["status"]) == (True, "complete")
    assert files(record) == before


def test_a_record_that_was_changed_ends_with_one(run: Run, record: Path) -> None:
    path = record / "outcome.json"
    path.write_bytes(
        path.read_bytes()
        .replace(b"no_forced", b"decided_x")
        .replace(b'"run_id":"', b'"run_id":"\\u001b[2J')
    )
    said = run("replay", str(record))
    assert said.code == 1
    assert "NOT THE SAME" in said.out
    assert "/run_id" in said.out
    assert "\x1b" not in said.out
    assert run("replay", str(record), "--json").code == 1


def test_models_are_asked_again_and_the_report_is_kept(again: Run, record: Path) -> None:
    before = files(record)
    said = again("replay", str(record), "--engine", "--to", "reports", "--json")
    assert said.code == 0
    found = json.loads(said.out)["engine"]
    assert found["verdict"] == "statistical"
    assert found["by_stage"]["stand"]["equal"] == found["by_stage"]["stand"]["asked"]
    assert found["by_stage"]["speak"]["equal"] == 0
    (kept,) = Path("reports").iterdir()
    assert json.loads(kept.read_text(encoding="utf-8")) == json.loads(said.out)
    assert files(record) == before
    shown = again("replay", str(record), "--engine")
    assert "Replies are statistical" in shown.out
    assert "from character 0" in shown.out
    assert "is not known" in shown.out
    assert "\x1b" not in shown.out


def test_another_writer_concludes_beside_the_record(again: Run, record: Path) -> None:
    before = files(record)
    said = again("resynthesize", str(record), "--writer", "scribe")
    assert (said.code, said.err) == (0, "")
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    assert files(record) == before
    branch = record.parent / f"{record.name}-by-scribe"
    assert verify(branch).ok
    assert load(branch).transcript.answer.author == WRITER
    assert again("replay", str(branch)).out.count(" same") == 8
    assert again("verify", str(branch)).code == 0
    differing = json.loads(again("diff", str(record), str(branch), "--json").out)
    assert differing["answer"]["second"].startswith("Yes.")
    assert "decision" not in {k for k, v in differing.items() if v and k != "first"}
    elsewhere = again("resynthesize", str(record), "--writer", "b", "--to", "branches", "--json")
    assert json.loads(elsewhere.out)["answer"].startswith("Yes.")
    assert (Path("branches") / f"{record.name}-by-b").is_dir()
    other = again("replay", str(Path("branches") / f"{record.name}-by-b"), "--trunk", str(branch))
    assert (other.code, "trunk            differs" in other.out) == (1, True)


def test_two_runs_and_two_folders_are_compared(run: Run, record: Path, ask: Run) -> None:
    same = run("diff", str(record), str(record), "--exit-code")
    assert (same.code, "the same in everything" in same.out) == (0, True)
    assert ask("--quiet", "--record-dir", "two", "--param", "rule=unanimity").code == 0
    (other,) = Path("two").iterdir()
    said = run("diff", str(record), str(other))
    assert said.code == 0
    assert "decided → deadlock" in said.out
    assert run("diff", str(record), str(other), "--exit-code").code == 1
    arms = run("diff", "runs", "two", "--exit-code")
    assert (arms.code, arms.err) == (1, "")
    assert "1 questions in both, 1 come to something else" in arms.out
    found = json.loads(run("diff", "runs", "two", "--json").out)
    assert (found["counts"]["winner"], found["empty"]) == (1, False)


def test_every_rule_over_a_run_and_over_a_folder(run: Run, record: Path) -> None:
    before = files(record)
    said = run("redecide", str(record), "--all", "--weight", "nurse=9")
    assert (said.code, said.err) == (0, "")
    assert "comes to the decision on record" in said.out
    assert "weighted plurality" in said.out
    assert "dictator: it needs its seat" in said.out
    found = json.loads(run("redecide", str(record), "--all", "--json").out)
    assert found["reproduced"] is True
    assert found["counted"] == len([r for r in found["rules"].values() if r["compared"]])
    shutil.copytree(record, Path("runs") / "second")
    said = run("redecide", "runs", "--all", "--without", "nurse")
    assert (said.code, said.err) == (0, "")
    assert "2 runs; 2 of 2 decisions come out again" in said.out
    assert "Same winner" in said.out
    assert files(record) == before


def test_a_decision_that_does_not_come_out_again_is_loud(run: Run, record: Path) -> None:
    view = read_journal(record)
    with Journal.create("runs/forged", view.opening) as journal:
        for call in view.calls:
            journal.call(call)
        for each in view.records:
            forged = each.record == "decision"
            journal.record(each.model_copy(update={"margin": 9.5}) if forged else each)
        journal.close()
    said = run("redecide", "runs/forged", "--all")
    assert (said.code, "NOT REPRODUCED" in said.out) == (1, True)
    said = run("redecide", "runs", "--all")
    assert (said.code, "1 of 2 decisions come out again" in said.out) == (1, True)
    assert "NOT REPRODUCED  forged: the margin is 9.5" in said.out


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (("replay", "nowhere"), "no record"),
        (("replay", "RECORD", "--pool", "p.yaml"), "--pool is of no use without --engine"),
        (("resynthesize", "RECORD"), "--writer MODEL is missing"),
        (("resynthesize", "nowhere", "--writer", "m"), "no record"),
        (("diff", "RECORD", "runs"), "is a run, and 'runs' is none"),
        (("diff", "nowhere", "nowhere"), "no folder 'nowhere'"),
        (("redecide", "RECORD", "--all", "--rule", "borda"), "--rule does not go with --all"),
        (("redecide", "nowhere", "--all"), "no folder 'nowhere'"),
        (("redecide", "runs", "--all", "--without", "eve"), "'eve'"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    run: Run, record: Path, line: tuple[str, ...], part: str
) -> None:
    said = run(*(str(record) if word == "RECORD" else word for word in line))
    assert (said.code, said.out) == (2, "")
    assert part in said.err
