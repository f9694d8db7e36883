"""A debate and its controls at equal tokens, on a few questions.

    python examples/controls.py                             # the embedded model
    python examples/controls.py --limit 12 --pool pool.yaml # more questions, any engines

What is on record in the folder is not run again: call it twice, or stop it and call it again.
"""

import argparse
import json
from pathlib import Path

from folkmoot import Panel, Pool, Question
from folkmoot.eval import CONTROLS, equal_tokens_sync
from folkmoot.protocols import Debate

HERE = Path(__file__).parent


def read_questions(path: Path, limit: int) -> list[Question]:
    """Yes-or-no questions from a JSONL file with `question` and `id`."""
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [Question(row["question"], ("yes", "no"), row.get("id")) for row in rows[:limit]]


def main(arguments: argparse.Namespace) -> None:
    """Run the debate, then each control, and print a row an arm."""
    found = equal_tokens_sync(
        read_questions(arguments.questions, arguments.limit),
        Panel.from_yaml(arguments.panel).with_max_tokens(arguments.max_tokens),
        Debate(rounds=1, contest_claims=False),
        Pool.from_yaml(arguments.pool) if arguments.pool else Pool.embedded(),
        controls=arguments.control,
        record_dir=arguments.record_dir,
    )
    print(f"{'arm':22}{'tokens':>8}{'ratio':>8}  decided")
    for arm in (found.protocol, *found.controls):
        decided = " ".join(row.winner or "none" for row in arm.rows)
        print(f"{arm.name:22}{arm.tokens:>8}{arm.ratio:>8.3f}  {decided}")
    for arm in found.unmatched:
        print(f"not at equal tokens: {arm.name}, {arm.why}")
    print(f"records: {found.records}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path, default=HERE / "data" / "questions.jsonl")
    parser.add_argument("--panel", type=Path, default=HERE / "panel.yaml")
    parser.add_argument("--pool", type=Path)
    parser.add_argument("--control", nargs="+", choices=list(CONTROLS))
    parser.add_argument("--limit", type=int, default=2)
    parser.add_argument("--max-tokens", type=int, default=24)
    parser.add_argument("--record-dir", type=Path, default=Path("runs"))
    main(parser.parse_args())
