"""What a terminal and a pipe really get: the program run as a process of its own."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from folkmoot import verify

Start = Callable[..., "subprocess.Popen[str]"]

ASK = ("ask", "Is it so?", "--panel", "panel.yaml", "--option", "yes", "--option", "no")

OURS = re.compile(rb"\x1b\[(?:\d+(?:;\d+)*m|\?25[lh]|[12]K|\d*A)")
"""What the live view may send: colours, cursor on and off, line erased, cursor up."""


def test_a_pipe_gets_plain_text_in_eighty_columns(start: Start) -> None:
    asked = start(*ASK, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = asked.communicate(timeout=60)
    assert asked.returncode == 0
    assert err == ""
    hidden = {c for c in out if unicodedata.category(c) in ("Cc", "Cf")} - {"\n"}
    assert hidden == set()
    assert max(map(len, out.splitlines())) <= 80
    assert all(line == line.rstrip() for line in out.splitlines())
    assert "␛[31mred␛[0m [bold]loud[/bold] <U+202E>desrever<U+202C> ␇ :smile:" in " ".join(
        out.split()
    )


def test_a_reader_that_goes_away_does_not_end_the_run(start: Start) -> None:
    asked = start(*ASK, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert asked.stdout is not None
    assert asked.stderr is not None
    asked.stdout.close()
    assert "Traceback" not in asked.stderr.read()
    asked.stderr.close()
    assert asked.wait(60) == 0
    (record,) = Path("runs").iterdir()
    assert verify(record).status == "complete"


def test_an_ascii_terminal_gets_question_marks_not_a_fault(start: Start) -> None:
    os.environ["PYTHONIOENCODING"] = "ascii"
    try:
        asked = start(*ASK, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        del os.environ["PYTHONIOENCODING"]
    out, err = asked.communicate(timeout=60)
    assert (asked.returncode, err) == (0, "")
    assert "????????" in out


SEEN = (
    "loading the script   ████████░░░░░░░░",
    "round 0  speak     ░░░░░░░░░░░░░░░░    0/4",
    "patient         As patient I weigh",
    "(provisional until it is recorded)",
    "thinking",
    "round 1  speak     ████████████████    4/4",
    "Answer    Yes.",
)


def test_a_terminal_sees_who_speaks_and_nothing_hostile(start: Start) -> None:
    # A terminal is drawn a few times a second: on a busy machine a text needs longer to be seen.
    for delay_s in (0.2, 1.0, 4.0):
        sent = _on_a_terminal(start, *ASK, delay_s=delay_s)
        text = OURS.sub(b"", sent).decode()
        hidden = {c for c in text if unicodedata.category(c) in ("Cc", "Cf")} - {"\n", "\r"}
        assert hidden == set()
        assert sent.count(b"\x1b[?25l") == sent.count(b"\x1b[?25h") > 0
        lacking = [part for part in SEEN if part not in text]
        if not lacking:
            break
    assert lacking == []
    assert text.index("(provisional") < text.index("Answer    Yes.")


def test_colour_can_be_switched_off(start: Start) -> None:
    os.environ["NO_COLOR"] = "1"
    try:
        sent = _on_a_terminal(start, *ASK, "--quiet")
    finally:
        del os.environ["NO_COLOR"]
    assert re.search(rb"\x1b\[(?:\d+;)*3[0-7]", sent) is None
    assert b"1 outvoted" in sent


def _on_a_terminal(start: Start, *arguments: str, **settings: Any) -> bytes:
    """Everything that the program sends to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
    os.environ["TERM"] = "xterm-256color"
    asked = start(*arguments, stdin=theirs, stdout=theirs, stderr=theirs, **settings)
    os.close(theirs)
    sent = b""
    try:
        while select.select([ours], [], [], 60)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not piece:
                break
            sent += piece
        assert asked.wait(60) == 0, sent.decode(errors="replace")
    finally:
        asked.kill()
        asked.wait()
        os.close(ours)
    return sent
