"""`folkmoot sign`, `head`, `redact`, `migrate`, and what `verify` says with them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
AT = "2026-01-01T00:00:00.000+00:00"


@pytest.fixture
def key(run: Run) -> Path:
    assert run("sign", "--new-key", "key").code == 0
    return Path("key")


def test_a_signed_record_is_anchored_for_whom_trusts_the_key(run: Run, record: Path, key: Path):
    assert "unanchored: nothing from outside holds it" in run("verify", str(record)).out
    assert run("verify", str(record), "--anchored").code == 1
    signed = run("sign", str(record), "--key", "key", "--by", "ann", "--at", AT, "--json")
    fingerprint = json.loads(signed.out)["fingerprint"]
    said = run("verify", str(record))
    assert (said.code, f"unanchored: signed by {fingerprint[:16]}…" in flat(said.out)) == (0, True)
    said = run("verify", str(record), "--key", "key.pub", "--anchored")
    assert (said.code, f"anchored (signature by {fingerprint[:16]}…)" in flat(said.out)) == (
        0,
        True,
    )
    found = json.loads(run("verify", str(record), "--key", fingerprint, "--json").out)
    assert (found["anchored"], [each["line"] for each in found["anchors"]]) == (
        True,
        [found["lines"]],
    )
    other = run("verify", str(record), "--key", "0" * 64)
    assert (other.code, "no signature by 000" in flat(other.out)) == (1, True)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_kept_head_shows_a_cut(run: Run, record: Path):
    said = run("head", str(record), "--keep", "heads.jsonl", "--json")
    (head,) = json.loads(said.out)["heads"]
    assert "1 kept in heads.jsonl" not in run("head", str(record), "--keep", "heads.jsonl").out
    good = run("verify", str(record), "--heads", "heads.jsonl", "--head", head["hash"])
    assert (good.code, "anchored (kept head)" in good.out) == (0, True)
    cut = shutil.copytree(record, Path("cut"))
    lines = (cut / "journal.jsonl").read_bytes().splitlines(keepends=True)[:-1]
    last = json.loads(lines[-1])
    (cut / "journal.jsonl").write_bytes(b"".join(lines))
    (cut / "head.json").write_text(
        f'{{"count":{len(lines)},"hash":"{last["hash"]}","schema":"journal/1"}}\n'
    )
    for name in ("transcript.json", "conflicts.json", "outcome.json"):
        (cut / name).unlink()
    assert run("verify", str(cut)).code == 0
    said = run("verify", str(cut), "--heads", "heads.jsonl")
    assert (said.code, f"cut: {len(lines) + 1} lines were kept" in said.out) == (1, True)
    said = run("verify", str(cut), "--head", head["hash"])
    assert (said.code, "cut or rewritten" in flat(said.out)) == (1, True)


def test_what_is_not_whole_or_not_ended_is_not_signed(run: Run, record: Path, key: Path):
    lines = (record / "journal.jsonl").read_bytes().splitlines(keepends=True)[:-1]
    open_one = shutil.copytree(record, Path("open"))
    (open_one / "journal.jsonl").write_bytes(b"".join(lines))
    bad = run("sign", str(open_one), "--key", "key")
    assert (bad.code, "does not verify and is not signed" in bad.err) == (2, True)
    count, last = len(lines), json.loads(lines[-1])["hash"]
    head = f'{{"count":{count},"hash":"{last}","schema":"journal/1"}}\n'
    (open_one / "head.json").write_text(head)
    for name in ("transcript.json", "conflicts.json", "outcome.json"):
        (open_one / name).unlink()
    bad = run("sign", str(open_one), "--key", "key")
    assert (bad.code, "has not ended" in bad.err) == (2, True)
    assert run("sign", str(open_one), "--key", "key", "--unfinished").code == 0
    assert run("resume", str(open_one)).code == 0
    said = run("verify", str(open_one), "--key", "key.pub")
    assert (said.code, f"up to line {count}" in flat(said.out)) == (0, True)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (["sign"], "a record is signed with a key"),
        (["sign", "RECORD"], "a record is signed with a key"),
        (["sign", "RECORD", "--key", "nowhere"], "cannot read the key 'nowhere'"),
        (["sign", "RECORD", "--new-key", "other"], "signs nothing"),
        (["head", "nowhere"], "no record in 'nowhere'"),
        (["verify", "RECORD", "--heads", "nowhere"], "cannot read the heads"),
        (["verify", "RECORD", "--key", "nowhere"], "cannot read the key"),
        (["redact", "RECORD", "--message", "M1", "--by", "a", "--reason", "b"], "where is"),
        (["redact", "RECORD", "--to", "to", "--by", "a", "--reason", "b"], "says what is taken"),
        (["redact", "RECORD", "--to", "to", "--in-place"], "where is the redacted record"),
        (["migrate", "RECORD"], "where is the new record"),
        (["migrate", "RECORD", "--to", "panel.yaml"], "is there already"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_what_to_do(run: Run, record: Path, line, what):
    said = run(*(str(record) if each == "RECORD" else each for each in line))
    assert (said.code, said.out) == (2, "")
    assert what in said.err
    assert len(said.err.splitlines()) == 2


def test_a_redacted_record_opens_and_says_what_is_proven(run: Run, record: Path, key: Path):
    run("sign", str(record), "--key", "key")
    text = json.loads(run("show", str(record), "--json").out)
    said = run(
        *("redact", str(record), "--message", "M1", "--message", "M1", "--to", "to"),
        *("--by", "ann\x1b[31m", "--reason", "a name", "--at", AT, "--json"),
    )
    found = json.loads(said.out)
    assert found["redaction"]["messages"] == ["M1"]
    shown = run("show", "to", "--messages")
    assert (shown.code, "█" in shown.out) == (0, True)
    verified = run("verify", "to", "--key", "key.pub")
    out = flat(verified.out)
    assert verified.code == 0
    assert "\x1b" not in verified.out
    assert f"a name of lines {found['redaction']['lines'][0]['n']}," in out
    assert "their place is proven, what they say only since the redaction" in out
    assert "not worked out again from its replies: text was taken out of it" in out
    assert f"up to line {text and found['lines'] - 1}" in out
    assert run("verify", str(record)).code == 0


def test_migrated_and_verified(run: Run, record: Path):
    said = run("migrate", str(record), "--to", "to")
    assert "journal/1 → journal/2" in said.out
    verified = run("verify", "to")
    assert (verified.code, "migrated from journal/1" in verified.out) == (0, True)
    again = run("migrate", "to", "--to", "too", "--json")
    assert (again.code, "is of journal/2 already" in again.err) == (2, True)
