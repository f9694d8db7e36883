"""Kill a run after every line of its journal, resume it, and hold it against the straight run.

Run by `test_recovery.py`: `python kill_everywhere.py FOLDER`. For each line a forked child runs the
debate and SIGKILLs itself the moment that line is written: between the lines of one write, too, and
before the head counts them. In further kills half a line more is written first, or the head as well.
Prints one JSON object: how many lines and kills there were, and everything that came out otherwise.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import deliberate, resume
from folkmoot.pool import Pool
from folkmoot.protocols import Debate
from folkmoot.records import Call, Outcome, RecordError, journal_file, read_journal, verify

PANEL = Panel(Agent(name, model="m") for name in ("ann", "bo", "cy"))
DEBATE = Debate(rounds=1, contest_claims=False)


def answer(call: Call) -> str | list[float]:
    """ann says yes, cy no; bo moves from no to yes and says why."""
    if call.op == "generate":
        return f"Reason {call.id} of {call.seat}. More."
    if call.purpose == "account":
        return [0.9, 0.1] if call.order % 2 == 0 else [0.1, 0.9]
    yes = {"ann": 0.9, "bo": 0.1 if call.round == 0 else 0.8, "cy": 0.2}[call.seat]
    return [yes, 1 - yes] if call.options[0] == " yes" else [1 - yes, yes]


class Killing:
    """Stands where the journal file finds `os`: writes `lines` lines, then kills the process.

    Args:
        lines: how many.
        torn: bytes of the next line that are written as well.
        headed: the head counts them; the kill comes with the next write.
    """

    def __init__(self, lines: int, torn: int, headed: bool) -> None:
        self.left, self.torn, self.headed = lines, torn, headed

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, fd: int, data: bytes) -> int:
        if self.headed and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        whole = data.splitlines(keepends=True)
        if len(whole) > self.left or (len(whole) == self.left and not self.headed):
            torn = b"".join(whole[self.left : self.left + 1])[: self.torn]
            os.write(fd, b"".join(whole[: self.left]) + torn)
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= len(whole)
        return os.write(fd, data)


def run(folder: Path, name: str) -> Outcome:
    """The debate, from its beginning."""
    return asyncio.run(
        deliberate(
            "Share?",
            PANEL,
            DEBATE,
            Pool.scripted(answer),
            options=("yes", "no"),
            record_dir=folder,
            run_id=name,
        )
    )


def killed(folder: Path, name: str, kill: Killing) -> bool:
    """Whether the run in a child process of its own was killed."""
    child = os.fork()
    if child == 0:
        journal_file.os = kill
        run(folder, name)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def wrong(record: Path, straight: Outcome) -> Iterator[str]:
    """What a resumed run did otherwise than it should."""
    have = set(read_journal(record).replies)
    asked: list[str] = []

    def noted(call: Call) -> str | list[float]:
        asked.append(call.id)
        return answer(call)

    ended = asyncio.run(resume(record, Pool.scripted(noted)))
    every = {reply.call for reply in straight.transcript.replies}
    if sorted(asked) != sorted(every - have):
        yield f"asked {asked}, had {sorted(have)}"
    if ended.transcript.records != straight.transcript.records:
        yield "another transcript"
    if ended.conflicts != straight.conflicts or ended.decision != straight.decision:
        yield "another outcome"
    if ended.ledger.model_copy(update={"lost": None}) != straight.ledger:
        yield "another ledger"
    if ended.answer != straight.answer or ended.status != "complete":
        yield f"another end: {ended.status}"
    yield from (str(finding) for finding in verify(record).findings)


def main(folder: Path) -> None:
    """Every line, and for some of them torn tails and written heads."""
    straight = run(folder, "straight")
    lines = read_journal(folder / "straight").lines
    found: dict[str, list[str]] = {}
    kills = 0
    every = [(line, 0, False) for line in range(1, lines + 1)]
    torn = [(line, 1 + 37 * line % 150, False) for line in range(1, lines, 9)]
    headed = [(line, 0, True) for line in range(5, lines, 9)]
    for line, bytes_more, head in (*every, *torn, *headed):
        name = f"line {line}, {bytes_more} bytes more, {'head' if head else 'no head'}"
        if not killed(folder, name, Killing(line, bytes_more, head)):
            found[name] = ["was not killed"]
            continue
        kills += 1
        if faults := list(wrong(folder / name, straight)):
            found[name] = faults
    name = "in the opening"
    killed(folder, name, Killing(0, 20, False))
    try:
        asyncio.run(resume(folder / name, Pool.scripted(answer)))
        found[name] = ["resumed from nothing"]
    except RecordError:
        run(folder, "after it")
    print(json.dumps({"lines": lines, "kills": kills, "wrong": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
