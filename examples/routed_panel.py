"""A question goes to the seats that did best on questions like it, and their votes weigh what they know.

    python examples/routed_panel.py
    python examples/routed_panel.py --question "What is six plus two?" --option eight --option ninety

Three seats answer a development set of twelve items, each by itself. What they had right there says who is
asked the question, and what each vote weighs. What is on record in the folder is not asked again.

All three speak through one model of 135 million parameters, from different perspectives. It knows little,
and where it prefers a letter to an answer it abstains: expect few answers, and wide intervals.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from folkmoot import Agent, Panel, Perspective, Pool, Question
from folkmoot.eval.collaboration import (
    AnswerSheet,
    Competence,
    answers_of,
    by_competence,
    by_priority,
    competence_rule,
    competences,
    near_by_words,
)
from folkmoot.graphs import deliberate_many_sync, deliberate_sync
from folkmoot.protocols import BlindVote, Composed, Conclude, Contest, Decide, Rule, Stand
from folkmoot.visible import visible, visible_lines

HERE = Path(__file__).parent

QUESTION = "A hat costs three coins and a coat costs six coins. How many coins do both cost?"

PANEL = Panel(
    Agent(
        name,
        model="smollm2",
        perspective=Perspective(statement=statement),
        priorities=priorities,
    )
    for name, statement, priorities in (
        ("clerk", "I count carefully and check every sum twice.", ("sums",)),
        ("cook", "I know the things of the house and what they are for.", ("everyday",)),
        ("dreamer", "I like stories better than facts.", ()),
    )
)

ALONE = Composed(
    name="alone", parts=(Stand(), Contest(), Decide(rule=Rule(name="plurality")), Conclude())
)
"""Every seat takes its stance, and nobody hears anybody."""


def develop(items: Sequence[dict[str, Any]], pool: Pool, folder: Path) -> AnswerSheet:
    """What every seat answers to every item by itself."""
    missing = [
        Question(item["question"], tuple(item["options"]), item["id"])
        for item in items
        if not (folder / item["id"]).exists()
    ]
    deliberate_many_sync(missing, PANEL, ALONE, pool, record_dir=folder)
    return answers_of(
        [folder / item["id"] for item in items],
        {item["id"]: item["answer"] for item in items},
        task={item["id"]: item["task"] for item in items},
    )


def said(found: Competence, options: int) -> str:
    """A line on how often a seat was right."""
    share = found.share
    interval = "" if share is None else f" (95% interval {share.low:.0%} to {share.high:.0%})"
    return (
        f"{found.seat}: answered {found.answered} of {found.asked}, {found.right} right{interval}; "
        f"taken to be right on {found.at(options):.0%}"
    )


def main(arguments: argparse.Namespace) -> None:
    """Measure, route, decide."""
    lines = arguments.items.read_text(encoding="utf-8").splitlines()
    items = [json.loads(line) for line in lines if line.strip()]
    pool = Pool.from_yaml(arguments.pool) if arguments.pool else Pool.embedded()
    sheet = develop(items, pool, arguments.record_dir / "development")

    print("On the development set")
    measured = competences(sheet)
    for found in measured.values():
        print(f"  {said(found, len(arguments.option))}")

    for task in sheet.tasks:
        declared = by_priority(PANEL, task).route
        print(f"By declared priority, {task} goes to {', '.join(declared.seats)}")

    near = near_by_words(arguments.question, sheet.items)
    panel, route = by_competence(PANEL, sheet, near, arguments.seats, nearest=6)
    print(f"By measured competence (nearness by {route.nearness}), this question goes to")
    for each in route.chosen:
        print(f"  {each.seat}: {each.why}")
    for each in route.left_out:
        print(f"  not {each.seat}: {each.why}")
    print(f"  nearest items: {', '.join(each.item for each in route.near) or 'none'}")
    print(f"  {route.fallback}\n" if route.fallback else "", end="")

    rule = competence_rule(measured, len(arguments.option), route.seats, floor=True)
    run = deliberate_sync(
        arguments.question,
        panel,
        BlindVote(rule=rule),
        pool,
        options=arguments.option,
        record_dir=arguments.record_dir,
    )
    print(f"\n{visible(arguments.question)}\n{visible_lines(run.answer)}")
    print(f"record: {run.record}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--question", default=QUESTION)
    parser.add_argument("--option", action="append")
    parser.add_argument("--items", type=Path, default=HERE / "data" / "development.jsonl")
    parser.add_argument("--seats", type=int, default=2)
    parser.add_argument("--pool", type=Path)
    parser.add_argument("--record-dir", type=Path, default=Path("runs") / "routed-panel")
    given = parser.parse_args()
    given.option = given.option or ["nine", "forty"]
    main(given)
