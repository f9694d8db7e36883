"""What keeping a record costs: CPU milliseconds of journal work for one call.

One call is: the call line with what is new of its texts, the reply, a stance and a turn. Prints
JSON: the median and the best batch of 50 calls; the best is nearest to an idle machine.

    python bench/journal.py [--sync]
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from folkmoot.records import (
    Call,
    Journal,
    Opening,
    Party,
    ProtocolRef,
    Reply,
    Segment,
    Stance,
    Turn,
    Usage,
    load,
    outcome_of,
    write_derived,
)

BATCHES, BATCH = 40, 50
SHARED = tuple(f"message {number} " + "lorem ipsum " * 25 for number in range(6))


def exchange(step: int) -> tuple[Call, Reply, Stance, Turn]:
    """A call of seven segments, one of them new, its reply and what that comes to."""
    own = Segment(role="user", text=f"own words {step} " * 30, drop=1)
    call = Call(
        step=step,
        order=0,
        round=1,
        stage="speak",
        seat="a",
        model="m",
        op="generate",
        purpose="reason",
        segments=(*(Segment(role="user", text=text, label="M1") for text in SHARED), own),
    )
    said = f"what was said {step} " * 25
    usage = Usage(prompt=400, cached=256, completion=96)
    reply = Reply.to(call, "ok", text=said, usage=usage, finish="stop", engine="e", took_ms=120)
    stance = Stance(
        step=step,
        order=0,
        seat="a",
        round=1,
        stage="speak",
        options=("yes", "no"),
        state="valid",
        choice="yes",
        probabilities={"yes": 0.712345, "no": 0.287655},
        source="probabilities",
    )
    turn = Turn(
        step=step,
        order=0,
        id=f"M{step}",
        seat="a",
        round=1,
        stage="speak",
        role="statement",
        state="valid",
        text=said,
        call=call.id,
    )
    return call, reply, stance, turn


def batch_ms(journal: Journal, first: int) -> float:
    """CPU milliseconds per call of journal work alone."""
    exchanges = [exchange(step) for step in range(first, first + BATCH)]
    start = time.process_time()
    for call, reply, stance, turn in exchanges:
        journal.call(call)
        journal.reply(reply)
        journal.record(stance)
        journal.record(turn)
    return (time.process_time() - start) * 1000 / BATCH


def main() -> None:
    opening = Opening(
        run_id="bench",
        question="?",
        seed=1,
        parties=(Party(seat="a", model="m"),),
        protocol=ProtocolRef(name="bench", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00+00:00",
    )
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.create(Path(folder) / "r", opening, sync="--sync" in sys.argv)
        spent = [batch_ms(journal, number * BATCH) for number in range(BATCHES)]
        journal.close()
        calls = BATCHES * BATCH
        start = time.process_time()
        write_derived(journal.folder, outcome_of(journal.view()))
        derived = (time.process_time() - start) * 1000 / calls
        start = time.process_time()
        load(journal.folder)
        loaded = (time.process_time() - start) * 1000 / calls
    figures = {
        "calls": calls,
        "journal.ms_per_call.median": statistics.median(spent),
        "journal.ms_per_call.best": min(spent),
        "derive.ms_per_call": derived,
        "load.ms_per_call": loaded,
    }
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
