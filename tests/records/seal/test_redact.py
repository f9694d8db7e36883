"""Redaction: nothing of the text is left, all else stands, and both verifiers say what is proven of it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from folkmoot.records import (
    InputError,
    Journal,
    RecordError,
    Reply,
    Segment,
    Usage,
    load,
    read_journal,
    verify,
    write_derived,
)
from folkmoot.records.afterwards import MASK
from folkmoot.records.annotating import annotate
from folkmoot.records.annotations import About, Remark, read_annotations
from folkmoot.records.journal_reader import read_lines
from folkmoot.records.seal import anchoring, head_of, redact
from folkmoot.records.seal.words import SHORTEST_SENTENCE, Words, masked
from folkmoot.records.spans import sentences
from tests.conftest import absent
from tests.records.seal.mutations import unpack

SECOND = Path(__file__).parents[3] / "docs" / "verify.mjs"
REAL = "2026-11-23-234202-should-former"
AT = "2026-01-01T00:00:00.000+00:00"


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Path:
    """A real run: four seats, a clerk's judgements, conflicts, settlements."""
    (folder,) = unpack((REAL,), tmp_path_factory.mktemp("retained"))
    write_derived(folder, load(folder))
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {turn.id: turn.text for turn in load(folder).transcript.turns}


def spellings(text: str) -> list[bytes]:
    """As it is, in JSON, in JSON of ASCII, and once more inside each."""
    found = [text]
    for ascii_only in (False, True):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        found += [once, json.dumps(once, ensure_ascii=ascii_only)[1:-1]]
    return [each.encode() for each in found]


def anywhere(folder: Path, text: str) -> list[str]:
    """The files of a folder in which a text stands, in whatever spelling."""
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(each in path.read_bytes() for each in spellings(text))
    ]


@pytest.mark.parametrize("message", ["M1", "M2", "M3", "M4"])
def test_nothing_of_the_text_is_left_and_all_else_is(real, tmp_path, message):
    text = texts(real)[message]
    annotate(
        real, Remark(about=About(what="message", id=message), note=f"Says “{text}”."), by="bob"
    )
    assert anywhere(real, text) == [
        "annotations.jsonl",
        "conflicts.json",
        "journal.jsonl",
        "outcome.json",
        "transcript.json",
    ]
    done = redact(real, [message], by="ann", reason="a name", to=tmp_path / "to", at=AT)
    (real / "annotations.jsonl").unlink()
    assert done.annotations == 1
    assert MASK in (read_annotations(tmp_path / "to")[0].note or "")
    assert anywhere(tmp_path / "to", text) == []
    for start, end in sentences(text):
        if end - start >= SHORTEST_SENTENCE:
            assert anywhere(tmp_path / "to", text[start:end]) == []
    assert all(anywhere(real, other) for other in texts(real).values())
    after = texts(tmp_path / "to")
    assert after.pop(message) == masked(text)
    assert all(MASK not in other for other in after.values())
    found = verify(tmp_path / "to")
    assert (found.ok, found.unaudited) == (True, ())
    assert found.redacted == tuple(each.n for each in done.redaction.lines)


def test_the_chain_is_the_one_that_it_was(real, tmp_path):
    kept = head_of(real)
    done = redact(real, ["M2"], by="ann", reason="a name", to=tmp_path / "to", at=AT)
    before, after = read_lines(real)[0], read_lines(tmp_path / "to")[0]
    assert after.hashes[:-1] == before.hashes
    assert anchoring(tmp_path / "to", after, heads=[kept]).line == before.lines
    old, new = (
        (each / "journal.jsonl").read_bytes().splitlines() for each in (real, tmp_path / "to")
    )
    changed = [n for n, (one, other) in enumerate(zip(old, new, strict=False), 1) if one != other]
    assert changed == [each.n for each in done.redaction.lines]
    again = redact(real, ["M2"], by="ann", reason="a name", to=tmp_path / "again", at=AT)
    assert again.head == done.head
    assert [p.read_bytes() for p in sorted((tmp_path / "to").iterdir())] == [
        p.read_bytes() for p in sorted((tmp_path / "again").iterdir())
    ]


