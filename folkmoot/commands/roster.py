"""`folkmoot roster`, and `folkmoot contribution admit`: what a steward does with what is offered."""

import getpass
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.agents import intake
from folkmoot.agents.contribution_file import read_contribution
from folkmoot.agents.intake import Finding, Limits, Seated
from folkmoot.agents.roster import Member, Roster, Standing, moved, propose, read_roster
from folkmoot.commands.contribution_report import report
from folkmoot.commands.options import Json
from folkmoot.commands.roster_votes import roster_votes
from folkmoot.evidence import read_evidence
from folkmoot.pool.models.resolve import ALIASES
from folkmoot.records import ContributionError, InputError
from folkmoot.roster_files import Engine, panel_file, pool_file
from folkmoot.screen import console, emit
from folkmoot.visible import visible

Offer = Annotated[
    Path, typer.Argument(help="The contribution's folder.", metavar="DIR", show_default=False)
]
At = Annotated[
    Path, typer.Option("--roster", help="The roster's folder; made if absent.", metavar="ROSTER")
]
Where = Annotated[
    Path, typer.Argument(help="The roster's folder.", metavar="ROSTER", show_default=False)
]
Name = Annotated[str, typer.Argument(help="Of a contribution.", metavar="NAME")]
Reason = Annotated[str, typer.Option(help="For the record.", metavar="TEXT")]
Evidence = Annotated[
    list[Path] | None,
    typer.Option(
        help="Findings for the record, as `contribution probe --json` wrote them; once for each file.",
        metavar="FILE",
    ),
]
Steward = Annotated[
    str | None,
    typer.Option("--by", help="Who decides; the user's name if not given.", metavar="WHO"),
]
Rank = Annotated[
    int,
    typer.Option(help="The largest rank of an adapter that the pool takes.", min=1, metavar="N"),
]


def roster_commands() -> typer.Typer:
    """The commands of `folkmoot roster`."""
    app = typer.Typer(
        help="A roster: contributions that were taken in, and how they stand.",
        rich_markup_mode=None,
    )
    for command in (show, seat, quarantine, release, withdraw, panel):
        app.command()(command)
    app.command("votes")(roster_votes)
    return app


def admit(
    offered: Offer, roster: At, rank: Rank = 16, by: Steward = None, json: Json = False
) -> None:
    """Take a contribution in, check it, and put it on probation if no check fails.

    On probation it has no seat: it may be asked beside runs, and its votes count for nothing. Exit code 1
    where a check fails: it stays proposed, or is not taken in at all where its folder cannot be trusted to
    be copied.
    """
    given = read_contribution(offered)
    there = read_roster(roster)
    seated = _seated(there)
    limits = Limits(rank=rank, aliases=ALIASES)
    first = intake.examine(given, limits=limits)[:1]
    if first[0].verdict == "failed":
        # A pipe or a device would hold the copy up, and a link would lead it elsewhere.
        emit(console(sys.stderr), report(first))
        raise typer.Exit(1)
    roster.mkdir(parents=True, exist_ok=True)
    there = propose(there, given, _now(), _who(by))
    taken = there.members[given.file.name]
    found = intake.examine(taken.offered, limits=limits, seated=seated)
    failed = [each.check for each in found if each.verdict == "failed"]
    if not failed:
        there = moved(there, taken.name, "probation", at=_now(), by=_who(by), findings=found)
    if json:
        said = {
            "name": taken.name,
            "standing": there.standing(taken.name),
            "findings": [each.plain() for each in found],
        }
        sys.stdout.write(dumps(said) + "\n")
    else:
        emit(console(sys.stdout), report(found))
        end = f"{taken.name}: {there.standing(taken.name)}"
        emit(console(sys.stdout), [Text(visible(end))])
    if failed:
        raise typer.Exit(1)


def show(roster: Where, json: Json = False) -> None:
    """Who is on a roster, how each stands, since when, and why."""
    there = read_roster(roster)
    if json:
        said = [
            {
                "name": each.name,
                "standing": each.standing,
                "contributor": each.file.contributor,
                "licence": each.file.licence,
                "base": each.file.base,
                "steps": [step.plain() for step in each.steps],
            }
            for each in there.members.values()
        ]
        sys.stdout.write(dumps({"roster": str(roster), "members": said}) + "\n")
        return
    emit(console(sys.stdout), _shown(there))


