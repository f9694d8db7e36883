"""Take questions through each protocol and print one line a run.

    python examples/questions.py                                # 12 shipped questions, embedded model
    python examples/questions.py --pool pool.yaml               # any engines, such as real vLLM
    python examples/questions.py --questions mine.jsonl --open  # your file: {"id": …, "question": …}

Every run ends in an outcome: an engine's fault is an absence on record, not an exception.
"""

import argparse
import asyncio
import json
from collections import Counter
from pathlib import Path

from folkmoot import Panel, Pool, deliberate_many
from folkmoot.graphs import Question
from folkmoot.protocols import Deliberation, catalogue, named

HERE = Path(__file__).parent


def read_questions(path: Path, options: tuple[str, ...] | None) -> list[Question]:
    """Questions from a JSONL file with `question` and, optionally, `id`."""
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [Question(row["question"], options, row.get("id")) for row in rows]


def protocols(names: list[str], panel: Panel) -> list[Deliberation]:
    """The named protocols, those that need a seat with the panel's first."""
    first = panel.agents[0].name
    seats = {"single": {"seat": first}, "self-consistency": {"seat": first}}
    return [named(name, **seats.get(name, {})) for name in names]


async def main(arguments: argparse.Namespace) -> None:
    """Run them all, as many at once as the engines take."""
    panel = Panel.from_yaml(arguments.panel)
    options = None if arguments.open else ("yes", "no")
    questions = read_questions(arguments.questions, options)[: arguments.limit]
    pool = Pool.from_yaml(arguments.pool) if arguments.pool else Pool.embedded()
    async with pool:
        await pool.open(panel.models)
        for protocol in protocols(arguments.protocol, panel):
            record_dir = arguments.record_dir / protocol.name
            statuses: Counter[str] = Counter()
            async for outcome in deliberate_many(
                questions, panel, protocol, pool, at_once=arguments.at_once, record_dir=record_dir
            ):
                statuses[outcome.decision.status] += 1
                found = Counter(conflict.status for conflict in outcome.conflicts)
                print(
                    f"{protocol.name:18} {outcome.decision.status:10} {dict(found)} {outcome.record}"
                )
            print(
                f"{protocol.name}: {sum(statuses.values())} outcomes, {dict(statuses)}", flush=True
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path, default=HERE / "data" / "questions.jsonl")
    parser.add_argument("--panel", type=Path, default=HERE / "panel.yaml")
    parser.add_argument("--pool", type=Path)
    parser.add_argument("--protocol", nargs="+", default=[entry.name for entry in catalogue()])
    parser.add_argument("--open", action="store_true", help="ask without options")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--record-dir", type=Path, default=Path("runs"))
    asyncio.run(main(parser.parse_args()))
