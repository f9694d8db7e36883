"""Signatures, heads that are kept, and what they say of a record that grew, was cut or was written anew."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from folkmoot.records import InputError, Journal, JournalError, RecordError
from folkmoot.records.journal_reader import read_lines
from folkmoot.records.seal import (
    Anchor,
    anchoring,
    fingerprint,
    head_of,
    keep,
    new_key,
    read_heads,
    read_signature,
    sign,
)
from folkmoot.records.seal.signature import SIGNATURE_FILE

AT = "2026-01-01T00:00:00.000+00:00"


@pytest.fixture
def key(tmp_path) -> Path:
    new_key(tmp_path / "key")
    return tmp_path / "key"


@pytest.fixture
def folder(run, tmp_path) -> Path:
    run.write(tmp_path / "r")
    return tmp_path / "r"


def held(folder: Path, **trusted):
    return anchoring(folder, read_lines(folder)[0], **trusted)


def test_a_key_is_its_owners_alone_and_is_never_overwritten(tmp_path):
    public, print_of = new_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert b"BEGIN PRIVATE KEY" in (tmp_path / "key").read_bytes()
    assert fingerprint(str(public)) == print_of == fingerprint(print_of)
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(InputError, match="is there already"):
        new_key(tmp_path / "key")
    public.unlink()
    with pytest.raises(InputError, match="is there already"):
        new_key(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == before
    assert not public.exists()


@pytest.mark.parametrize("bad", ["nowhere", "rubbish", "rsa.pem", "key.pub"])
def test_what_is_no_key_is_said_so(bad, key, folder, tmp_path):
    (tmp_path / "rubbish").write_text("no key")
    other = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]
    if bad == "rsa.pem" and shutil.which("openssl"):
        subprocess.run([*other, "-out", str(tmp_path / bad)], check=True, capture_output=True)
    with pytest.raises(InputError):
        sign(folder, read_lines(folder)[0], tmp_path / bad)
    assert not (folder / SIGNATURE_FILE).exists()
    if bad != "key.pub":
        with pytest.raises(InputError):
            fingerprint(str(tmp_path / bad))


def test_a_signature_anchors_only_where_its_key_is_trusted(folder, key, tmp_path):
    made = sign(folder, read_lines(folder)[0], key, AT, "ann")
    assert (made.statement.count, made.statement.by, made.genuine) == (41, "ann", True)
    assert held(folder, keys=[made.fingerprint]).anchors == (
        Anchor(f"signature by {made.fingerprint}", 41),
    )
    untrusted = held(folder)
    assert (untrusted.anchors, untrusted.findings) == ((), ())
    assert untrusted.signed_by == (made.fingerprint,)
    _, stranger = new_key(tmp_path / "other")
    assert [each.what for each in held(folder, keys=[stranger]).findings] == [
        f"no signature by {stranger} holds it"
    ]


def test_two_sign_and_nobody_signs_the_same_twice(folder, key, tmp_path):
    new_key(tmp_path / "other")
    reading = read_lines(folder)[0]
    first = sign(folder, reading, key, AT)
    raw = (folder / SIGNATURE_FILE).read_bytes()
    assert sign(folder, reading, key) == first
    assert (folder / SIGNATURE_FILE).read_bytes() == raw
    second = sign(folder, reading, tmp_path / "other", AT)
    assert read_signature(folder) == (first, second)
    assert len(held(folder, keys=[first.fingerprint, second.fingerprint]).anchors) == 2


def test_a_record_that_grew_is_not_one_that_was_rewritten(run, key, tmp_path):
    folder = tmp_path / "r"
    run.write(folder, close=False)
    made = sign(folder, read_lines(folder)[0], key)
    kept = head_of(folder)
    with Journal.resume(folder) as journal:
        journal.close()
    grown = held(folder, keys=[made.fingerprint], heads=[kept], hashes=[kept.hash])
    assert grown.findings == ()
    assert {each.line for each in grown.anchors} == {40}
    assert (len(grown.anchors), read_lines(folder)[0].lines) == (3, 42)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"count":41', b'"count":40'),
        (b'"schema":"signature/1"', b'"schema":"signature/2"'),
        (b'"run_id":"r1"', b'"run_id":"r2"'),
        (b'"signature":"', b'"signature":"0'),
        (b'"signs":', b'"signed":'),
        (b"}\n", b"} \n"),
        (b'{"schema"', b"{"),
    ],
)
def test_a_signature_that_was_changed_is_a_fault(folder, key, old, new):
    sign(folder, read_lines(folder)[0], key)
    path = folder / SIGNATURE_FILE
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))
    (finding,) = held(folder).findings
    assert finding.line is None
    assert "signature" in finding.what


def test_a_link_in_place_of_a_signature_is_not_followed(folder, tmp_path):
    (folder / SIGNATURE_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordError, match="link"):
        held(folder)


def test_heads_are_kept_once_each_in_a_chain(folder, run, tmp_path):
    run.write(tmp_path / "other")
    path = tmp_path / "heads.jsonl"
    first, second = head_of(folder), head_of(tmp_path / "other")
    assert keep(path, [first]) == (first,)
    assert keep(path, [first, second, second]) == (second,)
    assert read_heads(path) == (first, second)
    one, two = path.read_bytes().splitlines(keepends=True)
    for broken in (two, two + one, one + two[:-1], one + two.replace(b'"run":"r1"', b'"run":"r3"')):
        path.write_bytes(broken)
        with pytest.raises(InputError, match="not whole"):
            read_heads(path)
        with pytest.raises(InputError, match="not whole"):
            keep(path, [first])
        assert path.read_bytes() == broken


def test_the_head_of_a_journal_that_was_cut_is_not_kept(folder):
    raw = (folder / "journal.jsonl").read_bytes()
    (folder / "journal.jsonl").write_bytes(b"".join(raw.splitlines(keepends=True)[:-2]))
    with pytest.raises(JournalError, match=r"head\.json counts 41 lines and there are 39"):
        head_of(folder)


def test_what_was_kept_of_a_cut_record_shows_it(folder):
    kept = head_of(folder)
    raw = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "journal.jsonl").write_bytes(b"".join(raw[:-2]))
    (head,) = held(folder, heads=[kept]).findings
    assert head.what == "cut: 41 lines were kept, and 39 are there"
    (hash_,) = held(folder, hashes=[kept.hash]).findings
    assert hash_.what.startswith("no line has the hash that was kept")


def test_without_the_package_it_says_what_to_install(folder, key, monkeypatch, tmp_path):
    made = sign(folder, read_lines(folder)[0], key)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)
    found = held(folder)
    assert (
        found.unlooked == "signatures need the package cryptography: pip install 'folkmoot[sign]'"
    )
    assert (found.anchors, found.findings) == ((), ())
    for use in (
        lambda: new_key(tmp_path / "k"),
        lambda: held(folder, keys=[made.fingerprint]),
        lambda: sign(folder, read_lines(folder)[0], key),
    ):
        with pytest.raises(InputError) as error:
            use()
        assert error.value.hint == "pip install 'folkmoot[sign]'"