def seat(
    roster: Where,
    name: Name,
    evidence: Evidence = None,
    reason: Reason = "",
    by: Steward = None,
) -> None:
    """Give a contribution that was on probation a full seat.

    Evidence is refused where it is of other files than those on the roster, or where a finding failed.
    """
    member = read_roster(roster).members.get(name)
    found = read_evidence(evidence or (), member) if member is not None else ()
    _move(roster, name, "seated", reason, by, found)


def quarantine(
    roster: Where,
    name: Name,
    reason: Annotated[str, typer.Option(help="Why. Needed.", metavar="TEXT", show_default=False)],
    by: Steward = None,
) -> None:
    """Keep a contribution away from panels."""
    _move(roster, name, "quarantined", reason, by)


def release(roster: Where, name: Name, reason: Reason = "", by: Steward = None) -> None:
    """Put a contribution on probation again: out of quarantine, or off its seat."""
    _move(roster, name, "probation", reason, by)


def withdraw(roster: Where, name: Name, reason: Reason = "", by: Steward = None) -> None:
    """Its contributor takes it back. Its folder and its steps stay."""
    _move(roster, name, "withdrawn", reason, by)


def panel(
    roster: Where,
    to: Annotated[Path, typer.Option("--to", help="Folder for the two files.", metavar="DIR")],
    engine: Annotated[
        str, typer.Option(help="What answers: embedded, vllm or placed.", metavar="KIND")
    ] = "embedded",
) -> None:
    """Write a panel of all that are seated, and a pool file that answers for them.

    Those on probation stand in it as shadows: asked after a run, and never counted.
    """
    if engine not in get_args(Engine):
        raise InputError(f"no engine {engine!r}", f"one of {', '.join(get_args(Engine))}")
    there = read_roster(roster)
    members, shadows = there.at("seated"), there.at("probation")
    if not members:
        raise ContributionError(
            "nobody on the roster is seated", "folkmoot roster seat ROSTER NAME"
        )
    files = {
        "panel.yaml": panel_file(members, shadows),
        "pool.yaml": pool_file(members, to, cast(Engine, engine), shadows),
    }
    if before := [str(to / name) for name in files if (to / name).exists()]:
        raise InputError(f"already there: {', '.join(before)}", "name another folder")
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (to / name).write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputError(f"cannot write in {str(to)!r}: {fault.strerror or fault}") from fault
    lines = [*(f"wrote {to / name}" for name in files), "", "Then:"]
    lines.append(f'  folkmoot ask "…?" --panel {to / "panel.yaml"} --pool {to / "pool.yaml"}')
    emit(console(sys.stdout), [Text(visible(line)) for line in lines])


def _move(
    roster: Path,
    name: str,
    to: Standing,
    reason: str,
    by: str | None,
    found: Sequence[Finding] = (),
) -> None:
    step = {"at": _now(), "by": _who(by), "reason": reason}
    there = moved(read_roster(roster), name, to, **step, findings=found)
    emit(console(sys.stdout), [Text(visible(f"{name}: {there.standing(name)}"))])


def _shown(there: Roster) -> Iterator[RenderableType]:
    if not there.steps:
        yield Text("nobody yet: folkmoot contribution admit DIR --roster ROSTER")
        return
    table = Table.grid(padding=(0, 2))
    for each in there.members.values():
        last = each.steps[-1]
        words = [each.name, each.standing, last.at[:10], last.reason or _speaks_for(each)]
        table.add_row(*(Text(visible(word)) for word in words))
    yield table


def _speaks_for(member: Member) -> str:
    return " ".join(member.file.perspective.statement.split())


def _seated(there: Roster) -> tuple[Seated, ...]:
    present = there.at("proposed", "probation", "seated", "quarantined")
    return tuple(_known(each) for each in present)


def _known(member: Member) -> Seated:
    known = intake.fingerprint(member.offered)
    found = {} if known is None else dict(known)
    return Seated(name=member.name, contributor=member.file.contributor, **found)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _who(by: str | None) -> str:
    return by or getpass.getuser()
