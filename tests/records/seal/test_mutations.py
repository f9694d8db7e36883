"""Whatever is changed in a record shows, with both verifiers; what no chain can show, a signed or kept head does."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from folkmoot.records import JournalError, load, read_journal, verify, write_derived
from folkmoot.records.chain import Head
from folkmoot.records.journal_reader import Reading, read_lines
from folkmoot.records.seal import anchoring, fingerprint, head_of, keep, read_heads, redact
from tests.conftest import absent
from tests.records.conftest import make_run
from tests.records.later_vectors import AT, FINGERPRINT, PUBLIC, rechained, signature
from tests.records.seal.mutations import (
    DERIVED,
    Edit,
    of_file,
    of_lines,
    of_order,
    of_splices,
    shapes,
    unpack,
)
from tests.records.vectors import as_bytes, chained

SECOND = Path(__file__).parents[3] / "docs" / "verify.mjs"
REAL = ("2026-11-23-234224-producer-pretty", "2026-11-23-234256-genre-aleph")
DRIVER = """
import { readFileSync } from "node:fs";
import { join } from "node:path";
const { verifier, asked } = JSON.parse(readFileSync(0, "utf8"));
const { verify } = await import(verifier);
for (const { folder, edits } of asked) {
  const files = {};
  const plain = (name) => (files[name] ??= readFileSync(join(folder, name)));
  const missed = [];
  for (const { name, what, start, end, text } of edits) {
    const raw = plain(name);
    const edited = Buffer.concat([raw.subarray(0, start), Buffer.from(text), raw.subarray(end)]);
    if (verify(folder, {}, (each) => (each === name ? edited : plain(each))).ok) missed.push(what);
  }
  console.log(JSON.stringify({ whole: verify(folder, {}, plain).ok, missed }));
}
"""


@pytest.fixture(scope="module")
def node() -> str:
    """Node runs the second verifier."""
    return shutil.which("node") or absent("Node 20.11 or newer")


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> list[Path]:
    """Two real runs, their derived files as this version derives them; and one with what they lack: stances,
    a move, a dissent."""
    folder = tmp_path_factory.mktemp("records")
    found = unpack(REAL, folder)
    for each in found:
        write_derived(each, load(each))
    make_run().write(folder / "made")
    found.append(folder / "made")
    assert all(verify(each).ok for each in found)
    return found


@pytest.fixture(scope="module")
def edits(records) -> dict[Path, list[Edit]]:
    """Every change of a real run and of the made one."""
    real, other, made = records
    return {real: list(_edits(real, other)), made: list(_edits(made, real))}


def _edits(folder: Path, other: Path) -> Iterator[Edit]:
    raw, theirs = ((each / "journal.jsonl").read_bytes() for each in (folder, other))
    yield from (*of_lines(raw), *of_order(raw), *of_splices(raw, theirs))
    for name in (*DERIVED, "head.json"):
        yield from of_file(name, (folder / name).read_bytes())


def test_the_second_verifier_finds_every_change(node, edits):
    """Every value of the real run's journal; of the rest one of each field."""
    (real, all_of_real), (made, all_of_made) = edits.items()
    shown = {
        real: [each for each in all_of_real if each.name == "journal.jsonl"],
        made: list(_one_of_each(made, all_of_made)),
    }
    shown[real] += (each for each in _one_of_each(real, all_of_real) if each not in shown[real])
    assert _missed(node, shown) == [{"whole": True, "missed": []}] * 2
    assert sum(map(len, shown.values())) > 2500


def _missed(node: str, shown: dict[Path, list[Edit]]) -> list[dict[str, Any]]:
    """What the second verifier misses of some changes, by one process."""
    asked = [
        {"folder": str(folder), "edits": [each._asdict() for each in every]}
        for folder, every in shown.items()
    ]
    said = subprocess.run(
        [node, "--input-type=module", "-e", DRIVER],
        input=json.dumps({"verifier": str(SECOND), "asked": asked}),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in said.stdout.splitlines()]


def _one_of_each(folder: Path, edits: list[Edit]) -> Iterator[Edit]:
    lines = map(json.loads, (folder / "journal.jsonl").read_bytes().splitlines())
    kinds = {line["n"]: f"{line['kind']} {line['data'].get('record', '')}" for line in lines}
    return shapes(iter(edits), kinds)


@pytest.mark.parametrize("which", [0, 1])
def test_this_package_finds_a_change_of_every_field(edits, which):
    """One change of each field of each kind of line and file: reading them all would take a minute."""
    folder, every = list(edits.items())[which]
    raw = (folder / "journal.jsonl").read_bytes()
    some = list(_one_of_each(folder, every))
    derived = load(folder).derived()
    missed = [each.what for each in some if not _found(each, folder, raw, derived)]
    assert missed == []
    assert len(some) > 400


def _found(edit: Edit, folder: Path, raw: bytes, derived: dict[str, bytes]) -> bool:
    if edit.name in derived:
        return edit.of((folder / edit.name).read_bytes()) != derived[edit.name]
    if edit.name == "head.json":
        return edit.of((folder / edit.name).read_bytes()) != Head(*_head(raw)).encode()
    try:
        read = Reading(edit.of(raw))
    except JournalError:
        return True
    return read.head_fault(Head(*_head(raw))) is not None


def _head(raw: bytes) -> tuple[int, str]:
    last = json.loads(raw.splitlines()[-1])
    return last["n"], last["hash"]


def test_a_changed_byte_of_any_file_makes_the_whole_verification_fail(records, tmp_path):
    for name in (*DERIVED, "head.json", "journal.jsonl"):
        folder = shutil.copytree(records[0], tmp_path / name)
        path = folder / name
        raw = bytearray(path.read_bytes())
        at = len(raw) // 2
        raw[at] ^= 1
        path.write_bytes(raw)
        assert not verify(folder).ok, name


