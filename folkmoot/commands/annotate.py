"""`folkmoot annotate`: what people say of a record, appended to it with who says it, and why."""

import getpass
import sys
from collections.abc import Iterator, Sequence
from json import loads
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from folkmoot.commands.options import Json
from folkmoot.eval.scan.folders import records_in
from folkmoot.eval.scan.raters import Annotated as Rated
from folkmoot.eval.scan.raters import LabelAgreement, agreement_of
from folkmoot.eval.statistics import Interval
from folkmoot.records import InputError
from folkmoot.records.annotating import Annotatable
from folkmoot.records.annotating import annotate as put_on_record
from folkmoot.records.annotations import (
    Annotation,
    Remark,
    first_hash,
    read_annotations,
    withdraws,
)
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

Record = Annotated[
    Path,
    typer.Argument(
        help="The folder of a run; with --agreement also a folder of runs.", metavar="RECORD"
    ),
]
AboutWhat = Annotated[
    str | None,
    typer.Option(
        "--about",
        help="M3, cf1, c0.2, decision, answer or record; M3:10-25 for a part of its text.",
        metavar="WHAT",
    ),
]
Quote = Annotated[
    str | None,
    typer.Option(help="Words of the message or answer that are meant.", metavar="TEXT"),
]
Label = Annotated[str | None, typer.Option(help="What it is, in a word.", metavar="NAME")]
GivenValue = Annotated[
    str | None,
    typer.Option(
        "--value", help="How much of it, or which: true, false, a number, or a word.", metavar="V"
    ),
]
Note = Annotated[str | None, typer.Option(help="What there is to say.", metavar="TEXT")]
By = Annotated[
    str | None, typer.Option(help="Who says it; else the name of the login.", metavar="NAME")
]
Corrects = Annotated[
    str | None, typer.Option(help="An earlier annotation that is not so.", metavar="ID")
]
Reason = Annotated[str | None, typer.Option(help="Why it is not so.", metavar="TEXT")]
Listed = Annotated[bool, typer.Option("--list", help="Show what was annotated.")]
Agreement = Annotated[
    bool, typer.Option("--agreement", help="How far annotators agree, label by label.")
]


def annotate(
    record: Record,
    about: AboutWhat = None,
    quote: Quote = None,
    label: Label = None,
    value: GivenValue = None,
    note: Note = None,
    by: By = None,
    corrects: Corrects = None,
    reason: Reason = None,
    list_: Listed = False,
    agreement: Agreement = False,
    json: Json = False,
) -> None:
    """Put an annotation or a correction beside the record of a run. Nothing is overwritten.

    The record's own files stay as they are. Without --about it is about the whole record; a
    correction is about what it corrects.
    """
    said = (about, quote, label, value, note, by, corrects, reason)
    if list_ or agreement:
        if list_ == agreement or any(each is not None for each in said):
            raise InputError("--list and --agreement stand alone", "leave the other options out")
        (_show_agreement if agreement else _show_list)(record, json)
        return
    if label is None and note is None and corrects is None:
        raise InputError("nothing is said", "give --label or --note, or --corrects and --reason")
    fields: dict[str, Any] = {
        "kind": "annotation" if corrects is None else "correction",
        "label": label,
        "value": None if value is None else _value(value),
        "note": note,
        "corrects": corrects,
        "reason": reason,
    }
    if about is not None or quote is not None:
        fields["about"] = Annotatable(record).about(about or "record", quote)
    (added,) = put_on_record(record, Remark.model_validate(fields), by=_author(by))
    if json:
        print_json(added.plain())
    else:
        emit(console(sys.stdout), _lines(added, None))


def _value(given: str) -> bool | int | float | str:
    """A scalar of JSON, else the words themselves."""
    try:
        found = loads(given)
    except (ValueError, RecursionError):
        return given
    return found if isinstance(found, bool | int | float | str) else given


def _author(by: str | None) -> str:
    if by is not None and by.startswith("scanner:"):
        raise InputError("scanners speak for themselves", "folkmoot scan --keep records findings")
    try:
        return by or getpass.getuser()
    except (KeyError, OSError) as fault:
        raise InputError("nobody is named", "say who with --by NAME") from fault


def _show_list(record: Path, json: bool) -> None:
    found = read_annotations(record)
    corrected = {each.corrects: each.id for each in found if each.corrects is not None}
    if json:
        plain = [{**each.plain(), "corrected_by": corrected.get(each.id)} for each in found]
        print_json({"record": str(record), "annotations": plain})
        return
    lines = [line for each in found for line in _lines(each, corrected.get(each.id))]
    emit(console(sys.stdout), lines or [Text("nothing was annotated")])


def _lines(each: Annotation, corrected: str | None) -> Iterator[Text]:
    head = f"{each.id}  {visible(str(each.about))}"
    if each.label is not None:
        head += f"  {visible(each.label)}"
    if each.value is not None:
        head += f" = {visible(_shown(each.value))}"
    head += f"  by {visible(each.by)}, {each.at[:16].replace('T', ' ')}"
    yield Text(
        head + (f"  (corrected by {corrected})" if corrected else ""), "dim" * bool(corrected)
    )
    if each.also:
        yield Text(f"    with {', '.join(visible(str(other)) for other in each.also)}")
    if each.note is not None:
        yield Text(f"    {visible(each.note)}")
    if each.corrects is not None:
        done = "withdraws" if withdraws(each) else "corrects"
        yield Text(f"    {done} {each.corrects}: {visible(each.reason or '')}")


def _shown(value: bool | float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _show_agreement(folder: Path, json: bool) -> None:
    runs = [Rated(first_hash(each), read_annotations(each)) for each in records_in([folder])]
    found = agreement_of(runs)
    if json:
        print_json({"records": len(runs), "labels": [each.plain() for each in found]})
        return
    nothing = Text("no two annotators used the same label on the same thing")
    emit(console(sys.stdout), [line for each in found for line in _measured(each)] or [nothing])


_MEASURES = {
    "cohen_kappa": "Cohen's κ",
    "krippendorff_alpha": "Krippendorff's alpha",
    "krippendorff_alpha_interval": "Krippendorff's alpha, of figures",
}


def _measured(each: LabelAgreement) -> Sequence[Text]:
    names = ", ".join(map(visible, each.annotators))
    value = f"{_MEASURES[each.measure]} {_interval(each.value)}" if each.value else each.why
    return (
        Text(f"{visible(each.label)}: {value}", "bold"),
        Text(f"    of {each.n} things; all the same on {_interval(each.same)}; by {names}"),
    )


def _interval(found: Interval | None) -> str:
    if found is None:
        return "-"
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
