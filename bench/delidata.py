"""Human deliberations read as transcripts: our stance changes and relations against people's labels.

    python bench/delidata.py delidata.jsonl [--clerk smollm2-clerk] [--chats 40] [--seed 0]

DeliData (Karadzhov et al. 2021, arXiv 2108.05271): groups of people discuss which cards to turn
(Wason's task). Each chat becomes a record: a message is a turn in a round of its own, a stance is the
set of cards that the message names, and conflicts are drawn up as in any run.

- Changes: a stance that differs from the seat's one before, against the solutions that annotators read
  off each message (precision, recall), over all chats.
- Relations: the clerk judges each message that annotators marked as deliberation against the latest
  message before it in which another seat names cards; `attack` against the label Disagree, `support`
  against Agree, over some chats, those with a Disagree first.

The last line is JSON.
"""

import argparse
import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.eval.clerk import Clerk, Pair, judged
from folkmoot.pool import Pool
from folkmoot.protocols import Contest
from folkmoot.records import (
    Move,
    Opening,
    Party,
    Place,
    ProtocolRef,
    Record,
    Stance,
    Transcript,
    Turn,
)


class Said(NamedTuple):
    """A message with what was read off it."""

    seat: str
    text: str
    read: str | None
    """The cards that it names, sorted; None where it names none."""
    gold: str | None
    """The same as annotators have it."""
    labels: frozenset[str]
    submitted: bool


def chat(row: Mapping[str, Any]) -> Iterator[Said]:
    """The messages of a chat."""
    for each in row["messages"]:
        sol = each.get("sol") or (each["x"] if each["t"] == "submit" else "")
        yield Said(
            each["s"],
            each["x"],
            _joined(_named(each["x"], row["cards"])),
            _joined(card.strip() for card in sol.split(",")),
            frozenset(each.get("a") or ()),
            each["t"] == "submit",
        )


def _named(text: str, cards: Sequence[str]) -> Iterator[str]:
    """The cards named in a text. "A" and "I" are words, too: they count in capitals, and not before
    a word in small letters."""
    for card in cards:
        after = r"(?! [a-z])" if card in ("A", "I") else ""
        if re.search(rf"(?<![\w']){re.escape(card)}(?![\w']){after}", text):
            yield card


def _joined(cards: Any) -> str | None:
    return "+".join(sorted(set(filter(None, cards)))) or None


def changes(messages: Sequence[Said], initial: Mapping[str, Sequence[str]], what: str) -> set[int]:
    """The places of messages in which a seat's solution is not the one before."""
    held = {seat: _joined(cards) for seat, cards in initial.items()}
    found: set[int] = set()
    for place, each in enumerate(messages):
        now = getattr(each, what)
        if now is None:
            continue
        if held.get(each.seat) not in (None, now):
            found.add(place)
        held[each.seat] = now
    return found


