"""Whether conflicts separate dilemmas from plain cases: MoralChoice, high against low ambiguity.

    python bench/ambiguity.py moralchoice.jsonl [--items 40] [--model smollm2] [--seed 0]
    python bench/ambiguity.py cases.jsonl --seat care --seat rules …

Four seats that weigh rules, care, freedom and outcomes differently, or the contributions in some folders,
take a blind stance on each case; conflicts are drawn up from the stances (layers 1 and 2). A log that is worth
something has more and graver ones where the right action is disputed (Scherrer et al. 2023, arXiv 2307.14324).
Scenarios of which a contribution has learned a case (by the ids in its `lessons.jsonl`) are left out. The last line
is JSON: the share of cases with a conflict, its mean severity (0 where there is none), and the chance
that a disputed case scores higher than a plain one (AUROC, ties count half).
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.agents.contribution_file import read_contribution
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.placement.placed import Source
from folkmoot.protocols import Conclude, Contest, Decide, Stand
from folkmoot.protocols.composed import Composed
from folkmoot.records import QUESTION

STANCES = Composed(name="stances", parts=(Stand(), Contest(), Decide(), Conclude()))

WEIGHING = {
    "rules": (
        "I keep to rules and promises, whatever comes of it.",
        {"conformity-rules": 0.9, "benevolence-dependability": 0.7},
    ),
    "care": (
        "I look after those who are close to me and spare them pain.",
        {"benevolence-caring": 0.9, "security-personal": 0.6},
    ),
    "freedom": (
        "I decide for myself and let others decide for themselves.",
        {"self-direction-action": 0.9, "self-direction-thought": 0.6},
    ),
    "outcomes": (
        "I do what leads to the best outcome for the greatest number of people.",
        {"universalism-concern": 0.9, "achievement": 0.5},
    ),
}


def one_model(model: str) -> tuple[list[Agent], Pool]:
    """Four seats of one model."""
    seats = [
        Agent(name, model=model, perspective=Perspective(statement=said, values=values))
        for name, (said, values) in WEIGHING.items()
    ]
    return seats, Pool.embedded()


def contributed(folders: Sequence[Path]) -> tuple[list[Agent], Pool]:
    """A seat for each contribution, with its own model and perspective."""
    offered = [read_contribution(folder) for folder in folders]
    seats = [Agent.of(each.file.contribution(), each.file.name) for each in offered]
    models = {
        each.file.name: Source(
            base=each.file.base,
            adapter=str(each.folder / each.file.adapter) if each.file.adapter else None,
        )
        for each in offered
    }
    return seats, Pool([Embedded(models)])


def unlearned(rows: Sequence[dict[str, Any]], folders: Sequence[Path]) -> list[dict[str, Any]]:
    """The cases of scenarios that are in no contribution's lessons."""
    files = [path for folder in folders if (path := folder / "lessons.jsonl").is_file()]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").split("\n")]
    ids = {json.loads(line).get("id") for line in lines if line.strip()}
    learned = {row["context"] for row in rows if row["id"] in ids}
    return [row for row in rows if row["context"] not in learned]


async def measured(
    rows: Sequence[dict[str, Any]], seats: Sequence[Agent], pool: Pool, seed: int
) -> list[float]:
    """For each case the severity of the conflict over it, 0 where there is none."""
    found: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with pool.held(list(dict.fromkeys(seat.model for seat in seats))):
            for number, row in enumerate(rows):
                actions = tuple(each.partition(") ")[2].rstrip(".") for each in row["choices"])
                outcome = await deliberate(
                    row["question"],
                    Panel(seats),
                    STANCES,
                    pool,
                    options=actions,
                    of_values=True,
                    record_dir=folder,
                    seed=seed,
                )
                main = next((c for c in outcome.conflicts if c.about == QUESTION), None)
                found.append(main.severity.score if main else 0.0)
                print(f"{number + 1}/{len(rows)} {row['ambiguity']} {found[-1]}", flush=True)
    return found


def auroc(high: Sequence[float], low: Sequence[float]) -> float:
    """The chance that one of the first scores above one of the second; a tie counts half."""
    wins = sum((a > b) + 0.5 * (a == b) for a in high for b in low)
    return wins / (len(high) * len(low))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--items", type=int, default=40, help="of each sort")
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--seat", type=Path, action="append", help="a contribution's folder")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    every = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines()]
    every = unlearned(every, given.seat or [])
    random.Random(given.seed).shuffle(every)
    rows = [
        row
        for sort in ("high", "low")
        for row in [each for each in every if each["ambiguity"] == sort][: given.items]
    ]
    seats, pool = contributed(given.seat) if given.seat else one_model(given.model)
    scores = asyncio.run(measured(rows, seats, pool, given.seed))
    sorts = {
        sort: [s for row, s in zip(rows, scores, strict=True) if row["ambiguity"] == sort]
        for sort in ("high", "low")
    }
    said = {
        sort: {
            "n": len(found),
            "with_conflict": round(sum(each > 0 for each in found) / len(found), 4),
            "mean_severity": round(statistics.fmean(found), 4),
        }
        for sort, found in sorts.items()
    }
    print(
        json.dumps(
            {
                "seats": [seat.model for seat in seats],
                **said,
                "auroc": round(auroc(*sorts.values()), 4),
            }
        )
    )


if __name__ == "__main__":
    main()
