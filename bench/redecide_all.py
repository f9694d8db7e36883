"""How long it takes to count a study's ballots under every rule: no model is asked.

    python bench/redecide_all.py [--records 200] [--record-dir DIR]

The records are made first, by a scripted engine that draws what seats hold: 5 seats, 3 options, debates under
ten rules, a judge's, and drafts that are accepted or not, in turn. Then `every_rule_of` reads them all from
the disk, checks every line, and counts each under every rule that can read its ballots, with pivotal seats.
The last line is JSON: seconds (wall) and CPU seconds of that alone, decisions that came out again, and the
fewest and most rules that could count. It fails if a decision does not come out again, or a model was asked.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from folkmoot.agents import Agent, Panel
from folkmoot.eval.every_rule_of import every_rule_of
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.protocols import CritiqueRevise, Debate, Deliberation
from folkmoot.records import Call

SEATS = ("ann", "bo", "cy", "di", "ed")
OPTIONS = ("a tax", "a ban", "neither")
RULES = (
    "majority",
    "plurality",
    "supermajority",
    "approval",
    "borda",
    "schulze",
    "copeland",
    "score",
    "irv",
    "majority-judgement",
)


class Drawn:
    """Replies drawn by the call alone; `asked` counts them."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, call: Call) -> str | list[float]:
        self.asked += 1
        shown = "".join(segment.text for segment in call.segments)
        draw = random.Random(f"{call.seat}/{call.sampling.seed}/{call.options}/{shown}")
        if call.op == "generate":
            return f"Reason {draw.randrange(10**6)} of {call.seat} stands here."
        weights = [draw.random() ** 2 + 1e-3 for _ in call.options]
        return [weight / sum(weights) for weight in weights]


def protocols() -> list[Deliberation]:
    """The protocols of the study, in turn."""
    under = [Debate(rounds=1, rule=rule, contest_claims=False) for rule in RULES]
    return [*under, Debate(rounds=1, judge="cy", contest_claims=False), CritiqueRevise()]


async def made(folder: Path, records: int, say: Drawn) -> None:
    """Make the study."""
    panel = Panel(Agent(seat, model="drawn") for seat in SEATS)
    kinds = protocols()
    for number in range(records):
        protocol = kinds[number % len(kinds)]
        await deliberate(
            f"What should town {number} do about its traffic?",
            panel,
            protocol,
            Pool.scripted(say),
            options=None if isinstance(protocol, CritiqueRevise) else OPTIONS,
            seed=number,
            record_dir=folder,
            run_id=f"town-{number:03}",
        )


def measured(folder: Path, say: Drawn) -> dict[str, Any]:
    """Count all of it under every rule."""
    asked, wall, cpu = say.asked, time.perf_counter(), time.process_time()
    found = every_rule_of(folder)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    counted = [run.counted for run in found.runs]
    assert say.asked == asked, "a model was asked"
    assert not found.irreproducible, found.irreproducible[0].why
    assert not found.left_out, found.left_out
    return {
        "records": len(found.runs),
        "seconds": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "model_calls": say.asked - asked,
        "reproduced": sum(run.reproduced is True for run in found.runs),
        "rules_least": min(counted),
        "rules_most": max(counted),
        "all_agree": sum(len(run.agree) == run.counted for run in found.runs),
    }


def main() -> None:
    """Make a study, count it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200)
    parser.add_argument("--record-dir", type=Path)
    given = parser.parse_args()
    say = Drawn()
    with tempfile.TemporaryDirectory() as passing:
        folder = given.record_dir or Path(passing)
        asyncio.run(made(folder, given.records, say))
        print(json.dumps(measured(folder, say)))


if __name__ == "__main__":
    main()
