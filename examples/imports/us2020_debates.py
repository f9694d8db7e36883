"""The United States presidential debates of 2020 as a transcript that `folkmoot import` reads.

    python examples/imports/us2020_debates.py us2020_debate_transcripts.jsonl > debates.jsonl
    folkmoot import debates.jsonl --to runs/us2020

The segments of M-Arg (Mestre et al., "M-Arg: Multimodal argument mining dataset for political debates", 2021,
github.com/rafamestre/m-arg_multimodal-argumentation-dataset). A line of the input is a topic of a debate:
`id`, `topic`, and `turns` with `speaker` and `text`. Nobody annotated who stands for what, so the question is
open, and a clerk finds what conflicts there are: `--log clerk=smollm2-clerk`.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any


def messages(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The turns of a topic."""
    for turn in part["turns"]:
        yield {
            "dialogue": part["id"],
            "question": part["topic"],
            "speaker": turn["speaker"],
            "text": turn["text"],
        }


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            for row in messages(json.loads(line)):
                print(json.dumps(row, ensure_ascii=False))
