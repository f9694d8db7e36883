"""What tables of many records cost: seconds to build them against reading the same records with `load`.

    python bench/query.py [--records 1000] [--rounds 2] [FOLDER]

The records are debates of four seats on the scripted engine, each on another question; or those of FOLDER.
Timed in this process, one after the other: `load` of every record, the tables of all of them written as
Parquet, a query that counts over them; the tables taken up again where nothing has changed, and where one
record more is there. Seconds are of the processor, since a machine does other things too; memory is the
most that this process held while it built the tables, above what it held before. The last line is JSON.
"""

import argparse
import asyncio
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from folkmoot import Agent, Panel, Perspective, Question, deliberate_many, load
from folkmoot.pool import Pool
from folkmoot.pool.scripted import Scripted
from folkmoot.protocols import Debate
from folkmoot.records import Call
from folkmoot.records.found import find_records
from folkmoot.records.tables import TABLES, tables
from folkmoot.records.tables.writing import write_tables

SEATS = ("nurse", "patient", "clerk", "chair")
LIKELY = {"nurse": 0.9, "patient": 0.2}
COUNTS = (
    "select protocol, status, count(*) runs, sum(prompt), sum(completion) from runs group by all"
)
JOINED = (
    "select kind, c.status, count(*), avg(level) from conflicts c join runs using (record) "
    "where decided = 'decided' group by all"
)


def main() -> None:
    """Build, time and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path)
    asked.add_argument("--records", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=2)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = Path(passing) / "runs"
        if given.folder is None:
            asyncio.run(runs(folder, given.records, given.rounds))
        else:
            shutil.copytree(given.folder, folder)
        print(json.dumps(measured(folder, Path(passing))))


async def runs(folder: Path, records: int, rounds: int) -> None:
    """So many debates. Two seats differ throughout; two change their minds after the blind round."""
    perspectives = [Perspective(statement=f"I am the {seat}.") for seat in SEATS]
    agents = [
        Agent(name=seat, model="any", perspective=each)
        for seat, each in zip(SEATS, perspectives, strict=True)
    ]
    pool = Pool([Scripted(answer)])
    questions = [
        Question(f"Should the town build road {n}?", ("yes", "no")) for n in range(records)
    ]
    async for _ in deliberate_many(
        questions, Panel(agents=tuple(agents)), Debate(rounds=rounds), pool, record_dir=folder
    ):
        pass


def answer(call: Call) -> str | list[float]:
    """What a seat says."""
    if call.op == "generate":
        return f"As {call.seat} I weigh it so in round {call.round}, for what it costs. " * 4
    yes = LIKELY.get(call.seat, 0.4 if call.round == 0 else 0.7)
    rest = [(1 - yes) / (len(call.options) - 1)] * (len(call.options) - 1)
    return [yes, *rest] if call.options[0].strip() != "no" else [*rest, yes]


def measured(folder: Path, passing: Path) -> dict[str, Any]:
    """Every figure."""
    found = find_records(folder)
    tables(found[0].folder).close()  # What is imported and set up once is not timed.
    loading, _ = timed(lambda: sum(load(each.folder).ledger.total.calls for each in found))
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (passing / "built").mkdir()
    building, faults = timed(lambda: write_tables(found, passing / "built"))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held
    keeping, _ = timed(lambda: tables(folder, passing / "cache"))
    again, whole = timed(lambda: tables(folder, passing / "cache"))
    counting, counted = timed(lambda: whole.sql(COUNTS))
    joining, _ = timed(lambda: whole.sql(JOINED))
    shutil.copytree(found[-1].folder, folder / "one-more")
    one_more, _ = timed(lambda: tables(folder, passing / "cache"))
    return {
        "records": len(found),
        "faults": len(faults),
        "journals.mb": megabytes(each.folder / "journal.jsonl" for each in found),
        "parquet.mb": megabytes((passing / "built").iterdir()),
        "rows": {name: whole.dataset(name).count_rows() for name in TABLES},
        "load.s": loading,
        "tables.s": building,
        "tables.times_load": round(building / loading, 2),
        "tables.memory_mb": round(grown / 1024, 1),
        "kept.s": keeping,
        "again.s": again,
        "one_more.s": one_more,
        "query.count.s": counting,
        "query.join.s": joining,
        "query.runs": sum(row["runs"] for row in counted.to_pylist()),
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor that some work took, and what it came to."""
    start = time.process_time()
    result = work()
    return round(time.process_time() - start, 3), result


def megabytes(paths: Any) -> float:
    """Megabytes of some files."""
    return round(sum(each.stat().st_size for each in paths) / 2**20, 2)


if __name__ == "__main__":
    main()
