"""Planted conflicts and null runs: what the layers of detection find of what is known to be there.

    python bench/planted.py SETS… [--clerk NAME] [--adapter DIR] [--runs 60] [--seed 0] [--keep DIR]
    python bench/planted.py SETS… --llm MODEL [--votes 3]      layer 4 in place of layer 3
    python bench/planted.py --again KEPT                       the same figures from kept records

SETS are statement sets (`statements` with the side of each under `gold_stance`, and clusters of
statements of one meaning under `gold_clusters` or `gold_key_point`), files of questions with an
`affirming` and a `negating` answer, or relation sets with the question under `context`. A planted run seats people's statements of both sides, a null run
statements of one meaning, one a seat; an unopposed run texts of which people said that they do not
contradict each other, though they differ. The seats say what people wrote, word by word; the clerk is a
real model; everything else is an ordinary deliberation with its record. Where a set says what its
questions are about, the kind is held against it: what should be done is of value or preference, who
did what is factual. The last line is JSON: the share of planted conflicts found, of parties on their
right side, of kinds that are right, and false conflicts a null run and an unopposed one.

KEPT is a folder that `--keep` filled, or an archive of one (.tar.xz), as `bench/retained/planted.tar.xz`.
"""

import argparse
import asyncio
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import kept

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.eval.clerk.teach import as_question
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.scripted import Scripted
from folkmoot.protocols import Conclude, Contest, Decide, Log, Rank, Speak
from folkmoot.protocols.composed import Composed
from folkmoot.records import QUESTION, Call, ConflictEntry, Outcome

TALK = Composed(name="talk", parts=(Speak(), Rank(), Contest(), Decide(), Conclude()))
NAMES = ("ann", "bo", "cy", "di", "eve", "flo")


class Item(NamedTuple):
    """What is planted: a question, what each seat says, and on which side it stands."""

    source: str
    question: str
    said: dict[str, str]
    side: dict[str, str]
    kinds: frozenset[str] = frozenset()
    """What may be said of its kind; empty where nobody knows."""
    alike: bool = False
    """Whether all say the same in other words: a null run. Else texts without a conflict may differ."""

    @property
    def planted(self) -> bool:
        """Whether there is a conflict."""
        return len(set(self.side.values())) > 1


