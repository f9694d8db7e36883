"""The group chats of DeliData as a transcript that `folkmoot import` reads.

    python examples/imports/delidata.py delidata.jsonl > chats.jsonl
    folkmoot import chats.jsonl --to runs/delidata

DeliData: Karadzhov, Stafford and Vlachos, "DeliData: A dataset for deliberation in multi-party problem
solving", 2023 (github.com/gkaradzhov/delitoolkit). A line of the input is a chat: `id`, and `messages` with
`s` (who), `t` (msg or submit), `x` (what) and `sol` (the cards that it proposes, where that was annotated).
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

QUESTION = (
    "All cards with vowels on one side have an even number on the other: which cards have to be turned to "
    "find out whether that is so?"
)


def messages(chat: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The messages of a chat. A position is a whole solution: one that is submitted, or annotated as one."""
    for each in chat["messages"]:
        row = {
            "dialogue": chat["id"],
            "question": QUESTION,
            "speaker": each["s"],
            "text": each["x"],
        }
        whole = "complete_solution" in each.get("a", ()) and "sol" in each
        cards = each["x"] if each["t"] == "submit" else each["sol"] if whole else ""
        position = ", ".join(sorted(card.strip() for card in cards.split(",") if card.strip()))
        yield {**row, "position": position} if position else row


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            for row in messages(json.loads(line)):
                print(json.dumps(row, ensure_ascii=False))
