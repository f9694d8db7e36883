"""Annotations: what people and scanners say of a record, beside its journal.

They are a chain of lines of the journal's own form, which follows from the journal's first line: it
belongs to this run and to no other. Nothing is overwritten. A correction is a line of its own that
names what it corrects, and why.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError

from folkmoot.records.base import Frozen
from folkmoot.records.canonical import canonical
from folkmoot.records.chain import GENESIS, JOURNAL_FILE, no_record, unseal
from folkmoot.records.errors import JournalError, RecordError
from folkmoot.records.files import open_plain, read_plain
from folkmoot.records.moments import Moment

ANNOTATIONS_FILE: Final = "annotations.jsonl"

What = Literal["message", "conflict", "call", "decision", "answer", "record"]
"""What an annotation may be about; `record` is all of it."""

NAMED: Final[tuple[What, ...]] = ("message", "conflict", "call")
"""What is told apart by an id; of the others a record has one."""

Value = StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | StrictStr


class About(Frozen):
    """What an annotation is about, and where in its text."""

    what: What
    id: str | None = None
    """Of a message, a conflict or a call; None of what a record has one of."""
    start: int | None = None
    """Where it begins in the text of the message or the answer, in codepoints from 0."""
    end: int | None = None
    """Where it ends; exclusive."""

    def __str__(self) -> str:
        where = "" if self.start is None else f":{self.start}-{self.end}"
        return f"{self.id or self.what}{where}"


class Remark(Frozen):
    """What is to be put on record of something in a record; see `Annotation` for its fields."""

    kind: Literal["annotation", "correction", "finding"] = "annotation"
    about: About = About(what="record")
    also: tuple[About, ...] = ()
    """What else it rests on: further messages or calls."""
    label: str | None = Field(default=None, min_length=1, max_length=200)
    value: Value | None = None
    """How much of it, or which: a truth value, a number or a word."""
    severity: int | None = Field(default=None, ge=1, le=3)
    """Of a finding: 1 to look at, 2 notable, 3 serious."""
    note: str | None = None
    """In words."""
    reason: str | None = None
    """Of a correction: why."""
    corrects: str | None = None
    """Of a correction: the id of what it corrects."""


class Annotation(Remark):
    """A remark as it stands on record."""

    id: str
    """`a1`, `a2`, … in the order of the file."""
    at: Moment
    by: str = Field(min_length=1, max_length=200)
    """Who says it; `scanner:NAME/VERSION` of a finding."""


class AnnotationFile(NamedTuple):
    """What stands in `annotations.jsonl`."""

    annotations: tuple[Annotation, ...]
    head: str
    """The hash of the last line; of the journal's first line where there is none yet."""
    size: int
    """Bytes of the whole lines."""
    torn: int
    """Bytes after them: what a killed writer left of a line."""


def read_annotations(folder: Path | str) -> tuple[Annotation, ...]:
    """Every annotation of the record in `folder`, oldest first; none where there is no such file.

    Raises:
        RecordError: there is no record, or the file cannot be opened.
        JournalError: a line of it is broken.
    """
    return read_annotation_file(Path(folder)).annotations


def read_annotation_file(folder: Path) -> AnnotationFile:
    """The same, with its head and what is torn. Raises: as for `read_annotations`."""
    try:
        raw = read_plain(folder / ANNOTATIONS_FILE)
    except (FileNotFoundError, NotADirectoryError):
        raw = b""
    except OSError as error:
        raise unusable(folder, error, "read") from error
    return annotations_of(raw, first_hash(folder))


def standing(annotations: Iterable[Annotation]) -> tuple[Annotation, ...]:
    """What stands: those that were corrected are left out, and corrections that say nothing more than
    that something is withdrawn."""
    every = tuple(annotations)
    gone = {each.corrects for each in every}
    return tuple(each for each in every if each.id not in gone and not withdraws(each))


def withdraws(each: Annotation) -> bool:
    """Whether a correction takes something back and puts nothing in its place."""
    return each.kind == "correction" and each.label is None and each.note is None


