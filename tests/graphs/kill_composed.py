"""Kill runs with a fan-in, or with people, after every line of their journal, and resume them.

Run by `test_fan_in.py` and `test_human.py`: `python kill_composed.py fan-in|people FOLDER`. Prints one
JSON object, as `kill_everywhere.py` does.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import kill_everywhere as kills

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import deliberate
from folkmoot.graphs.human import Said, answer, choices, waiting
from folkmoot.graphs.run import resume_as
from folkmoot.pool import Pool
from folkmoot.protocols import Debate, Deliberation, FanIn, Setting
from folkmoot.protocols.composed import Composed
from folkmoot.records import Call, Outcome, Waiting, read_journal, verify

OPTIONS = ("yes", "no")


def fan_in() -> Deliberation:
    """A blind vote with reasons that waits for two seats of three in each step."""
    parts = Debate(rounds=0, contest_claims=False).parts(Setting(("ann", "bo", "cy"), OPTIONS))
    return Composed(
        name="quick",
        parts=tuple(
            FanIn(part, 2) if getattr(part, "name", "") in ("stand", "speak") else part
            for part in parts
        ),
    )


class Case:
    """Who deliberates, how, and what they say."""

    def __init__(self, people: bool) -> None:
        self.people = people
        self.protocol = Debate(rounds=1, contest_claims=False) if people else fan_in()
        human = ("bo", "cy") if people else ()
        self.panel = Panel(
            Agent(name, model="human" if name in human else "m") for name in ("ann", "bo", "cy")
        )
        self.asked: list[str] = []

    async def say(self, call: Call) -> str | list[float]:
        """cy never says anything in time where it is not waited for."""
        self.asked.append(call.id)
        if call.seat == "cy" and not self.people:
            await asyncio.sleep(60)
        return kills.answer(call)

    def begin(self, folder: Path, name: str) -> Outcome:
        """From the beginning to the end, people answering as they are asked."""
        try:
            return asyncio.run(
                deliberate(
                    "Share?",
                    self.panel,
                    self.protocol,
                    Pool.scripted(self.say),
                    options=OPTIONS,
                    record_dir=folder,
                    run_id=name,
                )
            )
        except Waiting:
            return self.go_on(folder / name)

    def go_on(self, record: Path) -> Outcome:
        """Answer what waits and resume, until it has ended."""
        while True:
            for call in waiting(read_journal(record)):
                self.asked.append(call.id)
                answer(record, call.id, said(call))
            try:
                return asyncio.run(resume_as(record, self.protocol, Pool.scripted(self.say)))
            except Waiting:
                continue

    def wrong(self, record: Path, straight: Outcome) -> Iterator[str]:
        """What a resumed run did otherwise than it should."""
        have = set(read_journal(record).replies)
        self.asked.clear()
        ended = self.go_on(record)
        if again := have & set(self.asked):
            yield f"asked again: {sorted(again)}"
        if ended.transcript.records != straight.transcript.records:
            yield "another transcript"
        if ended.answer != straight.answer or ended.status != "complete":
            yield f"another end: {ended.status}"
        if ended.ledger.total != straight.ledger.total:
            yield "another ledger"
        yield from (str(finding) for finding in verify(record).findings)


def said(call: Call) -> Said:
    """What a person says, the same each time."""
    offered = choices(call)
    if not offered:
        return Said(text=f"Words of {call.seat} to {call.id}. More.")
    return Said(choose="no" if "no" in offered else sorted(offered)[0])


def main(kind: str, folder: Path) -> None:
    """Every line; with people, who are resumed many times, every seventh."""
    case = Case(people=kind == "people")
    straight = case.begin(folder, "straight")
    lines = read_journal(folder / "straight").lines
    kills.run = case.begin  # what the child runs
    found: dict[str, list[str]] = {}
    killed = 0
    for line in range(1, lines + 1, 7 if case.people else 1):
        name = f"line {line}"
        if not kills.killed(folder, name, kills.Killing(line, 0, headed=False)):
            found[name] = ["was not killed"]
            continue
        killed += 1
        if faults := list(case.wrong(folder / name, straight)):
            found[name] = faults
    print(json.dumps({"lines": lines, "kills": killed, "wrong": found}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
