"""The options of `folkmoot scan`, and the scanners that they name."""

from collections.abc import Sequence
from json import loads
from pathlib import Path
from typing import Annotated, Any

import typer

from folkmoot.eval.scan.builtin import BUILTIN, named, own
from folkmoot.eval.scan.found import Scanner
from folkmoot.eval.scan.pattern import pattern
from folkmoot.eval.scan.question import Question, question_of
from folkmoot.records import InputError

Records = Annotated[
    list[Path] | None,
    typer.Argument(help="Folders of runs, or folders that such are in.", metavar="RECORD|FOLDER…"),
]
Names = Annotated[
    list[str] | None,
    typer.Option(
        "--scanner",
        help="A built-in scanner; once for each. All of them where nothing else is asked for.",
        metavar="NAME",
    ),
]
Regexes = Annotated[
    list[str] | None,
    typer.Option("--regex", help="Messages in which an expression matches.", metavar="EXPR"),
]
Own = Annotated[
    list[str] | None,
    typer.Option(
        "--own", help="A scanner of your own; its code is run.", metavar="MODULE:FUNCTION"
    ),
]
Asked = Annotated[
    str | None, typer.Option("--question", help="What a model is asked.", metavar="TEXT")
]
AnswerType = Annotated[
    str,
    typer.Option(
        "--type", help="Of the answer: boolean, number, label or structured.", metavar="TYPE"
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--option", help="A label to choose from; once for each.", metavar="TEXT"),
]
Schema = Annotated[
    Path | None, typer.Option(help="The JSON schema of a structured answer.", metavar="FILE")
]
Over = Annotated[
    str,
    typer.Option(
        help="What the question is asked of: each message, or the record as a whole.",
        metavar="message|record",
    ),
]
Written = Annotated[
    bool,
    typer.Option(
        "--written",
        help="The model writes its answer with a reason and what it cites. For large models.",
    ),
]
Model = Annotated[str, typer.Option(help="Who is asked: a model of the pool.", metavar="NAME")]
Above = Annotated[
    float,
    typer.Option(
        help="From which probability on a weighed `yes` is found.", min=0, max=1, metavar="P"
    ),
]
FoundAs = Annotated[
    str | None,
    typer.Option("--label", help="What the question's findings are called.", metavar="NAME"),
]
Keep = Annotated[bool, typer.Option("--keep", help="Put findings beside the records' journals.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Scan again what was scanned.")]
ReadOnly = Annotated[
    bool, typer.Option("--read-only", help="Write nothing into the records' folders.")
]
Jobs = Annotated[
    int | None, typer.Option(help="Processes at most; else one a core.", min=1, metavar="N")
]
FailOn = Annotated[
    list[str] | None,
    typer.Option(help="Exit code 3 where this label is found; `any` for each.", metavar="LABEL"),
]
Measured = Annotated[
    str | None,
    typer.Option(
        "--measure",
        help="Hold the findings against labels: a JSONL file, or `annotations`.",
        metavar="LABELS",
    ),
]
Closed = Annotated[
    bool,
    typer.Option("--closed", help="What is not labelled in a labelled record is not so."),
]
Catalogue = Annotated[bool, typer.Option("--list", help="Say which scanners there are.")]
Whole = Annotated[bool, typer.Option("--whole", help="Show every finding, not only the worst.")]


def scanners_of(
    names: Sequence[str] | None, regexes: Sequence[str] | None, places: Sequence[str] | None
) -> tuple[Scanner, ...]:
    """The scanners that were asked for, each once.

    Raises:
        InputError: one is not known, or two differ in their parameters alone and find the same label.
    """
    found = [named(name) for name in names or ()]
    found += [pattern(expression) for expression in regexes or ()]
    found += [own(place) for place in places or ()]
    return tuple({each.digest: each for each in found}.values())


def every() -> tuple[Scanner, ...]:
    """All built-in scanners."""
    return tuple(BUILTIN.values())


def asked_of(
    text: str,
    type: str,
    options: Sequence[str] | None,
    schema: Path | None,
    over: str,
    written: bool,
    above: float,
    model: str,
    label: str | None,
) -> Question:
    """The question that was given.

    Raises:
        InputError: it cannot be asked so.
    """
    fields: dict[str, Any] = {
        "text": text,
        "type": type,
        "options": tuple(options or ()),
        "json_schema": None if schema is None else _schema(schema),
        "over": over,
        "written": written,
        "above": above,
        "model": model,
        "label": label or "",
    }
    return question_of(fields)


def _schema(file: Path) -> dict[str, Any]:
    try:
        found = loads(file.read_text(encoding="utf-8"))
    except OSError as fault:
        raise InputError(f"cannot read {str(file)!r}: {fault.strerror or fault}") from fault
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{file}: not JSON ({fault})") from fault
    if not isinstance(found, dict):
        raise InputError(f"{file}: no JSON schema", "a schema is an object")
    return found
