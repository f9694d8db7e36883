"""`folkmoot scan`: scanners over the records of a folder, and what they found."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from folkmoot.commands import scan_options as given
from folkmoot.commands.options import Json, PoolFile
from folkmoot.commands.scan_table import found_lines, measured_lines
from folkmoot.commands.showing import SHUT
from folkmoot.eval.scan.asked import ask
from folkmoot.eval.scan.builtin import BUILTIN
from folkmoot.eval.scan.counts import counts
from folkmoot.eval.scan.folders import records_in
from folkmoot.eval.scan.found import Scanner
from folkmoot.eval.scan.kept import keep as put_on_record
from folkmoot.eval.scan.measure import Measured, measure, read_labels, truth_in, truth_of
from folkmoot.eval.scan.question import Question
from folkmoot.eval.scan.scanning import Heard, Row
from folkmoot.eval.scan.scanning import scan as scan_records
from folkmoot.pool import Pool
from folkmoot.records import InputError
from folkmoot.screen import console, emit, print_json
from folkmoot.stopping import until_stopped
from folkmoot.visible import visible

_ANNOTATIONS = "annotations"


def scan(
    records: given.Records = None,
    scanner: given.Names = None,
    regex: given.Regexes = None,
    own: given.Own = None,
    question: given.Asked = None,
    type: given.AnswerType = "boolean",
    option: given.Labels = None,
    schema: given.Schema = None,
    over: given.Over = "message",
    written: given.Written = False,
    above: given.Above = 0.5,
    model: given.Model = "smollm2",
    pool: PoolFile = None,
    label: given.FoundAs = None,
    measured: given.Measured = None,
    closed: given.Closed = False,
    keep: given.Keep = False,
    fail_on: given.FailOn = None,
    fresh: given.Fresh = False,
    read_only: given.ReadOnly = False,
    jobs: given.Jobs = None,
    list_: given.Catalogue = False,
    whole: given.Whole = False,
    json: Json = False,
) -> int:
    """Look through records for what should not be there: by rules, by expressions, or by a model.

    What is found cites its messages. A record that was scanned is not scanned again unless it or the
    scanner changed. Exit code 1 where a record is broken or a scanner failed, 3 where --fail-on finds.
    """
    if list_:
        _catalogue(json)
        return 0
    if read_only and (keep or question is not None):
        raise InputError(
            "--read-only goes with neither --keep nor --question",
            "findings and calls to a model are put on record beside the run",
        )
    folders = records_in(records or ())
    if not folders:
        raise InputError("no record is named", "folkmoot scan RECORD, or a folder of records")
    scanners = given.scanners_of(scanner, regex, own)
    asked = None
    if question is not None:
        asked = given.asked_of(question, type, option, schema, over, written, above, model, label)
    elif not scanners:
        scanners = given.every()
    rows = _rows(folders, scanners, asked, pool, fresh, not read_only, jobs)
    figures = None if measured is None else _figures(measured, rows, closed)
    kept = sum(len(put_on_record(row)) for row in rows) if keep else None
    _show(rows, figures, kept, whole, json)
    return _code(rows, fail_on)


def _rows(
    folders: Sequence[Path],
    scanners: Sequence[Scanner],
    asked: Question | None,
    pool: Path | None,
    fresh: bool,
    store: bool,
    jobs: int | None,
) -> tuple[Row, ...]:
    """Every scanner's findings and those of the question, a row for each record."""
    with _bar() as bar:
        rows = scan_records(
            folders,
            scanners,
            jobs=jobs or os.cpu_count() or 1,
            fresh=fresh,
            keep_results=store,
            heard=_drawn(bar, "scanned", len(folders)),
        )
        if asked is None:
            return rows
        answering = Pool.from_yaml(pool) if pool is not None else Pool.embedded(asked.model)
        heard = _drawn(bar, "asked", len(folders))
        more = until_stopped(ask(folders, asked, answering, fresh=fresh, heard=heard), pool=pool)
    return tuple(
        one.model_copy(update={"scans": (*one.scans, *other.scans)}) if one.fault is None else one
        for one, other in zip(rows, more, strict=True)
    )


def _figures(labels: str, rows: Sequence[Row], closed: bool) -> tuple[Measured, ...]:
    truth = truth_in(rows) if labels == _ANNOTATIONS else truth_of(read_labels(Path(labels)), rows)
    return measure(rows, truth, closed=closed)


def _drawn(bar: Progress, what: str, total: int) -> Heard:
    """Hears how far it is; drawn on a terminal alone."""
    task = bar.add_task(what, total=total)
    return lambda _: bar.advance(task)


def _bar() -> Progress:
    err = console(sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=err, disable=not err.is_terminal, transient=True)


def _show(
    rows: Sequence[Row],
    figures: Sequence[Measured] | None,
    kept: int | None,
    whole: bool,
    json: bool,
) -> None:
    if json:
        beside = {} if figures is None else {"measured": [each.plain() for each in figures]}
        beside |= {} if kept is None else {"kept": kept}
        print_json({**counts(rows).plain(), **beside, "rows": [row.plain() for row in rows]})
        return
    parts: list[RenderableType] = list(found_lines(rows, whole))
    if kept is not None:
        parts.append(Text(f"put on record: {kept} findings, those that stood there left out"))
    if figures is not None:
        parts += measured_lines(figures)
    emit(console(sys.stdout), parts)


def _code(rows: Sequence[Row], fail_on: Sequence[str] | None) -> int:
    done = counts(rows)
    labels = {each.label for each in done.labels}
    for each in fail_on or ():
        if each in labels or (each == "any" and labels):
            what = ", ".join(sorted(labels)) if each == "any" else each
            print(f"found: {visible(what)}", file=sys.stderr)
            return SHUT
    return 1 if done.broken or done.failed else 0


def _catalogue(json: bool) -> None:
    if json:
        names = (("name", "version", "says"), BUILTIN.values())
        print_json({"scanners": [{n: getattr(each, n) for n in names[0]} for each in names[1]]})
        return
    emit(console(sys.stdout), _listed())


def _listed() -> Iterator[Text]:
    for name, each in BUILTIN.items():
        yield Text(f"{name}, version {each.version}", "bold")
        yield Text(f"  {each.says}")