def test_what_is_changed_in_a_redacted_line_afterwards_shows(real, tmp_path):
    node = shutil.which("node") or absent("Node 20.11 or newer")
    done = redact(real, ["M1"], by="ann", reason="a name", to=tmp_path / "to", at=AT)
    raw = (tmp_path / "to" / "journal.jsonl").read_bytes()
    lines = raw.splitlines(keepends=True)
    folders: list[Path] = []
    for each in done.redaction.lines:
        folder = shutil.copytree(tmp_path / "to", tmp_path / f"line{each.n}")
        line = json.loads(lines[each.n - 1])
        line["redacted"].reverse()
        if len(line["redacted"]) == 1:
            line["data"]["text"] += MASK
        edited = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        changed = [*lines[: each.n - 1], edited.encode() + b"\n", *lines[each.n :]]
        (folder / "journal.jsonl").write_bytes(b"".join(changed))
        assert [finding.line for finding in verify(folder).findings] == [each.n]
        folders.append(folder)
    said = subprocess.run(
        [node, str(SECOND), str(tmp_path / "to"), *map(str, folders)],
        capture_output=True,
        text=True,
        check=False,
    )
    first, *rest = (json.loads(line) for line in said.stdout.splitlines())
    assert first["ok"]
    assert first["redacted"] == [each.n for each in done.redaction.lines]
    assert [each["findings"][0]["line"] for each in rest] == first["redacted"]


def test_a_second_redaction_goes_on_from_the_first(real, tmp_path):
    redact(real, ["M1"], by="ann", reason="a name", to=tmp_path / "one", at=AT)
    redact(tmp_path / "one", ["M3"], by="bob", reason="another", to=tmp_path / "two", at=AT)
    found = read_journal(tmp_path / "two")
    assert [(each.by, each.messages) for each in found.redactions] == [
        ("ann", ("M1",)),
        ("bob", ("M3",)),
    ]
    assert verify(tmp_path / "two").ok
    assert anywhere(tmp_path / "two", texts(real)["M1"]) == []
    assert anywhere(tmp_path / "two", texts(real)["M3"]) == []
    with pytest.raises(InputError, match="M1 has no text"):
        redact(tmp_path / "two", ["M1"], by="ann", reason="again", to=tmp_path / "three")


def test_in_place_leaves_no_copy(real, tmp_path):
    folder = shutil.copytree(real, tmp_path / "record")
    text = texts(folder)["M4"]
    (folder / "notes.txt").write_text(f"see {text}", encoding="utf-8")
    with pytest.raises(InputError, match=r"still stand in notes\.txt"):
        redact(folder, ["M4"], by="ann", reason="a name")
    assert (folder / "journal.jsonl").read_bytes() == (real / "journal.jsonl").read_bytes()
    (folder / "notes.txt").unlink()
    redact(folder, ["M4"], by="ann", reason="a name")
    assert anywhere(tmp_path, text) == []
    assert verify(folder).ok
    with Journal.resume(
        folder
    ) as journal:  # Which checks a run that ended, and leaves it as it is.
        assert journal.ended
    assert verify(folder).ok


def test_a_run_that_was_stopped_is_redacted_into_a_copy_that_ends_there(run, tmp_path):
    run.write(tmp_path / "r", close=False)
    with pytest.raises(InputError, match="has not ended"):
        redact(tmp_path / "r", ["M1"], by="ann", reason="a name")
    redact(tmp_path / "r", ["M1"], by="ann", reason="a name", to=tmp_path / "to")
    assert verify(tmp_path / "to").ok
    with pytest.raises(RecordError, match="redacted or migrated"):
        Journal.resume(tmp_path / "to")


