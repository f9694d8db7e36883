"""`folkmoot contribution probe`: what must be asked of a contribution before it is seated."""

import secrets
import sys
from collections.abc import Sequence
from json import dumps
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from folkmoot.agents import Agent, intake
from folkmoot.agents.contribution_file import Offered, read_contribution
from folkmoot.agents.intake import Finding, Limits
from folkmoot.agents.roster import read_roster
from folkmoot.commands.contribution_report import report
from folkmoot.commands.options import Json, PoolFile
from folkmoot.eval.contribution.probes import PROBES, Size, probe
from folkmoot.pool import Pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.models.resolve import ALIASES
from folkmoot.pool.placement.placed import Source
from folkmoot.records import ContributionError
from folkmoot.screen import console, emit
from folkmoot.stopping import until_stopped

Folder = Annotated[
    Path, typer.Argument(help="The contribution's folder.", metavar="DIR", show_default=False)
]
Among = Annotated[
    Path | None,
    typer.Option("--roster", help="Whom it must differ from: who is seated.", metavar="ROSTER"),
]
Secret = Annotated[
    str | None,
    typer.Option(
        help="Fixes what is asked; contributors must not know it. Drawn at random if not given.",
        envvar="FOLKMOOT_PROBE_SECRET",
        show_envvar=False,
        metavar="TEXT",
    ),
]
Items = Annotated[int, typer.Option(help="Questions of a probe.", min=8, metavar="N")]


class _Asked(NamedTuple):
    """Who is asked, and what answers."""

    seat: Agent
    base: str | None
    seated: tuple[Agent, ...]
    pool: Pool


def probed(
    folder: Folder,
    roster: Among = None,
    secret: Secret = None,
    items: Items = 24,
    pool: PoolFile = None,
    json: Json = False,
) -> None:
    """Ask a contribution what reading it cannot show. Exit code 1 where a probe fails.

    Every question is put as in a deliberation, and to its plain base too where the pool has it.
    Nothing is asked of a contribution that fails a check.
    """
    offered = read_contribution(folder)
    _readable(offered)
    others = read_roster(roster).at("seated") if roster is not None else ()
    asked = _asked(offered, [each.offered for each in others], pool)
    drawn = secret is None
    with _bar() as bar:
        found = until_stopped(
            _found(asked, secret or secrets.token_hex(16), Size.of(items), bar), pool=pool
        )
    if json:
        said = {
            "name": offered.file.name,
            "digests": intake.digests_of(offered).plain(),
            "base": asked.base,
            "secret": "drawn" if drawn else "given",
            "size": Size.of(items).plain(),
            "findings": [each.plain() for each in found],
        }
        sys.stdout.write(dumps(said) + "\n")
    else:
        emit(console(sys.stdout), report(found))
        if drawn:
            line = "the secret was drawn at random and is not kept: the next probe asks otherwise"
            emit(console(sys.stdout), [Text(line)])
    if any(each.verdict == "failed" for each in found):
        raise typer.Exit(1)


def _readable(offered: Offered) -> None:
    """Nothing is loaded that fails a check.

    Raises:
        ContributionError: it fails one.
    """
    found = intake.examine(offered, limits=Limits(aliases=ALIASES))
    if failed := [each.check for each in found if each.verdict == "failed"]:
        raise ContributionError(
            f"{offered.file.name!r} fails what can be read: {', '.join(failed)}",
            f"folkmoot contribution check {offered.folder}",
        )


def _asked(offered: Offered, others: Sequence[Offered], pool: Path | None) -> _Asked:
    file = offered.file
    seat = Agent.of(file.contribution(), file.name)
    others = [each for each in others if each.file.name != file.name]
    seated = tuple(Agent.of(each.file.contribution(), each.file.name) for each in others)
    base = file.name if file.adapter is None else _plain(file.base, [file.name, *_names(others)])
    if pool is not None:
        given = Pool.from_yaml(pool)
        known = any(base in engine.models for engine in given.engines)
        return _Asked(seat, base if known else None, seated, given)
    models = {each.file.name: _source(each) for each in (offered, *others)}
    models.setdefault(base, Source(base=_source(offered).base))
    return _Asked(seat, base, seated, Pool([Embedded(models)]))


def _names(offered: Sequence[Offered]) -> list[str]:
    return [each.file.name for each in offered]


def _plain(base: str, taken: Sequence[str]) -> str:
    """What the pool calls the plain base: its name, unless a contribution is called so."""
    return base if base not in taken else f"{base} (plain)"


def _source(offered: Offered) -> Source:
    """Where its model comes from; what lies in its folder counts from there."""
    file = offered.file
    return Source(base=file.base, adapter=file.adapter).below(offered.folder)


async def _found(asked: _Asked, secret: str, size: Size, bar: Progress) -> tuple[Finding, ...]:
    task = bar.add_task(PROBES[0], total=len(PROBES))

    def heard(finding: Finding) -> None:
        done = PROBES.index(finding.check) + 1
        bar.update(task, completed=done, description=PROBES[min(done, len(PROBES) - 1)])

    return await probe(
        asked.seat,
        asked.pool,
        secret=secret,
        base=asked.base,
        seated=asked.seated,
        size=size,
        on_finding=heard,
    )


def _bar() -> Progress:
    """Drawn on a terminal alone."""
    err = console(sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=err, disable=not err.is_terminal)
