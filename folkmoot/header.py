"""How a run began, in four lines: the question, the panel, the protocol, what answers, the record."""

from typing import Any

from rich.table import Table
from rich.text import Text

from folkmoot.records import Opening
from folkmoot.visible import visible

LABEL = 10
"""Columns of the labels on the left of every part of a report."""


def labelled(label: str, *lines: Text | str) -> Table:
    """A label on the left, lines on the right that wrap beneath themselves."""
    table = Table.grid(padding=0)
    table.add_column(width=LABEL, no_wrap=True)
    table.add_column(ratio=1)
    for index, line in enumerate(lines):
        table.add_row(Text(label if index == 0 else "", "bold"), line)
    return table


def header(opening: Opening, record: str | None) -> list[Text | Table]:
    """The first lines of every view of a run."""
    rows: list[Text | Table] = [
        Text(visible(opening.question), "bold"),
        labelled("panel", " · ".join(visible(seat) for seat in opening.seats)),
        labelled("protocol", _protocol(opening)),
        labelled("pool", _pool(opening)),
    ]
    if opening.options is not None:
        options = " · ".join(visible(option) for option in opening.options)
        rows.insert(1, labelled("options", options))
    if opening.imported is not None:
        origin = f"{opening.imported.source} ({opening.imported.form})"
        part = "" if opening.imported.part is None else f", {opening.imported.part}"
        rows.append(labelled("imported", f"from {visible(origin + part)}"))
    if opening.shadow_of is not None:
        rows.append(
            labelled("probation", f"beside {visible(opening.shadow_of.run_id)}; not counted")
        )
    if opening.branch_of is not None:
        rows.append(labelled("branch", f"of {visible(opening.branch_of.run_id)}"))
    rows.append(labelled("record", "none is kept" if record is None else visible(record)))
    return rows


def _protocol(opening: Opening) -> str:
    # The parts of an imported record are its messages in numbers.
    given = {} if opening.imported is not None else opening.protocol.params
    names = sorted(given, key=lambda name: (name != "rounds", name))
    params = [_param(name, given[name]) for name in names]
    return visible(" · ".join([opening.protocol.name, *params, f"seed {opening.seed}"]))


def _param(name: str, value: Any) -> str:
    words = name.replace("_", " ")
    if isinstance(value, bool):
        return words if value else f"no {words}"
    return f"{words} {value['name'] if isinstance(value, dict) and 'name' in value else value}"


def _pool(opening: Opening) -> str:
    models = [
        model.name + (f" ({model.source})" if model.source else "") for model in opening.models
    ]
    kinds = [
        str(engine.get("kind", engine.get("name", "")))
        + (f", {place}" if (place := engine.get("url") or engine.get("device")) else "")
        for engine in opening.engines
    ]
    return visible(" · ".join(dict.fromkeys([*models, *kinds]))) or "not described"