def first_hash(folder: Path) -> str:
    """The hash of the journal's first line, which the chain of annotations follows from.

    Raises:
        RecordError: there is no journal, or it cannot be opened.
        JournalError: its first line is broken.
    """
    line = b""
    try:
        # The first line alone: a journal may be long.
        with open(open_plain(folder / JOURNAL_FILE, 0), "rb") as file:
            line = file.readline()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_record(folder) from error
    except OSError as error:
        raise unusable(folder, error, "read", JOURNAL_FILE) from error
    if not line.endswith(b"\n"):
        raise JournalError("nothing was recorded yet", hint="there is nothing to annotate")
    return unseal(line[:-1], 1, GENESIS).hash


def annotations_of(raw: bytes, first: str) -> AnnotationFile:
    """Read the bytes of a file of annotations whose chain follows from the hash `first`.

    Raises:
        JournalError: a line is not intact, not valid, or must not stand where it does.
    """
    *whole, torn = raw.split(b"\n")
    found: dict[str, Annotation] = {}
    gone: set[str] = set()
    head = first
    for n, line in enumerate(whole, 1):
        try:
            sealed = unseal(line, n, head)
            each = Annotation.model_validate(sealed.data)
            if canonical(each.plain()) != sealed.body:
                raise JournalError("not in the form that it is written in", n)
            if sealed.kind != each.kind:
                raise JournalError(f"a {each.kind} in a line of kind {sealed.kind!r}", n)
            if each.id != f"a{n}":
                raise JournalError(f"its id is {each.id!r} and not 'a{n}'", n)
        except ValidationError as error:
            raise _of_file(JournalError(said(error), n)) from error
        except JournalError as error:
            raise _of_file(error) from error
        if fault := next(faults(each, found, gone), None):
            raise _of_file(JournalError(fault, n))
        head = sealed.hash
        found[each.id] = each
        gone |= {each.corrects} if each.corrects else set()
    return AnnotationFile(tuple(found.values()), head, len(raw) - len(torn), len(torn))


def faults(each: Remark, before: Mapping[str, Annotation], corrected: set[str]) -> Iterator[str]:
    """What is wrong with a remark, given the ids before it and those that were corrected already."""
    if each.kind == "correction":
        if each.corrects is None or not (each.reason or "").strip():
            yield "a correction names what it corrects, and why"
        elif each.corrects not in before:
            yield f"it corrects {each.corrects!r}, which does not stand before it"
        elif each.corrects in corrected:
            yield f"{each.corrects} is corrected already: correct the correction"
    elif each.corrects is not None or each.reason is not None:
        yield f"a {each.kind} corrects nothing"
    elif each.label is None and each.note is None:
        yield "it says nothing: it has neither a label nor a note"
    if each.value is not None and each.label is None:
        yield "a value stands under a label"
    for about in (each.about, *each.also):
        yield from _form(about)


def _form(about: About) -> Iterator[str]:
    if (about.what in NAMED) != (about.id is not None):
        yield f"a {about.what} is named by its id, and what a record has one of is not"
    if (about.start is None) != (about.end is None):
        yield "a span has a start and an end"
    if about.start is not None and about.end is not None and not 0 <= about.start < about.end:
        yield f"there is no span {about.start} to {about.end}"
    if about.start is not None and about.what not in ("message", "answer"):
        yield f"a {about.what} has no text of its own to point into"


def said(error: ValidationError) -> str:
    """What a validation found, in one line: where, and what."""
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'data'}: {first['msg']}"


def unusable(folder: Path, error: OSError, do: str, name: str = ANNOTATIONS_FILE) -> RecordError:
    """The error where a file cannot be read or written."""
    return RecordError(f"cannot {do} {name} in {str(folder)!r}: {error.strerror or error}")


def _of_file(error: JournalError) -> JournalError:
    message = f"{ANNOTATIONS_FILE}, {error.message}"
    found = JournalError(message, hint=error.hint or "what stands before that line is intact")
    found.line = error.line
    return found
