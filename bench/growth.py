"""How the work of drawing up conflicts grows with the transcript: 100, 1,000 and 10,000 messages.

    python bench/growth.py [--messages 100 1000 10000] [--repeats 3]

Three shapes: few seats (10) and many (100), who talk for as long as it takes; and few seats who declare
what they do: every message after the first round attacks, supports, concedes or holds against one of
the round before. Every message has a stance beside it, a third of the stances change from round to
round, and a clerk's judgements are on record for the pairs that it would be asked. Timed are drawing up the conflicts (all layers), settling
them, the treatments of the answer, the log and the audit; no model is asked. The last line is JSON:
seconds for each size (medians), and the exponent of growth from the second size to the last.
"""

import argparse
import json
import math
import random
import statistics
import time
from collections.abc import Sequence

from folkmoot.protocols import Contest
from folkmoot.protocols.clerk import Clerk
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.decide import Decide
from folkmoot.records import (
    Act,
    ConflictLog,
    Move,
    Opening,
    Party,
    Place,
    ProtocolRef,
    Record,
    Reply,
    Stance,
    Transcript,
    Turn,
    audit,
)

OPTIONS = ("yes", "no")
SHAPES = {"few seats": (10, False), "many seats": (100, False), "declared acts": (10, True)}
"""Seats, and whether they declare acts."""
ACTS = ("attack", "attack", "support", "concede", "hold")
WORDS = [f"{a}{b}" for a in ("tax", "park", "road", "school", "clinic") for b in range(40)]


def transcript(
    messages: int, seats: int, acts: bool, seed: int = 0
) -> tuple[Opening, list[Record]]:
    """So many messages with a stance each; a record for every move."""
    dice = random.Random(seed)
    names = [f"seat{n}" for n in range(seats)]
    opening = Opening(
        run_id="growth",
        question="Should the town change?",
        options=OPTIONS,
        seed=seed,
        parties=tuple(Party(seat=name, model="m", values={"v": 1.0}) for name in names),
        protocol=ProtocolRef(name="talk", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00+00:00",
    )
    records: list[Record] = []
    held: dict[str, str] = {}
    for round in range(math.ceil(messages / seats)):
        for order, name in enumerate(names):
            number = round * seats + order
            if number >= messages:
                break
            choice = dice.choice(OPTIONS) if dice.random() < 0.5 else held.get(name, "yes")
            step, place = 3 * round, {"order": order, "seat": name, "round": round}
            stance = {"stage": "stand", "options": OPTIONS, "state": "valid", "choice": choice}
            both = dict(zip(OPTIONS, (0.8, 0.2) if choice == "yes" else (0.2, 0.8), strict=True))
            records.append(
                Stance(step=step, **place, **stance, probabilities=both, source="probabilities")
            )
            if held.get(name, choice) != choice:
                change = {"from_choice": held[name], "to_choice": choice, "because": "unexplained"}
                records.append(Move(step=step + 1, **place, **change))
            held[name] = choice
            said = " ".join(dice.sample(WORDS, 6))
            call = f"c{step + 2}.{order}"
            text = f"The {said} matter more than it seems 😀. So I say {choice}."
            turn = {"id": f"M{number + 1}", "stage": "speak", "role": "statement", "text": text}
            records += [
                Reply(
                    step=step + 2, order=order, seat=name, purpose="reason", state="ok", text=text
                ),
                Turn(step=step + 2, **place, **turn, state="valid", answer=choice, call=call),
            ]
            if acts and round:
                other = (order + dice.randrange(1, seats)) % seats
                deed = {
                    "id": f"A{number}",
                    "message": f"M{number + 1}",
                    "about": f"M{number - order - seats + other + 1}",
                    "act": dice.choice(ACTS),
                }
                records.append(Act(step=step + 2, **place, **deed))
    return opening, records


def processed(opening: Opening, records: Sequence[Record]) -> tuple[float, int]:
    """Seconds from the transcript to the audited log, and how many conflicts there are."""
    step = max(record.step for record in records) + 1
    last = max(record.round for record in records if isinstance(record, Turn))
    began = time.perf_counter()
    every = list(records)

    def seen(at: int) -> Transcript:
        return Transcript(opening, every, Place(step + at, last, "any"))

    clerk = Clerk(model="m")
    calls = clerk.ask(seen(0))
    replies = tuple(Reply.to(call, "ok", logprobs=(-0.3, -1.6, -2.9)) for call in calls)
    every += [*replies, *clerk.tell(Transcript(opening, every, Place(step, last, "any")), replies)]
    every += Contest().tell(seen(1), ())
    every += Decide().tell(seen(2), ())
    every += Conclude().tell(seen(3), ())
    whole = Transcript(opening, every)
    log = ConflictLog.of(whole)
    audit(whole)
    return time.perf_counter() - began, len(log.conflicts)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", nargs="+", type=int, default=[100, 1000, 10000])
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    found: dict[str, dict[int, float]] = {shape: {} for shape in SHAPES}
    for shape, seconds in found.items():
        for count in given.messages:
            opening, records = transcript(count, *SHAPES[shape])
            runs = [processed(opening, records) for _ in range(given.repeats)]
            seconds[count] = round(statistics.median(each for each, _ in runs), 4)
            print(
                f"{shape}: {count} messages, {seconds[count]} s, {runs[0][1]} conflicts", flush=True
            )
    exponents = {
        shape: round(
            math.log(s[given.messages[-1]] / s[given.messages[-2]])
            / math.log(given.messages[-1] / given.messages[-2]),
            3,
        )
        for shape, s in found.items()
        if len(given.messages) > 1
    }
    print(json.dumps({"seconds": found, "exponents": exponents}))


if __name__ == "__main__":
    main()