def _outside(folder: Path, **trusted: Any) -> list[str]:
    return [each.what for each in anchoring(folder, read_lines(folder)[0], **trusted).findings]


def _written(folder: Path, lines: Sequence[bytes], beside: bytes | None = None) -> Path:
    """A record of these lines, all that is in it made anew, as whoever forges it would."""
    folder.mkdir()
    (folder / "journal.jsonl").write_bytes(as_bytes(list(lines)))
    (folder / "head.json").write_bytes(Head(*_head(as_bytes(list(lines)))).encode())
    if beside is not None:
        (folder / "signature.json").write_bytes(beside)
    found = load(folder)
    if read_journal(folder).close:
        write_derived(folder, found)
    return folder


@pytest.fixture
def forged(records, tmp_path) -> dict[str, Path]:
    """A run cut, with a line left out, written anew and under a new id: each chain holds in itself."""
    raw = (records[0] / "journal.jsonl").read_bytes()
    lines = raw.splitlines()
    parts = [(line["kind"], line["data"]) for line in map(json.loads, lines)]
    relation = next(at for at, (_, data) in enumerate(parts) if data.get("record") == "relation")
    seed = rechained(lines, lambda opening: opening.update(seed=opening["seed"] + 1))
    renamed = rechained(lines, lambda opening: opening.update(run_id="of-today"))
    whole = signature(lines)
    return {
        "cut": _written(tmp_path / "cut", lines[:-1], whole),
        "left out": _written(
            tmp_path / "out", chained([*parts[:relation], *parts[relation + 1 :]]), whole
        ),
        "rewritten": _written(tmp_path / "anew", seed, whole),
        "renamed": _written(tmp_path / "renamed", renamed, whole),
    }


def test_every_field_of_a_signature_and_of_a_redaction(records, node, tmp_path):
    """What stands beside the journal, and what is put at its end, is held like the rest."""
    signed = shutil.copytree(records[0], tmp_path / "signed")
    raw = (signed / "journal.jsonl").read_bytes()
    (signed / "signature.json").write_bytes(signature(raw.splitlines()))
    redact(signed, ["M1"], by="ann", reason="a name", to=tmp_path / "to", at=AT)
    edits = list(of_file("signature.json", (signed / "signature.json").read_bytes()))
    for edit in edits:
        (signed / edit.name).write_text(edit.text, encoding="utf-8")
        assert _outside(signed) != [], edit.what
    after = (tmp_path / "to" / "journal.jsonl").read_bytes()
    every = [e for e in of_lines(after) if "resealed" not in e.what and not _placed(e)]
    redacted = list(_one_of_each(tmp_path / "to", every))
    for edit in redacted:
        with pytest.raises(JournalError):
            Reading(edit.of(after))
    missed = _missed(node, {tmp_path / "to": [*edits, *redacted]})
    assert missed == [{"whole": True, "missed": []}]
    assert len(edits) == 11
    assert any("redacted" in each.what for each in redacted)


def _placed(edit: Edit) -> bool:
    """Of a line that is not redacted and is no redaction: those are tried elsewhere."""
    return (
        "'redacted'" not in edit.what
        and '"redacted":[' not in edit.text
        and ('"kind":"redaction"' not in edit.text)
    )


def test_what_the_chain_cannot_show_a_signature_does(forged, records, node, tmp_path):
    pub = tmp_path / "key.pub"
    pub.write_bytes(PUBLIC)
    assert fingerprint(str(pub)) == FINGERPRINT
    for name, folder in forged.items():
        (found,) = _outside(folder)
        assert any(word in found for word in ("cut", "rewritten", "run", "began")), name
        (folder / "signature.json").unlink()
        assert _outside(folder, keys=[FINGERPRINT]) == [f"no signature by {FINGERPRINT} holds it"]
        assert _outside(folder) == []
    said = _by_node(node, *forged.values(), options=["--key", str(pub)])
    assert [each["ok"] for each in said] == [False] * 4


def test_what_the_chain_cannot_show_a_kept_head_does(forged, records, node, tmp_path):
    kept = tmp_path / "heads.jsonl"
    assert len(keep(kept, [head_of(each) for each in records])) == 3
    heads = read_heads(kept)
    for folder in forged.values():
        (folder / "signature.json").unlink()
    for name in ("cut", "left out", "rewritten"):
        (found,) = _outside(forged[name], heads=heads)
        assert found.startswith(("cut: ", "rewritten: ")), name
    # An old run that is put forward as the run `of-today`, whose head was kept as well.
    today = heads[0].model_copy(update={"run": "of-today", "hash": heads[1].hash})
    assert _outside(forged["renamed"], heads=[today])[0].startswith("rewritten: ")
    assert anchoring(forged["renamed"], read_lines(forged["renamed"])[0], heads=heads).anchors == ()
    said = _by_node(node, *forged.values(), options=["--heads", str(kept), "--anchored"])
    assert [each["ok"] for each in said] == [False] * 4
    assert said[3]["findings"] == [{"line": None, "what": "unanchored"}]


def test_without_either_it_is_unanchored_and_that_is_no_fault(forged, node):
    for folder in forged.values():
        (folder / "signature.json").unlink()
    said = _by_node(node, *forged.values())
    assert [(each["ok"], each["anchors"]) for each in said] == [(True, [])] * 4


def _by_node(node: str, *folders: Path, options: Sequence[str] = ()) -> list[dict[str, Any]]:
    said = subprocess.run(
        [node, str(SECOND), *options, *map(str, folders)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stderr == ""
    return [json.loads(line) for line in said.stdout.splitlines()]
