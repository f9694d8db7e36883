"""Annotations: a chain beside the journal, checked against the record, of which nothing is lost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records import InputError, JournalError, RecordError, read_journal
from folkmoot.records.annotating import Annotatable, annotate, annotate_with
from folkmoot.records.annotations import (
    ANNOTATIONS_FILE,
    About,
    Remark,
    annotations_of,
    first_hash,
    read_annotation_file,
    read_annotations,
    standing,
)
from tests.records.conftest import make_run


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("annotations") / "run"
    make_run().write(folder)
    return folder


@pytest.fixture
def record(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "run"))


M1 = About(what="message", id="M1", start=0, end=7)


def annotated(folder: Path) -> bytes:
    annotate(folder, Remark(about=M1, label="claim", value=True, note="first"), by="ann")
    annotate(folder, Remark(note="of all of it"), Remark(label="score", value=2.5), by="bo")
    annotate(
        folder,
        Remark(kind="correction", corrects="a1", reason="it is a wish", label="claim", value=False),
        by="cy",
    )
    return (folder / ANNOTATIONS_FILE).read_bytes()


def test_what_is_said_stands_as_it_was_said(record: Path) -> None:
    before = {path.name: path.read_bytes() for path in record.iterdir()}
    annotated(record)
    first, whole, score, corrected = read_annotations(record)
    assert (first.id, first.by, first.about, first.value) == ("a1", "ann", M1, True)
    assert (whole.about, whole.note) == (About(what="record"), "of all of it")
    assert score.value == 2.5
    assert (corrected.corrects, corrected.about, corrected.value) == ("a1", M1, False)
    assert standing((first, whole, score, corrected)) == (whole, score, corrected)
    assert before == {name: (record / name).read_bytes() for name in before}


def test_there_are_none_where_nobody_said_anything(record: Path) -> None:
    assert read_annotations(record) == ()
    assert not (record / ANNOTATIONS_FILE).exists()
    with pytest.raises(RecordError, match="no record"):
        read_annotations(record / "nowhere")


@pytest.mark.parametrize("value", [True, False, 0, 1, -3, 0.1, 1e300, "", "two\nlines", "\u202e"])
def test_every_scalar_comes_back(record: Path, value: bool | float | str) -> None:
    annotate(record, Remark(label="x", value=value), by="ann")
    (found,) = read_annotations(record)
    assert found.value == value
    assert isinstance(found.value, bool) == isinstance(value, bool)


def test_a_withdrawal_leaves_nothing_standing(record: Path) -> None:
    annotate(record, Remark(label="x"), by="ann")
    annotate(record, Remark(kind="correction", corrects="a1", reason="a slip"), by="ann")
    assert standing(read_annotations(record)) == ()
    assert len(read_annotations(record)) == 2


@pytest.mark.parametrize(
    ("remark", "why"),
    [
        (Remark(), "says nothing"),
        (Remark(about=About(what="message", id="M9"), label="x"), "no message 'M9'"),
        (Remark(about=About(what="message", id="cf1"), label="x"), "no message 'cf1'"),
        (Remark(about=About(what="conflict", id="cf9"), label="x"), "no conflict"),
        (Remark(about=About(what="call", id="c99.0"), label="x"), "no call"),
        (Remark(about=About(what="message"), label="x"), "named by its id"),
        (Remark(about=About(what="record", id="r1"), label="x"), "named by its id"),
        (Remark(about=About(what="message", id="M1", start=0, end=999), label="x"), "beyond"),
        (Remark(about=About(what="message", id="M1", start=3, end=3), label="x"), "no span"),
        (Remark(about=About(what="message", id="M1", start=3), label="x"), "a start and an end"),
        (Remark(about=About(what="record", start=0, end=1), label="x"), "no text of its own"),
        (Remark(label="x", also=(About(what="call", id="no"),)), "no call"),
        (Remark(note="x", value=1), "under a label"),
        (Remark(label="x", corrects="a1"), "corrects nothing"),
        (Remark(kind="correction", corrects="a1", label="x"), "and why"),
        (Remark(kind="correction", corrects="a1", reason=" ", label="x"), "and why"),
        (Remark(kind="correction", corrects="a7", reason="y", label="x"), "does not stand before"),
        (Remark(note="\ud800"), "cannot be written"),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_is_written(
    record: Path, remark: Remark, why: str
) -> None:
    annotate(record, Remark(label="kept"), by="ann")
    before = (record / ANNOTATIONS_FILE).read_bytes()
    with pytest.raises(InputError, match=why):
        annotate(record, Remark(label="fine"), remark, by="bo")
    assert (record / ANNOTATIONS_FILE).read_bytes() == before


def test_the_same_is_not_corrected_twice(record: Path) -> None:
    annotate(record, Remark(label="x"), by="ann")
    annotate(record, Remark(kind="correction", corrects="a1", reason="one"), by="ann")
    with pytest.raises(InputError, match="corrected already"):
        annotate(record, Remark(kind="correction", corrects="a1", reason="two"), by="bo")
    annotate(record, Remark(kind="correction", corrects="a2", reason="two", label="y"), by="bo")
    assert [each.id for each in standing(read_annotations(record))] == ["a3"]


def test_every_byte_of_the_chain_holds(record: Path) -> None:
    raw, first = annotated(record), first_hash(record)
    assert len(annotations_of(raw, first).annotations) == 4
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        try:
            found = annotations_of(changed, first)
        except (JournalError, UnicodeDecodeError):
            continue
        assert found.torn, f"byte {at} of {len(raw)} can be changed"
        assert at == len(raw) - 1


def test_lines_cannot_be_taken_out_put_in_or_swapped(record: Path) -> None:
    raw, first = annotated(record), first_hash(record)
    lines = raw.splitlines(keepends=True)
    for at in range(len(lines) - 1):
        for changed in (
            lines[:at] + lines[at + 1 :],
            [*lines[:at], lines[at], *lines[at:]],
            [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
        ):
            with pytest.raises(JournalError):
                annotations_of(b"".join(changed), first)


def test_annotations_of_another_run_do_not_follow_from_this_one(
    record: Path, tmp_path: Path
) -> None:
    other = make_run()
    opening = other.opening.model_copy(update={"run_id": "r2"})
    other._replace(opening=opening).write(tmp_path / "other")
    annotate(record, Remark(label="x"), by="ann")
    shutil.copy(record / ANNOTATIONS_FILE, tmp_path / "other" / ANNOTATIONS_FILE)
    with pytest.raises(JournalError, match="does not follow"):
        read_annotations(tmp_path / "other")


def test_a_torn_line_was_never_heard_and_is_cut_off(record: Path) -> None:
    whole = annotated(record)
    path = record / ANNOTATIONS_FILE
    path.write_bytes(whole + b'{"data":{"ab')
    assert len(read_annotations(record)) == 4
    assert read_annotation_file(record).torn == 12
    annotate(record, Remark(label="after"), by="di")
    assert path.read_bytes().startswith(whole)
    assert [each.id for each in read_annotations(record)] == ["a1", "a2", "a3", "a4", "a5"]


def test_a_broken_chain_is_not_built_upon(record: Path) -> None:
    path = record / ANNOTATIONS_FILE
    path.write_bytes(annotated(record).replace(b"a wish", b"a wash"))
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"annotations\.jsonl, line 4"):
        annotate(record, Remark(label="x"), by="ann")
    assert path.read_bytes() == before


def test_a_link_in_its_place_is_refused(record: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (record / ANNOTATIONS_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordError, match="link"):
        read_annotations(record)
    with pytest.raises(RecordError, match="link"):
        annotate(record, Remark(label="x"), by="ann")
    assert (tmp_path / "elsewhere").read_text() == "mine"


_WRITER = """
import sys
from folkmoot.records.annotating import annotate
from folkmoot.records.annotations import Remark
for n in range(8):
    annotate(sys.argv[1], Remark(label="n", value=n), Remark(note="two at a time"), by=sys.argv[2])
