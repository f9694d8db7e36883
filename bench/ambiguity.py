"""Whether conflicts separate dilemmas from plain cases: MoralChoice, high against low ambiguity.

    python bench/ambiguity.py moralchoice.jsonl [--items 40] [--model smollm2] [--seed 0]
    python bench/ambiguity.py moralchoice.jsonl --seat care --seat rules … [--keep DIR]
    python bench/ambiguity.py --again KEPT                     the same figures from kept records

Four seats that weigh rules, care, freedom and outcomes differently, or the contributions in some folders,
take a blind stance on each case; conflicts are drawn up from the stances (layers 1 and 2). A log that is worth
something has more and graver ones where the right action is disputed (Scherrer et al. 2023, arXiv 2307.14324).
Scenarios of which a contribution has learned a case (by the ids in its `lessons.jsonl`) are left out. The last line
is JSON: the share of cases with a conflict, its mean severity (0 where there is none), and the chance
that a disputed case scores higher than a plain one (AUROC, ties count half). KEPT is a folder that `--keep`
filled, or an archive of one, as `bench/retained/ambiguity.tar.xz`.
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

import kept

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.agents.contribution_file import read_contribution
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.placement.placed import Source
from folkmoot.protocols import Conclude, Contest, Decide, Stand
from folkmoot.protocols.composed import Composed
from folkmoot.records import QUESTION, Outcome

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


def severity(outcome: Outcome) -> float:
    """Of the conflict over the case, 0 where there is none."""
    main = next((each for each in outcome.conflicts if each.about == QUESTION), None)
    return main.severity.score if main else 0.0


async def measured(
    rows: Sequence[dict[str, Any]],
    seats: Sequence[Agent],
    pool: Pool,
    seed: int,
    keep: Path | None,
) -> list[tuple[str, float]]:
    """How disputed each case is, with the severity of the conflict over it."""
    found: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(passing) if keep is None else keep
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
                found.append((row["ambiguity"], severity(outcome)))
                if keep is not None:
                    kept.note(keep, {"id": row["id"], "ambiguity": row["ambiguity"]}, outcome)
                print(f"{number + 1}/{len(rows)} {row['ambiguity']} {found[-1][1]}", flush=True)
    return found


def again(archive: Path) -> list[tuple[str, float]]:
    """The same of what was kept."""
    return [(row["ambiguity"], severity(outcome)) for row, outcome in kept.read(archive)]


def figures(found: Sequence[tuple[str, float]]) -> dict[str, Any]:
    """Of each sort how many cases have a conflict and how grave, and how well that tells them apart."""
    sorts = {sort: [score for each, score in found if each == sort] for sort in ("high", "low")}
    said = {
        sort: {
            "n": len(scores),
            "with_conflict": round(sum(each > 0 for each in scores) / len(scores), 4),
            "mean_severity": round(statistics.fmean(scores), 4),
        }
        for sort, scores in sorts.items()
    }
    return {**said, "auroc": round(auroc(*sorts.values()), 4)}


def auroc(high: Sequence[float], low: Sequence[float]) -> float:
    """The chance that one of the first scores above one of the second; a tie counts half."""
    wins = sum((a > b) + 0.5 * (a == b) for a in high for b in low)
    return wins / (len(high) * len(low))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--items", type=int, default=40, help="of each sort")
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--seat", type=Path, action="append", help="a contribution's folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="an empty folder for the records")
    parser.add_argument("--again", type=Path, help="such a folder, or its archive")
    given = parser.parse_args()
    if given.again is not None:
        print(json.dumps(figures(again(given.again))))
        return
    if given.file is None:
        parser.error("give the file of cases, or --again")
    if given.keep is not None:
        given.keep.mkdir(parents=True)
    every = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines()]
    every = unlearned(every, given.seat or [])
    random.Random(given.seed).shuffle(every)
    rows = [
        row
        for sort in ("high", "low")
        for row in [each for each in every if each["ambiguity"] == sort][: given.items]
    ]
    seats, pool = contributed(given.seat) if given.seat else one_model(given.model)
    found = asyncio.run(measured(rows, seats, pool, given.seed, given.keep))
    print(json.dumps({"seats": [seat.model for seat in seats], **figures(found)}))


if __name__ == "__main__":
    main()
