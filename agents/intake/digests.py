"""`digests`: what a contribution is made of is pinned, and is what was pinned."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from folkmoot.agents.contribution_file import FILE, Digests, Offered
from folkmoot.agents.intake.brought import TOKENIZER, ordered, templates
from folkmoot.agents.intake.case import ADAPTER_CONFIG, Case, open_case
from folkmoot.agents.intake.faults import Fault, Unreadable, field, finding, not_asked, plain, shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.limits import Limits
from folkmoot.agents.intake.tree import Entry, opened, within
from folkmoot.records import canonical, text_digest

_MOST_FILES = 10_000
_SHOWN = 12
"""Digits of a digest that a sentence shows."""


class _Found(NamedTuple):
    """What there is for one field of `digests`."""

    paths: tuple[str, ...] = ()
    """Files that it is taken over; () if there is none."""
    digest: str | None = None
    """None if they could not be read."""
    others: tuple[str, ...] = ()
    """Files of the same kind that say something else."""


def digests_of(offered: Offered) -> Digests:
    """The digests that `contribution.yaml` should pin: of what is there, each file read to its end.

    For the contributor's own folder. A file that cannot be read has none; nothing is raised for it.
    """
    found = _all(open_case(offered, Limits(files=_MOST_FILES)))
    return Digests(**{name: each.digest for name, each in found.items()})


def file_digest(case: Case, entry: Entry) -> str | None:
    """The SHA-256 of a file of the folder; None if it cannot be read."""
    try:
        with opened(case.tree, entry) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (Unreadable, OSError):
        return None


def check_digests(case: Case) -> Finding:
    """Every digest that is pinned is that of the file, and every file is pinned."""
    if not case.small:
        return not_asked("digests", "the folder is over its limits, so its files were not read")
    found = _all(case)
    faults = [*_pinned(case, found), *_uncovered(case, found)]
    evidence = {name: each.digest for name, each in found.items() if each.digest is not None}
    if not evidence and not faults:
        return not_asked("digests", "it brings nothing that could be pinned")
    said = f"all that can be pinned is pinned and as it was pinned: {', '.join(sorted(evidence))}"
    return finding("digests", faults, said, {"sha256": evidence})


def _all(case: Case) -> dict[str, _Found]:
    """Field of `Digests` → what there is for it."""
    return {
        "adapter": _one(case, [case.adapter]),
        "adapter_config": _one(case, [case.beside_adapter(ADAPTER_CONFIG)]),
        "weights": _weights(case),
        "tokenizer": _one(case, ordered(case, TOKENIZER)),
        "chat_template": _template(case),
    }


def _one(case: Case, entries: list[Entry] | list[Entry | None]) -> _Found:
    """The digest of the first; which of the others are not the same."""
    known = [entry for entry in entries if entry is not None]
    if not known:
        return _Found()
    digest, *rest = [file_digest(case, entry) for entry in known]
    others = [each.path for each, its in zip(known[1:], rest, strict=True) if its != digest]
    return _Found((known[0].path,), digest, tuple(others))


def _weights(case: Case) -> _Found:
    """Of one file its own digest; of several, that of the canonical JSON of `{name: sha256}`."""
    folder = case.base_folder
    entries = [
        entry
        for entry in case.weights
        if folder is not None and within(folder, entry.name) == entry.path
    ]
    if not entries:
        return _Found()
    paths = tuple(entry.path for entry in entries)
    each = {entry.name: file_digest(case, entry) for entry in entries}
    if None in each.values():
        return _Found(paths)
    try:
        several = canonical(each).decode()
    except ValueError:  # A name that is no text.
        return _Found(paths)
    return _Found(paths, next(iter(each.values())) if len(each) == 1 else text_digest(several))


def _template(case: Case) -> _Found:
    found = templates(case)
    readable = [each for each in found if each.fault is None]
    if not readable:
        return _Found(tuple(each.entry.path for each in found[:1]))
    text = readable[0].text
    others = [each.entry.path for each in found if each.fault is not None or each.text != text]
    return _Found((readable[0].entry.path,), text_digest(text), tuple(others))


def _pinned(case: Case, found: dict[str, _Found]) -> Iterator[Fault]:
    offered = case.offered
    for name, there in found.items():
        said: str | None = getattr(offered.file.digests, name)
        at = field(offered, "digests", name)
        if there.others:
            yield Fault(
                f"there are two of one kind and they differ: {shown(there.paths[0])} and "
                f"{shown(there.others[0])}",
                "keep the one that the model is served with",
                plain(there.others[0]),
            )
        if said is not None and not there.paths:
            yield Fault(
                f"`{name}` pins {said[:_SHOWN]}, and there is no such file",
                f"bring the file, or take the line `{name}:` out of {FILE}",
                at,
            )
        elif there.paths and there.digest is None:
            yield Fault(
                f"{shown(there.paths[0])} cannot be read, so it has no digest",
                "offer it again",
                plain(there.paths[0]),
            )
        elif there.digest is not None and said is None:
            yield Fault(
                f"{shown(there.paths[0])} is not pinned, so it could be swapped",
                f"put this line under `digests:` in {FILE}: `  {name}: {there.digest}`",
                at,
            )
        elif there.digest is not None and said is not None and said != there.digest:
            yield Fault(
                f"{shown(there.paths[0])} is not what was pinned: {there.digest[:_SHOWN]} instead of "
                f"{said[:_SHOWN]}",
                f"offer the file that was pinned; or, if this one is meant, put this line under "
                f"`digests:` in {FILE}: `  {name}: {there.digest}`",
                at,
            )


def _uncovered(case: Case, found: dict[str, _Found]) -> Iterator[Fault]:
    """Weights that no digest covers."""
    covered = {path for each in found.values() for path in (*each.paths, *each.others)}
    for entry in case.weights:
        if entry.path not in covered:
            yield Fault(
                f"no digest pins {shown(entry.path)}",
                "delete it if it is not served, or put it where `adapter` or `base` says",
                plain(entry.path),
                fatal=False,
            )
