"""What holds a record from outside: a signature by a key that one trusts, or a head that was kept elsewhere.

A chain that was written anew as a whole holds in itself. Only what its holder cannot write anew shows that.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from folkmoot.records.errors import InputError, JournalError
from folkmoot.records.journal_reader import Reading
from folkmoot.records.opening import READABLE
from folkmoot.records.seal.heads import KeptHead
from folkmoot.records.seal.signature import Signature, read_signature
from folkmoot.records.verify import Finding


class Anchor(NamedTuple):
    """Something outside a record that names one of its lines."""

    by: str
    """`signature by FINGERPRINT`, or `kept head`."""
    line: int
    """Up to which line it holds the record."""


class Anchoring(NamedTuple):
    """What holds a record, and what should and does not."""

    anchors: tuple[Anchor, ...] = ()
    """Those that hold."""
    findings: tuple[Finding, ...] = ()
    """Those that do not: the record is another one than was signed or kept."""
    signed_by: tuple[str, ...] = ()
    """Fingerprints of keys that signed it and that nobody vouched for. They anchor nothing: whoever writes a
    record anew signs it anew."""
    unlooked: str = ""
    """Why a signature was not looked at; "" where all were."""

    @property
    def line(self) -> int:
        """Up to which line the record is held; 0 if by nothing."""
        return max((each.line for each in self.anchors), default=0)


def anchoring(
    folder: Path | str,
    reading: Reading,
    *,
    keys: Sequence[str] = (),
    heads: Sequence[KeptHead] = (),
    hashes: Sequence[str] = (),
) -> Anchoring:
    """Hold a journal to its signatures and to heads that were kept.

    Args:
        folder: the record.
        reading: its journal.
        keys: fingerprints of keys that are trusted. Each must have signed the record.
        heads: heads that were kept, of this run and of others.
        hashes: hashes of lines of this record, each of which must be there.

    Raises:
        InputError: a key is to be held to, and the package that can is not installed.
        RecordError: the signature cannot be opened.
    """
    anchors: list[Anchor] = []
    findings: list[Finding] = []
    unknown: list[str] = []
    unlooked = ""
    try:
        for each in read_signature(folder):
            fault = _of_signature(each, reading)
            if fault is not None:
                findings.append(Finding(None, f"the signature by {each.fingerprint}: {fault}"))
            elif each.fingerprint in keys:
                anchors.append(Anchor(f"signature by {each.fingerprint}", each.statement.count))
            else:
                unknown.append(each.fingerprint)
    except JournalError as error:
        findings.append(Finding(None, error.message))
    except InputError as error:
        if keys:
            raise
        unlooked = f"{error.message}: {error.hint}"
    named = {each.by for each in anchors}
    missing = (key for key in keys if f"signature by {key}" not in named)
    findings += (Finding(None, f"no signature by {key} holds it") for key in missing)
    run = reading.view(None).opening.run_id
    for each in _kept(reading, [head for head in heads if head.run == run], hashes):
        (anchors if isinstance(each, Anchor) else findings).append(each)  # pyright: ignore
    return Anchoring(tuple(anchors), tuple(findings), tuple(dict.fromkeys(unknown)), unlooked)


def _of_signature(signature: Signature, reading: Reading) -> str | None:
    """What is wrong with a signature of this journal; None if nothing is."""
    if not signature.genuine:
        return "the key did not sign what stands there"
    said = signature.statement
    if said.journal not in READABLE:
        return f"it signs a journal of version {said.journal!r}"
    run = reading.view(None).opening.run_id
    if said.run_id != run:
        return f"it signs the run {said.run_id!r}, and this is {run!r}"
    if said.opening != reading.hashes[1]:
        return "it signs a run that began otherwise"
    return _of_line(said.count, said.hash, reading, "signed")


def _kept(
    reading: Reading, heads: Sequence[KeptHead], hashes: Sequence[str]
) -> Iterator[Anchor | Finding]:
    for head in heads:
        fault = _of_line(head.count, head.hash, reading, "kept")
        yield Anchor("kept head", head.count) if fault is None else Finding(None, fault)
    for each in hashes:
        if each in reading.hashes[1:]:
            yield Anchor("kept head", reading.hashes.index(each))
        else:
            yield Finding(None, f"no line has the hash that was kept, {each}: cut or rewritten")


def _of_line(count: int, hash: str, reading: Reading, how: str) -> str | None:
    if count > reading.lines:
        return f"cut: {count} lines were {how}, and {reading.lines} are there"
    if reading.hashes[count] != hash:
        return f"rewritten: line {count} is not the one that was {how}"
    return None
