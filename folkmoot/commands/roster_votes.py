"""`folkmoot roster votes`: what those on probation said beside runs, as evidence for a step."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.agents.roster import read_roster
from folkmoot.commands.options import Json
from folkmoot.eval.shadow_cases import gathered, read_gold
from folkmoot.eval.shadow_votes import Votes, by_name, finding, votes
from folkmoot.records import InputError
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

Records = Annotated[
    list[Path],
    typer.Argument(help="Folders of runs, or folders of these.", metavar="RECORDS…"),
]


def roster_votes(
    roster: Annotated[
        Path, typer.Argument(help="The roster's folder.", metavar="ROSTER", show_default=False)
    ],
    records: Records,
    gold: Annotated[
        Path | None,
        typer.Option(help="Right answers, JSON lines of question and answer.", metavar="FILE"),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Of this contribution alone.", metavar="NAME")
    ] = None,
    json: Json = False,
) -> None:
    """What contributions on probation said beside runs, and whether it would have mattered.

    Records that do not verify, and what other files said under the name, are left out and listed.
    """
    members = {each.name: each.steps[-1].digests for each in read_roster(roster).at("probation")}
    if name is not None and name not in members:
        known = ", ".join(members) or "nobody"
        raise InputError(f"{name!r} is not on probation", f"on probation: {known}")
    wanted = members if name is None else {name: members[name]}
    found = gathered(records, wanted, {} if gold is None else read_gold(gold))
    cases = by_name(found.cases)
    every = [votes(each, cases.get(each, [])) for each in wanted]
    if json:
        # Of one alone, so that a step is refused evidence of another, or of other files.
        one = {} if name is None else {"name": name, "digests": members[name].plain()}
        print_json(
            {
                **one,
                "roster": str(roster),
                "votes": [each.plain() for each in every],
                "findings": [finding(each).plain() for each in every],
                "left_out": found.left_out,
            }
        )
        return
    emit(console(sys.stdout), _shown(every, found.left_out))


def _shown(every: Sequence[Votes], left_out: Sequence[str]) -> Iterator[RenderableType]:
    if not every:
        yield Text("nobody is on probation")
    for each in every:
        yield Text(visible(each.name), "bold")
        table = Table.grid(padding=(0, 2))
        for label, figure in _rows(each):
            table.add_row(Text(f"  {label}"), Text(visible(figure)))
        yield table
    for line in left_out:
        yield Text(visible(f"left out: {line}"), "dim")


def _rows(each: Votes) -> Iterator[tuple[str, str]]:
    """Label and figure; shares with their 95 % intervals."""
    states = ", ".join(f"{state} {times}" for state, times in each.states.items())
    yield "asked", f"{each.asked}: {states}" if states else "0"
    shares = {
        "valid": each.valid,
        "agreed with the decision": each.agreed,
        "right": each.right,
        "decision right on these": each.panel_right,
    }
    for label, share in shares.items():
        if share is not None:
            yield label, str(share)
    if each.recounted:
        yield "would have changed", f"{len(each.changed)} of {each.recounted} recounts"
    for run in each.changed:
        yield "", f"{run.run}: {run.before} would have become {run.after}"
