"""A person on the panel, on the command line: the run waits, is answered, and goes on."""

import json
import os
import pty
import select
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

PANEL = """\
agents:
  - {name: nurse, model: any}
  - {name: patient, model: any}
  - {name: mayor, model: human, perspective: {statement: "I was \\u202eelected."}}
"""
ASKED = ("ask", "Share?", "--panel", "panel.yaml", "--option", "yes", "--option", "no")


@pytest.fixture(autouse=True)
def with_a_person(at_home: Path) -> None:
    (at_home / "panel.yaml").write_text(PANEL, encoding="utf-8")


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_process_waits_another_answers_and_a_third_goes_on(run: Run, start) -> None:
    """Each step is a process of its own; nothing but the record is between them."""
    quiet: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    code, _, err = ended(start(*ASKED, "--rounds", "0", **quiet))
    assert code == 3
    assert err.startswith("the run waits for mayor (c0.4); everything else is on record\n")
    assert "folkmoot answer" in err
    (record,) = (str(each) for each in Path("runs").iterdir())
    shown = run("show", record).out
    assert "waiting for: mayor, stand (c0.4)\n" in shown
    assert f"folkmoot answer {record} --call c0.4" in shown
    for _ in range(10):
        waiting = json.loads(run("answer", record, "--json").out)
        for asked in waiting:
            said = (
                ("--choose", asked["options"][-1]) if asked["options"] else ("--text", "I say so.")
            )
            line = ("answer", record, "--call", asked["call"], *said)
            first = asked is waiting[0]
            code, _, err = ended(start(*line, **quiet)) if first else run(*line)
            assert (code, err) == (0, "")
        code, out, err = ended(start("resume", record, **quiet))
        if code == 0:
            break
        assert code == 3
    assert code == 0
    assert "Answer" in out
    verified = run("verify", record)
    assert verified.code == 0
    assert "complete" in verified.out
    assert "waiting for" not in run("show", record).out


def test_a_wrong_answer_is_refused_in_a_line_and_changes_nothing(run: Run) -> None:
    assert run(*ASKED).code == 3
    (record,) = Path("runs").iterdir()
    before = len((record / "journal.jsonl").read_text().splitlines())
    for said, fault in (
        (("--call", "c0.4", "--choose", "perhaps"), "'perhaps' is none of the options"),
        (("--call", "c0.4"), "nothing was chosen"),
        (("--call", "c0.0", "--choose", "yes"), "no call 'c0.0' waits for a person"),
    ):
        refused = run("answer", str(record), *said)
        assert refused.code == 2
        assert fault in refused.err
    kinds = [json.loads(line)["kind"] for line in (record / "journal.jsonl").open()]
    assert set(kinds[before:]) == {"resume"}
    listed = run("answer", str(record))
    assert listed.out == "mayor is asked c0.4 (stand)\n"


def test_on_a_terminal_resume_asks_the_person(run: Run, start) -> None:
    """What the seat may see is on the screen, and nothing of it can act on the terminal."""
    assert run(*ASKED, "--rounds", "0").code == 3
    (record,) = Path("runs").iterdir()
    master, slave = pty.openpty()
    process = start("resume", str(record), stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    seen = ""
    answered = 0
    answers = {
        "your choice": b"maybe\n",
        "how sure": b"0.8\n",
        "your reason": b"\n",
        "your words": b"It is theirs. So I say.\n",
    }
    rest, until = "", time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            rest += os.read(master, 4096).decode(errors="replace")
        except OSError:
            break
        for prompt, said in answers.items():
            if prompt in rest and rest.rstrip().endswith(":"):
                seen, rest = seen + rest, ""
                if prompt == "your choice":
                    answered += 1
                    said = b"maybe\n" if answered == 1 else b"a\n"
                os.write(master, said)
    seen += rest
    os.close(master)
    assert process.wait(timeout=30) == 0, seen
    assert "Your perspective: I was <U+202E>elected." in seen
    assert "Question: Share?" in seen
    assert "'maybe' is none of the options" in seen
    assert "\u202e" not in seen
    assert run("verify", str(record)).code == 0