def items(path: Path, dice: random.Random) -> Iterator[Item]:
    """Planted and null items of a file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "affirming" in row:
            said = {"ann": row["affirming"], "bo": row["negating"]}
            sides = {"ann": "for", "bo": "against"}
            yield Item(path.stem, row["question"], said, sides, _kinds(row["question"]))
        elif "context" in row and "conflict" in row:
            said = {"ann": row["text_a"], "bo": row["text_b"]}
            sides = {"ann": "one", "bo": "other" if row["conflict"] else "one"}
            yield Item(path.stem, row["context"], said, sides, frozenset({"factual"}))
        elif "statements" in row:
            yield from _of_set(path.stem, row, dice)


def _of_set(source: str, row: dict[str, Any], dice: random.Random) -> Iterator[Item]:
    texts = {each["sid"]: each["text"] for each in row["statements"]}
    question = as_question(row.get("claim") or row["topic"])
    sides: dict[str, list[str]] = defaultdict(list)
    for sid, stance in row["gold_stance"].items():
        sides[str(stance)].append(sid)
    if len(sides) == 2:
        chosen = [sid for each in sides.values() for sid in dice.sample(each, min(2, len(each)))]
        dice.shuffle(chosen)
        seats = dict(zip(NAMES, chosen, strict=False))
        yield Item(
            source,
            question,
            {seat: texts[sid] for seat, sid in seats.items()},
            {seat: str(row["gold_stance"][sid]) for seat, sid in seats.items()},
            _kinds(question),
        )
    meaning: dict[str, list[str]] = defaultdict(list)
    for sid, cluster in (row.get("gold_clusters") or row.get("gold_key_point") or {}).items():
        meaning[str(cluster)].append(sid)
    for alike in meaning.values():
        if len(alike) > 1:
            seats = dict(zip(NAMES, alike, strict=False))
            said = {seat: texts[sid] for seat, sid in seats.items()}
            yield Item(source, question, said, dict.fromkeys(seats, "one"), alike=True)


def again(archive: Path) -> list[Any]:
    """What was kept, a folder or an archive of one: every item with what its record shows.

    Raises:
        SystemExit: a record does not verify.
    """
    every = (
        (Item(**{**row, "kinds": frozenset(row["kinds"])}), outcome)
        for row, outcome in kept.read(archive)
    )
    return [(item, right(item, outcome), outcome.conflicts) for item, outcome in every]


def _kinds(question: str) -> frozenset[str]:
    """What should be done is of value or preference; of other questions of debates nobody said."""
    return frozenset({"value", "preference"} if question.startswith("Should ") else ())


class Written:
    """Seats that say what people wrote on the question, and that favour no answer."""

    def __init__(self, found: Sequence[Item]) -> None:
        self.said = {(each.question, seat): t for each in found for seat, t in each.said.items()}

    def __call__(self, call: Call) -> str | list[float]:
        if call.op != "generate":
            return [1 / len(call.options)] * len(call.options)
        asked = next(segment.text for segment in call.segments if segment.label == "question")
        return self.said[asked.removeprefix("Question: ").strip(), call.seat]


def _main(conflicts: Sequence[ConflictEntry]) -> ConflictEntry | None:
    """The conflict over the question itself."""
    return next((each for each in conflicts if each.about == QUESTION), None)


def right(item: Item, outcome: Outcome) -> float | None:
    """The share of seats on their right side, the sides named either way; None if none was found."""
    main = _main(outcome.conflicts)
    if main is None:
        return None
    held = {seat: at for at, each in enumerate(main.positions) for seat in each.parties}
    names = sorted(set(item.side.values()))
    shares = [
        sum(held.get(seat) == way.index(side) for seat, side in item.side.items()) / len(item.side)
        for way in (names, names[::-1])
    ]
    return max(shares)


async def measured(
    found: Sequence[Item], clerk: str, source: Source, log: Log, keep: Path | None
) -> list[Any]:
    """Each item with its outcome."""
    pool = Pool([Scripted(Written(found), ["written"]), Embedded({clerk: source})])
    done: list[Any] = []
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(passing) if keep is None else keep
        async with pool.held(["written", clerk]):
            for number, item in enumerate(found):
                seats = [
                    Agent(seat, model="written", perspective=Perspective(statement="as written"))
                    for seat in item.said
                ]
                outcome = await deliberate(
                    item.question, Panel(seats), TALK, pool, record_dir=folder, log=log
                )
                share = right(item, outcome)
                done.append((item, share, outcome.conflicts))
                if keep is not None:
                    kept.note(keep, {**item._asdict(), "kinds": sorted(item.kinds)}, outcome)
                print(f"{number + 1}/{len(found)} {item.source} {share}", flush=True)
    return done


def figures(done: Sequence[Any]) -> dict[str, Any]:
    """Over planted runs how many were found, how right; over null runs how many false ones."""
    planted = [(item, share) for item, share, _ in done if item.planted]
    null = [conflicts for item, _, conflicts in done if item.alike]
    apart = [conflicts for item, _, conflicts in done if not item.planted and not item.alike]
    found = [share for _, share in planted if share is not None]
    kinds = [
        main.kind in item.kinds
        for item, _, conflicts in done
        if item.planted and item.kinds and (main := _main(conflicts)) is not None
    ]
    sources = sorted({item.source for item, _ in planted})
    return {
        "planted": len(planted),
        "recall": round(len(found) / len(planted), 4) if planted else None,
        "parties": round(sum(found) / len(found), 4) if found else None,
        "kind": round(sum(kinds) / len(kinds), 4) if kinds else None,
        "of_known_kind": len(kinds),
        "recall_by_source": {
            each: round(
                sum(share is not None for item, share in planted if item.source == each)
                / sum(item.source == each for item, _ in planted),
                4,
            )
            for each in sources
        },
        "null": len(null),
        "false_a_null_run": round(sum(map(len, null)) / len(null), 4) if null else None,
        "unopposed": len(apart),
        "false_an_unopposed_run": round(sum(map(len, apart)) / len(apart), 4) if apart else None,
    }


def planted(sets: Sequence[Path], runs: int, seed: int) -> tuple[list[Item], list[Item]]:
    """What is planted, and what is not, a question of each sort once."""
    dice = random.Random(seed)
    every = [item for path in sets for item in items(path, dice)]
    dice.shuffle(every)
    asked = {(item.planted, item.question): item for item in reversed(every)}
    sorts = (
        [item for (sort, _), item in asked.items() if sort is wanted] for wanted in (True, False)
    )
    there, absent = (each[:runs] for each in sorts)
    return there, absent


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", type=Path)
    parser.add_argument("--clerk", default="smollm2-clerk")
    parser.add_argument("--adapter")
    parser.add_argument("--llm", help="a model that judges by votes, in place of the clerk")
    parser.add_argument("--votes", type=int, default=3, help="of the llm, on each pair")
    parser.add_argument("--runs", type=int, default=60, help="of each sort, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="an empty folder for the records")
    parser.add_argument(
        "--again", type=Path, help="such a folder, or its archive: no model is asked"
    )
    given = parser.parse_args()
    if given.again is not None:
        print(json.dumps(figures(again(given.again))))
        return
    if given.keep is not None:
        given.keep.mkdir(parents=True)
    source = Source(base=given.llm or given.clerk, adapter=given.adapter)
    log = Log(llm="judge", votes=given.votes) if given.llm else Log(clerk="judge")
    done = [
        each
        for sort in planted(given.sets, given.runs, given.seed)
        for each in asyncio.run(measured(sort, "judge", source, log, given.keep))
    ]
    layer = {"llm": given.llm, "votes": given.votes} if given.llm else {"clerk": given.clerk}
    print(json.dumps({**layer, **figures(done)}))


if __name__ == "__main__":
    main()
