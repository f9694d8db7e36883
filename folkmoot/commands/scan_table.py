"""What a scan found, as lines: how often each label, the findings, the records that are broken."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from folkmoot.eval.scan.counts import counts
from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.measure import Measured
from folkmoot.eval.scan.scanning import Row
from folkmoot.eval.statistics import Interval
from folkmoot.visible import shortened, visible

_MOST = 20
"""Findings that are listed; the rest are counted."""

_CITED = 4
"""Messages that are named of one finding."""

_LABEL = 20
"""Columns of a label."""

_WIDTH = 200
"""Characters of an explanation."""


def found_lines(rows: Sequence[Row], whole: bool) -> Iterator[RenderableType]:
    """What was found, the most serious first; then what could not be scanned."""
    done = counts(rows)
    again = f", {done.again} scans taken from what was stored" if done.again else ""
    yield Text(f"{done.records} records, {done.broken} broken{again}", "bold")
    if done.labels:
        yield _table([("label", "found", "records")], [_count(each) for each in done.labels])
    else:
        yield Text("nothing was found")
    found = [(row, each) for row in rows for _, each in row.found]
    found.sort(key=lambda each: -each[1].severity)
    shown = found if whole else found[:_MOST]
    for row, each in shown:
        yield from _finding(row, each)
    if len(found) > len(shown):
        yield Text(f"… {len(found) - len(shown)} more: --whole shows them", "dim")
    if done.unread:
        yield Text(f"{done.unread} questions to the model had no readable answer")
    for row in rows:
        name = visible(Path(row.record).name)
        if row.fault is not None:
            yield Text(f"broken: {name}: {visible(row.fault)}", "red")
        for scan in row.scans:
            if scan.fault is not None:
                yield Text(
                    f"failed: {visible(scan.scanner)} on {name}: {visible(scan.fault)}", "red"
                )


def _count(each: object) -> tuple[str, ...]:
    return tuple(visible(str(getattr(each, name))) for name in ("label", "found", "records"))


def _finding(row: Row, each: Found) -> Iterator[RenderableType]:
    cited = " ".join(f"[{visible(str(about))}]" for about in each.about[:_CITED])
    more = f" +{len(each.about) - _CITED}" if len(each.about) > _CITED else ""
    value = "" if each.value is None or each.value is True else f" = {visible(str(each.value))}"
    yield Text(f"{'!' * each.severity:3} {visible(each.label)}{value}  {cited}{more}")
    yield _inner(Text(visible(Path(row.record).name), "dim"))
    if each.explanation:
        yield _inner(Text(shortened(each.explanation, _WIDTH)))


def _inner(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 4))


def measured_lines(figures: Sequence[Measured]) -> Iterator[RenderableType]:
    """How right the findings are, a row for each label."""
    head = ("label", "so", "precision", "recall", "F1")
    yield _table(
        [head],
        [
            (
                visible(each.label),
                f"{each.true}/{each.n}",
                _share(each.precision),
                _share(each.recall),
                _share(each.f1),
            )
            for each in figures
        ],
    )
    yield from _unjudged(figures)


def _unjudged(figures: Sequence[Measured]) -> Iterator[Text]:
    for each in figures:
        if each.unjudged:
            yield Text(
                f"{visible(each.label)}: {each.unjudged} more were found that nobody labelled"
            )


def _share(found: Interval | None) -> str:
    return "-" if found is None else f"{found.value:.2f} ({found.low:.2f}-{found.high:.2f})"


def _table(heads: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(
        box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=True, header_style="bold"
    )
    for at, head in enumerate(heads[0]):
        left = at == 0
        table.add_column(
            head,
            justify="left" if left else "right",
            overflow="fold",
            min_width=_LABEL if left else None,
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table
