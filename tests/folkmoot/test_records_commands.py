"""`folkmoot show`, `verify` and `resume`: what can be done with a record."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot import Outcome, load, verify
from folkmoot.records import (
    Conflict,
    Journal,
    Reply,
    outcome_of,
    read_journal,
    write_derived,
)
from folkmoot.stopping import Stopped

Run = Callable[..., Any]
Start = Callable[..., "subprocess.Popen[str]"]


def test_show_prints_the_report_of_the_run(run: Run, ask: Run) -> None:
    asked = ask("--quiet")
    (record,) = Path("runs").iterdir()
    shown = run("show", str(record))
    assert shown.code == 0
    assert shown.out == asked.out


def test_show_messages_in_full(run: Run, record: Path) -> None:
    brief, full = run("show", str(record)).out, run("show", str(record), "--messages").out
    more = full.count("[M") - brief.count("[M")
    assert more > 0
    assert full.count("Then more follows.") - brief.count("Then more follows.") == more
    assert "[M1]      " in full
    assert "--messages" in brief
    assert "--messages" not in full


def test_show_json_is_what_ask_printed(run: Run, ask: Run) -> None:
    asked = ask("--json", "--quiet")
    (record,) = Path("runs").iterdir()
    assert json.loads(run("show", str(record), "--json").out) == json.loads(asked.out)


def test_show_changes_nothing(run: Run, record: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in record.iterdir()}
    run("show", str(record))
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in record.iterdir()} == before


def test_the_ledger_is_told_by_seat_contributor_engine_and_purpose(run: Run, record: Path) -> None:
    said = run("ledger", str(record))
    assert said.code == 0
    heads = [line.split()[0] for line in said.out.splitlines() if " calls" in line]
    assert heads == ["seat", "contributor", "engine", "purpose", "total"]
    told = json.loads(run("ledger", str(record), "--json").out)
    asked = load(record).ledger.total
    assert (told["total"]["calls"], told["total"]["prompt"]) == (asked.calls, asked.prompt)
    for group in ("seats", "contributors", "engines", "purposes"):
        assert sum(line["calls"] for line in told[group].values()) == asked.calls
    assert "calls" not in told
    every = json.loads(run("ledger", str(record), "--json", "--calls").out)["calls"]
    assert len(every) == asked.calls
    assert all(each["call"] in run("ledger", str(record), "--calls").out for each in every[:3])


def test_an_untouched_record_verifies(run: Run, record: Path) -> None:
    said = run("verify", str(record))
    assert said.code == 0
    assert said.out.startswith(f"verified  {record}\n")
    found = json.loads(run("verify", str(record), "--json").out)
    assert (found["ok"], found["not_worked_out_again"]) == (True, None)


def test_what_replies_do_not_come_to_is_no_verified_record(
    run: Run, record: Path, tmp_path: Path
) -> None:
    """Chained anew by somebody who holds it, and consistent with everything else."""
    view, to = read_journal(record), tmp_path / "forged"
    with Journal.create(to, view.opening) as journal:
        for call in view.calls:
            journal.call(call)
        for each in view.records:
            forged = each.model_copy(update={"issue": "Is all well?"})
            journal.record(forged if isinstance(each, Conflict) else each)
        journal.close()
        write_derived(to, outcome_of(journal.view(), to))
    said = run("verify", str(to))
    assert said.code == 1
    assert "is not what the replies come to: issue" in said.out


def test_a_record_of_another_version_is_not_worked_out_again(
    run: Run, record: Path, tmp_path: Path
) -> None:
    view, to = read_journal(record), tmp_path / "old"
    versions = {"versions": {"folkmoot": "0.0.1"}}
    with Journal.create(to, view.opening.model_copy(update=versions)):
        pass
    said = run("verify", str(to))
    assert said.code == 0
    assert "not worked out again from its replies: it was begun with Folkmoot 0.0.1" in said.out


def test_a_changed_record_does_not_and_says_at_which_line(run: Run, record: Path) -> None:
    journal = record / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b"nurse", b"curse", 1) if b"nurse" in lines[4] else b"{}\n"
    journal.write_bytes(b"".join(lines))
    said = run("verify", str(record))
    assert said.code == 1
    assert said.out.startswith("NOT VERIFIED")
    assert "line 5" in said.out
    found = json.loads(run("verify", str(record), "--json").out)
    assert found["ok"] is False
    assert found["findings"][0]["line"] == 5


def test_a_broken_record_is_an_error_to_show(run: Run, record: Path) -> None:
    (record / "journal.jsonl").write_bytes(b"not a journal\n")
    said = run("show", str(record))
    assert said.code == 2
    assert said.err.startswith("error: ")


def test_resuming_what_has_ended_changes_nothing(run: Run, record: Path) -> None:
    before = (record / "journal.jsonl").read_bytes()
    said = run("resume", str(record))
    assert said.code == 0
    assert "Answer    Yes." in said.out
    assert (record / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_says_how_to_go_on_and_does(
    start: Start, run: Run, number: signal.Signals, code: int
) -> None:
    asked = start(
        *("ask", "Is it so?", "--panel", "panel.yaml", "--option", "yes", "--option", "no"),
        delay_s=0.15,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    record = _underway(asked)
    os.kill(asked.pid, number)
    _, err = asked.communicate(timeout=30)
    assert asked.returncode == code
    assert (
        err == f"stopped; every reply so far is on record\n  go on with: folkmoot resume {record}\n"
    )

    shown = run("show", str(record))
    assert "No answer yet: the run has not ended." in shown.out
    assert f"Go on     folkmoot resume {record}" in shown.out

    resumed = run("resume", str(record))
    assert resumed.code == 0
    assert " on record" in resumed.out
    assert "Answer    Yes." in resumed.out
    assert run("verify", str(record)).code == 0


@pytest.mark.parametrize("lot", range(3))
def test_a_run_killed_at_any_instant_ends_as_one_that_was_not(
    start: Start, run: Run, lot: int
) -> None:
    line = ["ask", "Is it so?", "--panel", "panel.yaml", "--option", "yes", "--option", "no"]
    line += ["--quiet", "--seed", "5"]
    assert run(*line, "--record-dir", "straight").code == 0
    (straight,) = map(load, Path("straight").iterdir())
    asked = start(*line, delay_s=0.1, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    record = _underway(asked)
    time.sleep(random.Random(lot).uniform(0, 0.5))
    asked.kill()
    asked.communicate(timeout=30)
    assert asked.returncode == -signal.SIGKILL
    assert verify(record).status == "unfinished"
    assert run("resume", str(record), "--quiet").code == 0
    assert run("verify", str(record)).code == 0
    ended = load(record)
    assert _untimed(ended) == _untimed(straight)
    assert ended.conflicts == straight.conflicts
    assert ended.decision == straight.decision
    assert ended.ledger.total == straight.ledger.total


def _untimed(outcome: Outcome) -> list[Any]:
    return [
        record.model_copy(update={"took_ms": None}) if isinstance(record, Reply) else record
        for record in outcome.transcript.records
    ]


def _underway(process: "subprocess.Popen[str]") -> Path:
    """The record of a run, as soon as it holds a few replies."""
    for _ in range(600):
        for journal in Path("runs").glob("*/journal.jsonl"):
            if journal.read_bytes().count(b'"record":"reply"') >= 3:
                return journal.parent
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("no reply was recorded within 30 s")


def test_how_to_go_on_names_the_pool_file() -> None:
    stopped = Stopped(signal.SIGINT, "runs/a b", Path("my pool.yaml"))
    assert stopped.lines()[1] == ("go on with: folkmoot resume 'runs/a b' --pool 'my pool.yaml'")