"""


def test_two_writers_at_once_lose_nothing(record: Path) -> None:
    line = [sys.executable, "-c", _WRITER, str(record)]
    writers = [subprocess.Popen([*line, name]) for name in ("ann", "bo")]
    assert [each.wait(timeout=60) for each in writers] == [0, 0]
    found = read_annotations(record)
    assert len(found) == 32
    for name in ("ann", "bo"):
        assert [e.value for e in found if (e.by, e.label) == (name, "n")] == list(range(8))


def test_what_is_chosen_under_the_lock_sees_all_that_stands(record: Path) -> None:
    annotate(record, Remark(label="x"), by="ann")
    seen: list[int] = []

    def choose(stands):
        seen.append(len(stands))
        return () if any(each.label == "x" for each in stands) else (Remark(label="x"),)

    assert annotate_with(record, choose, by="bo") == ()
    assert seen == [1]


@pytest.mark.parametrize(
    ("words", "quote", "found"),
    [
        ("m1", None, "M1"),
        ("M2:0-3", None, "M2:0-3"),
        ("CF1", None, "cf1"),
        ("C0.0", None, "c0.0"),
        ("Decision", None, "decision"),
        ("answer:0-2", None, "answer:0-2"),
        ("record", None, "record"),
        ("M1", "saves lives 😀", "M1:8-21"),
    ],
)
def test_what_a_user_names(record: Path, words: str, quote: str | None, found: str) -> None:
    assert str(Annotatable(record).about(words, quote)) == found


@pytest.mark.parametrize(
    ("words", "quote", "why"),
    [
        ("M99", None, "no message, conflict or call 'M99'"),
        ("c99.9", None, "no call"),
        ("M1:5", None, "no span"),
        ("M1:5-2", None, None),
        ("M1:0-9999", None, "beyond"),
        ("M1", "e", "stands"),
        ("M1", "", "stands 0 times"),
        ("decision", "yes", "stands 0 times"),
    ],
)
def test_what_is_not_there_cannot_be_named(
    record: Path, words: str, quote: str | None, why: str | None
) -> None:
    with pytest.raises(InputError, match=why):
        annotate(record, Remark(about=Annotatable(record).about(words, quote), label="x"), by="a")


def test_a_run_that_is_still_going_can_be_annotated(tmp_path: Path) -> None:
    make_run().write(tmp_path / "run", close=False)
    annotate(tmp_path / "run", Remark(about=M1, label="x"), by="ann")
    assert read_journal(tmp_path / "run").close is None
    assert len(read_annotations(tmp_path / "run")) == 1


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    if b"\n" not in raw:
        assert annotations_of(raw, "0" * 64).torn == len(raw)
        return
    with pytest.raises(JournalError, match="line 1"):
        annotations_of(raw, "0" * 64)


def test_the_lines_are_in_the_journals_form(record: Path) -> None:
    lines = [json.loads(line) for line in annotated(record).splitlines()]
    assert [line["kind"] for line in lines] == ["annotation"] * 3 + ["correction"]
    assert [line["n"] for line in lines] == [1, 2, 3, 4]
    assert all(set(line) == {"data", "hash", "kind", "n", "prev"} for line in lines)
    assert os.stat(record / ANNOTATIONS_FILE).st_mode & 0o777 == 0o644 & ~_umask()


def _umask() -> int:
    found = os.umask(0)
    os.umask(found)
    return found
