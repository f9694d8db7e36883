"""`folkmoot worth`: what each contributor cost and was worth over some runs, without a model."""

import json as json_text
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.eval.statistics import Interval
from folkmoot.eval.worth import Statement, Worth, markdown, read_gold
from folkmoot.eval.worth import worth as worth_of
from folkmoot.ledger_table import ABSENT
from folkmoot.records import InputError, text_digest
from folkmoot.records.accounts import Account
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import shortened, visible

Records = Annotated[
    list[Path], typer.Argument(help="Folders of runs, or of several runs.", metavar="RECORD")
]
GoldFile = Annotated[
    Path | None,
    typer.Option(
        "--gold",
        help="Right answers, JSONL: question, answer, and a task if it has one.",
        metavar="FILE",
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        "--to", help="Where statements are written, .md and .json for each.", metavar="DIR"
    ),
]
Same = Annotated[
    list[str] | None,
    typer.Option(
        "--same",
        help="Contributors that are one, by their names, with commas; once for each group.",
        metavar="NAMES",
    ),
]


def worth(
    records: Records,
    gold: GoldFile = None,
    same: Same = None,
    to: To = None,
    json: Json = False,
) -> None:
    """Show what each contributor cost and what it was worth. No model is asked.

    Quality needs the right answers; plurality is read off the conflict logs.
    """
    found = worth_of(
        records,
        read_gold(gold) if gold is not None else (),
        identity=_identity(same or []),
    )
    written = _written(found.statements, to) if to is not None else []
    if json:
        print_json(found.as_json())
        return
    emit(console(sys.stdout), [*_shown(found), *written])


def _identity(groups: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in groups:
        names = [name.strip() for name in group.split(",") if name.strip()]
        if len(names) < 2:
            raise InputError(f"--same {group!r} names no two", "for example --same acme,globex")
        found |= dict.fromkeys(names, group)
    return found


def _written(statements: Iterable[Statement], folder: Path) -> list[Text]:
    """Write the statements; a line that says where."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in statements:
            name = _file_name(each)
            (folder / f"{name}.md").write_text(markdown(each), encoding="utf-8")
            plain = json_text.dumps(each.as_json(), indent=2)
            (folder / f"{name}.json").write_text(plain + "\n", encoding="utf-8")
    except OSError as fault:
        raise InputError(
            f"cannot write statements to {str(folder)!r}: {fault.strerror}", "name another folder"
        ) from fault
    return [Text(f"Statements  {visible(str(folder))}")]


def _file_name(statement: Statement) -> str:
    """A name that no contributor's name can lead elsewhere, and no two share."""
    plain = re.sub(r"[^a-z0-9]+", "-", statement.name.casefold()).strip("-")[:40]
    return "-".join(filter(None, (plain, text_digest(statement.name)[:8])))


def _shown(found: Worth) -> list[RenderableType]:
    head = f"{found.runs} runs, {found.questions} questions"
    if found.accuracy is not None:
        head += f", right {found.accuracy:.3f}"
    if found.accuracy_interval is not None:
        head += f" ({_interval(found.accuracy_interval)})"
    parts: list[RenderableType] = [Text(head, "bold"), _costs(found), _worths(found)]
    parts += [
        Text(f"  {visible(each.name)}: {word}")
        for each in found.statements
        for word in _words(each)
    ]
    for what, why in (("left out", found.left_out), ("without quality", found.without_quality)):
        parts += [
            Text(f"{what}  {visible(name)}: {visible(said)}", "dim") for name, said in why.items()
        ]
    return parts


def _costs(found: Worth) -> Table:
    table = _table("cost", "runs", "calls", "prompt", "computed", "out", "engine s")
    for each in found.statements:
        table.add_row(shortened(each.name, 24), str(each.runs), *_figures(each.cost))
    if found.others.calls:
        table.add_row("of no seat", "", *_figures(found.others))
    table.add_row(Text("total", "bold"), str(found.runs), *_figures(found.total))
    return table


def _figures(cost: Account) -> list[str]:
    counts = (cost.calls, cost.prompt, cost.computed, cost.completion)
    said = [ABSENT if each is None else f"{each:,}" for each in counts]
    return [*said, ABSENT if cost.engine_s is None else f"{cost.engine_s:,.1f}"]


def _worths(found: Worth) -> Table:
    table = _table("worth", "quality", "95%", "per s", "plurality", "95%", "per s")
    for each in found.statements:
        cells: list[str] = []
        for axis in (each.quality, each.plurality):
            if axis is None:
                cells += [ABSENT] * 3
                continue
            rate = axis.per_engine_s
            cells += [f"{axis.value:+.3f}", _interval(axis.interval)]
            cells.append(ABSENT if rate is None else f"{rate:+.2g}")
        table.add_row(shortened(each.name, 24), *cells)
    return table


def _table(*titles: str) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for place, title in enumerate(titles):
        table.add_column(
            justify="left" if place == 0 else "right",
            no_wrap=True,
            min_width=14 if place == 0 else len(title),
        )
    table.add_row(*(Text(title, "dim") for title in titles))
    return table


def _words(statement: Statement) -> list[str]:
    """The verdicts."""
    words: list[str] = []
    if statement.quality is not None:
        words.append(f"quality: {statement.quality.verdict}")
    words.append(f"plurality: {statement.plurality.verdict}")
    words += [f"{visible(each.task)}: {each.verdict}" for each in statement.priorities]
    if statement.same_as:
        words.append(f"one with {', '.join(map(visible, statement.same_as))}")
    return words


def _interval(interval: Interval | None) -> str:
    return ABSENT if interval is None else f"{interval.low:+.2f}..{interval.high:+.2f}"