def test_a_reply_in_json_and_an_embedding_go_as_well(run, tmp_path):
    text = texts_of(run)["M3"]
    said = json.dumps({"claim": text, "sure": 0.5, "because": [f"As I said: {text}"]})
    exchanges = [
        (call, reply.model_copy(update={"text": said}) if reply.call == "c1.2" else reply)
        for call, reply in run.exchanges
    ]
    segment = Segment(role="user", text=text, label="M3")
    call = exchanges[0][0].model_copy(
        update={"step": 7, "order": 0, "op": "embed", "segments": (segment,), "options": ()}
    )
    exchanges.append(
        (call, Reply.to(call, "ok", vector=(0.25, -0.5), usage=Usage(prompt=1, completion=0)))
    )
    run._replace(exchanges=tuple(exchanges)).write(tmp_path / "r")
    assert verify(tmp_path / "r").ok
    redact(tmp_path / "r", ["M3"], by="ann", reason="a name", to=tmp_path / "to")
    assert anywhere(tmp_path / "to", text) == []
    found = read_journal(tmp_path / "to").replies
    kept = json.loads(found["c1.2"].text)
    assert (kept["claim"], kept["sure"]) == (masked(text), 0.5)
    assert found["c7.0"].vector is None
    assert (
        verify(tmp_path / "to").ok,
        b"-0.5" in (tmp_path / "r" / "journal.jsonl").read_bytes(),
    ) == (True, True)
    assert b"-0.5" not in (tmp_path / "to" / "journal.jsonl").read_bytes()


def texts_of(run) -> dict[str, str]:
    return {turn.id: turn.text for turn in run.transcript.turns}


def test_hostile_text_goes_as_well(run, tmp_path):
    run.write(tmp_path / "r")
    text = texts(tmp_path / "r")["M2"]
    assert "\0" in text
    redact(tmp_path / "r", ["M2"], by="ann", reason="a name", to=tmp_path / "to")
    assert anywhere(tmp_path / "to", text) == []
    assert anywhere(tmp_path / "to", "My records are mine alone.") == []
    assert verify(tmp_path / "to").ok


@pytest.mark.parametrize(
    ("messages", "given", "what"),
    [
        (["M9"], {}, "there is no message 'M9'"),
        ([], {}, "needs a message"),
        (["M1"], {"by": " "}, "needs a message, a name"),
        (["M1"], {"at": "yesterday"}, "is no time"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_written(
    run, tmp_path, messages, given, what
):
    run.write(tmp_path / "r")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match=what):
        redact(
            tmp_path / "r", messages, **{"by": "ann", "reason": "a", "to": tmp_path / "to"} | given
        )
    assert sorted(tmp_path.iterdir()) == before


def test_a_record_that_does_not_verify_is_not_redacted(run, tmp_path):
    run.write(tmp_path / "r")
    (tmp_path / "r" / "outcome.json").write_text("{}")
    with pytest.raises(RecordError, match="does not verify"):
        redact(tmp_path / "r", ["M1"], by="ann", reason="a", to=tmp_path / "to")


def test_words_of_others_stay():
    words = Words(
        "I fear that ann would lose her job. Sharing saves lives.", ["Sharing saves lives."]
    )
    assert words.whole == (
        "I fear that ann would lose her job.",
        "I fear that ann would lose her job. Sharing saves lives.",
    )
    assert words.mask("They say: Sharing saves lives.") == "They say: Sharing saves lives."
    said = words.mask("> I fear that ann would lose her\njob.")
    assert said == f"> {MASK * 30}\njob."
    assert words.mask("fear that ann") == "fear that ann"


def test_a_long_text_is_searched_once_and_not_once_for_each_word():
    words = Words("".join(f"word{n} " for n in range(2000)), [])
    text = "nothing of it is here, " * 20_000
    assert words.mask(text) == text
    assert words.mask(text + "word7 word8 word9 word10 word11").endswith(MASK * 31)