def record(row: Mapping[str, Any], messages: Sequence[Said]) -> Transcript:
    """A chat as a transcript, its stances those that were read off the messages."""
    picked = {seat: _joined(cards) for seat, cards in row["initial"].items()}
    initial = {seat: cards for seat, cards in picked.items() if cards}
    seats = tuple(dict.fromkeys([*picked, *(each.seat for each in messages)]))
    named = {*initial.values(), *(each.read for each in messages if each.read)}
    options = tuple(sorted(named | {"other"}))
    opening = Opening(
        run_id=row["id"],
        question="Which cards must be turned to test the rule?",
        options=options,
        seed=0,
        parties=tuple(Party(seat=seat, model="human") for seat in seats),
        protocol=ProtocolRef(name="chat", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00+00:00",
    )
    records: list[Record] = []
    held: dict[str, str] = {}

    def take(seat: str, choice: str, round: int, order: int) -> None:
        common = {"step": 3 * round, "order": order, "seat": seat, "round": round}
        stance = {"options": options, "state": "valid", "choice": choice, "source": "stated"}
        records.append(Stance(**common, stage="chat", **stance))
        if held.get(seat, choice) != choice:
            change = {"from_choice": held[seat], "to_choice": choice, "because": "unexplained"}
            records.append(Move(**common | {"step": 3 * round + 1}, **change))
        held[seat] = choice

    for order, (seat, choice) in enumerate(initial.items()):
        take(seat, choice, 0, order)
    for number, each in enumerate(messages, 1):
        if each.read:
            take(each.seat, each.read, number, 0)
        records.append(
            Turn(
                step=3 * number + 2,
                order=0,
                id=f"M{number}",
                seat=each.seat,
                round=number,
                stage="chat",
                role="statement",
                state="valid",
                text=each.text,
                answer=each.read,
                call=f"c{number}",
            )
        )
    last = 3 * len(messages) + 3
    drawn = Contest().tell(Transcript(opening, records, Place(last, len(messages), "contest")), ())
    return Transcript(opening, [*records, *drawn])


def pairs(messages: Sequence[Said]) -> Iterator[tuple[Pair, frozenset[str]]]:
    """Each deliberating message with the latest one before it in which another seat names cards."""
    for place, each in enumerate(messages):
        earlier = [m for m in messages[:place] if m.seat != each.seat and m.read]
        if earlier and not each.submitted and "Non-probing-deliberation" in each.labels:
            yield Pair(earlier[-1].text, each.text, "Disagree" in each.labels), each.labels


def hits(said: Sequence[bool], true: Sequence[bool]) -> dict[str, float]:
    """Precision and recall."""
    both = sum(a and b for a, b in zip(said, true, strict=True))
    return {
        "precision": round(both / max(1, sum(said)), 4),
        "recall": round(both / max(1, sum(true)), 4),
        "said": sum(said),
        "true": sum(true),
        "of": len(true),
    }


def over_chats(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Changes of solution, and what the records say of them."""
    said: list[bool] = []
    true: list[bool] = []
    reasons: Counter[str] = Counter()
    for row in rows:
        messages = tuple(chat(row))
        ours, gold = (changes(messages, row["initial"], what) for what in ("read", "gold"))
        said += [place in ours for place in range(len(messages))]
        true += [place in gold for place in range(len(messages))]
        found = record(row, messages).conflicts
        events = [event for each in found for event in each.history]
        moved = [each for each in events if each.event in ("conceded", "withdrawn")]
        assert {e.round - 1 for e in moved} == ours, "every change is an event of the conflict"
        reasons.update(str(event.reason) for event in moved)
    return {"changes": hits(said, true), "reasons": dict(reasons.most_common())}


async def over_pairs(found: Sequence[tuple[Pair, frozenset[str]]], model: str) -> dict[str, Any]:
    """What the clerk says of messages that people labelled."""
    pool = Pool.embedded()
    async with pool.held([model]):
        answers = await judged([pair for pair, _ in found], pool, Clerk(model))
    scores: dict[str, Any] = {}
    for label, relation in (("Disagree", "attack"), ("Agree", "support")):
        true = [label in labels for _, labels in found]
        scores[label.lower()] = hits([each.relation == relation for each in answers], true)
    given = [each.conflict or 0.0 for each in answers]
    true = [pair.conflict for pair, _ in found]
    for_, against = ([g for g, t in zip(given, true, strict=True) if t is b] for b in (True, False))
    wins = sum((a > b) + 0.5 * (a == b) for a in for_ for b in against)
    return scores | {"auc_disagree": round(wins / max(1, len(for_) * len(against)), 4)}


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--clerk")
    parser.add_argument("--chats", type=int, default=40, help="that the clerk reads")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.file.read_text(encoding="utf-8").splitlines()]
    result: dict[str, Any] = {"chats": len(rows), **over_chats(rows)}
    if given.clerk:
        random.Random(given.seed).shuffle(rows)
        rows.sort(key=lambda row: row["n_disagree"] == 0)
        found = [each for row in rows[: given.chats] for each in pairs(tuple(chat(row)))]
        result |= {"clerk": given.clerk, **asyncio.run(over_pairs(found, given.clerk))}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
