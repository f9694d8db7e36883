"""The debates of the NYU debate experiments as a transcript that `folkmoot import` reads.

    python examples/imports/nyu_debates.py nyu_debates.jsonl > debates.jsonl
    folkmoot import debates.jsonl --to runs/nyu

Michael et al., "Debate helps supervise unreliable experts", 2023, arXiv 2311.08702
(github.com/julianmichael/debate). A line of the input is a debate: `id`, `question`, two `choices`, and
`turns` of debaters (`side`: which choice they stand for) and of a judge (`p`: how likely each choice is).
"""

import json
import sys
from collections.abc import Iterator
from typing import Any


def messages(debate: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The turns of a debate. A judge stands for the choice that it finds likelier, where it finds one so."""
    choices = debate["choices"]
    for turn in debate["turns"]:
        row = {
            "dialogue": debate["id"],
            "question": debate["question"],
            "speaker": f"{turn['speaker']} ({turn['role']})",
            "text": turn["text"],
        }
        if turn["role"] == "debater":
            row["position"] = choices[turn["side"]]
        elif turn["p"][0] != turn["p"][1]:
            row["position"] = choices[turn["p"].index(max(turn["p"]))]
        yield row


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            for row in messages(json.loads(line)):
                print(json.dumps(row, ensure_ascii=False))
