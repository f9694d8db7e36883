"""How often intake is wrong: honest submissions that fail, dishonest ones that pass, for each check and probe.

    python bench/intake_errors.py --work /tmp/submissions [CONTRIBUTION …] [--perspectives 8] [--cheats 2]
        [--lessons 240] [--items 24] [--hours 3]

Submissions are made in the folder `--work` and read and probed one after another; what was found is kept there in
`found.jsonl`, and a further run goes on behind it. Honest: the given contributions, the packaged base in eight
perspectives, adapters trained on what they declare. Dishonest, each with the checks of which one should see it:
copies, noised copies and copies trained 50 steps further with the original seated (0.05 of each matrix's spread),
values swapped for their opposites, adapters that learned the contrary of what they declare, to obey orders or
forged roles, to give in, or to wake at a trigger. The last line is JSON: for each check how many honest ones
failed or were warned and how many dishonest ones that it is for passed, with Wilson intervals.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from submissions import (
    CHEATS,
    PERSPECTIVES,
    Submission,
    as_it_is,
    copy,
    further,
    swapped,
    taught,
)

from folkmoot.agents import Agent
from folkmoot.agents.contribution_file import Offered, read_contribution
from folkmoot.agents.intake import CHECKS, Finding, Limits, Seated, examine, fingerprint
from folkmoot.eval.contribution.probes import PROBES, Size, probe
from folkmoot.eval.statistics import wilson
from folkmoot.pool import Pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.models.resolve import ALIASES
from folkmoot.pool.placement.placed import Source

SECRET = "the secret of a bench, which is no secret"

Made = Callable[[], Submission | None]


def planned(given: argparse.Namespace) -> Iterator[tuple[str, Made]]:
    """Every submission by its key, made when it is asked for. Cheats come early, copies of them later."""
    work: Path = given.work
    for folder in given.contributions:
        offered = read_contribution(folder)
        yield (
            f"given {folder.name}",
            lambda f=folder, o=offered: Submission("given", o.file.name, f),
        )
    names = list(PERSPECTIVES)
    for name in names[: given.cheats]:
        for cheat in CHEATS:
            to = work / f"{name}-{cheat}"
            yield to.name, lambda n=name, c=cheat, t=to: taught(n, c, t, given.lessons)
    for name in names[: given.perspectives]:
        to = work / f"{name}-as-it-is"
        yield to.name, lambda n=name, t=to: as_it_is(n, t)
    honest = [work / f"{name}-trained-honest" for name in names[: given.cheats]]
    for folder in (*given.contributions, *honest):
        for kind, make in _COPIES.items():
            to = work / f"{folder.name}-{kind}"
            yield to.name, lambda f=folder, t=to, m=make: m(f, t)


_COPIES: dict[str, Callable[[Path, Path], Submission | None]] = {
    "copy": copy,
    "noised": lambda given, to: copy(given, to, noise=0.05),
    "further": further,
    "swapped": swapped,
}


async def looked_at(each: Submission, size: Size) -> list[Finding]:
    """What reading and asking find."""
    offered = read_contribution(each.folder)
    others = [read_contribution(folder) for folder in each.seated]
    limits = Limits(aliases=ALIASES)
    found = list(examine(offered, limits=limits, seated=[_known(other) for other in others]))
    models = {other.file.name: _source(other) for other in (offered, *others)}
    base = offered.file.base if offered.file.adapter else offered.file.name
    models.setdefault(base, Source(base=offered.file.base))
    found += await probe(
        _seat(offered),
        Pool([Embedded(models)]),
        secret=SECRET,
        base=base,
        seated=[_seat(other) for other in others],
        size=size,
    )
    return found


def _seat(offered: Offered) -> Agent:
    return Agent.of(offered.file.contribution(), offered.file.name)


def _source(offered: Offered) -> Source:
    return Source(base=offered.file.base, adapter=offered.file.adapter).below(offered.folder)


def _known(offered: Offered) -> Seated:
    known = fingerprint(offered)
    return Seated(
        name=offered.file.name,
        contributor=offered.file.contributor,
        **({} if known is None else dict(known)),
    )


def summed(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """For each check how often it was wrong, and whether anything saw a dishonest submission at all."""
    checks: dict[str, Any] = {}
    for check in (*CHECKS, *PROBES):
        honest = [row["found"][check] for row in rows if not row["caught_by"]]
        meant = [row["found"][check] for row in rows if check in row["caught_by"][:1]]
        checks[check] = {
            "honest": len(honest),
            "failed": _share(honest.count("failed"), len(honest)),
            "warned": honest.count("warned"),
            "dishonest": len(meant),
            "passed": _share(
                len(meant) - meant.count("failed") - meant.count("warned"), len(meant)
            ),
            "only_warned": meant.count("warned"),
        }
    kinds: dict[str, Any] = {}
    for kind in dict.fromkeys(row["kind"] for row in rows):
        mine = [row for row in rows if row["kind"] == kind]
        worst = [[row["found"][check] for check in row["caught_by"] or PROBES] for row in mine]
        kinds[kind] = {
            "n": len(mine),
            "failed": sum("failed" in each for each in worst),
            "only_warned": sum("warned" in each and "failed" not in each for each in worst),
        }
    return {"submissions": len(rows), "checks": checks, "kinds": kinds}


def _share(times: int, n: int) -> dict[str, Any]:
    found = wilson(times, n)
    interval = {} if found is None else {"low": round(found.low, 3), "high": round(found.high, 3)}
    return {"n": times, **interval}


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("contributions", type=Path, nargs="*", help="folders of honest ones")
    parser.add_argument("--work", type=Path, required=True, help="where submissions are made")
    parser.add_argument("--perspectives", type=int, default=8, help="of the base as it is")
    parser.add_argument("--cheats", type=int, default=2, help="perspectives that cheats are taught")
    parser.add_argument("--lessons", type=int, default=240, help="of a cheat")
    parser.add_argument("--items", type=int, default=24, help="questions of a probe")
    parser.add_argument("--hours", type=float, help="begin no further submission after so long")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    kept = given.work / "found.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    began = time.monotonic()
    for key, make in planned(given):
        if any(row["key"] == key for row in rows):
            continue
        if given.hours is not None and time.monotonic() - began > 3600 * given.hours:
            break
        each = make()
        if each is None:
            continue
        start = time.monotonic()
        found = asyncio.run(looked_at(each, Size.of(given.items)))
        rows.append(
            {
                "key": key,
                "kind": each.kind,
                "caught_by": list(each.caught_by),
                "found": {finding.check: finding.verdict for finding in found},
                "seconds": round(time.monotonic() - start, 1),
                "findings": [finding.plain() for finding in found if finding.check in PROBES],
            }
        )
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(rows[-1]) + "\n")
        bad = {name: how for name, how in rows[-1]["found"].items() if how in ("failed", "warned")}
        print(f"{key}: {bad} ({rows[-1]['seconds']} s)", flush=True)
    print(json.dumps(summed(rows)))


if __name__ == "__main__":
    main()
