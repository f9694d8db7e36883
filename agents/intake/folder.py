"""`folder`: what lies in it is regular files of known kinds, few and small, and nothing leads out."""

import re
import unicodedata
from collections.abc import Iterator

from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Fault, field, finding, many, plain, shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.tree import Entry, inside

_SUFFIXES = frozenset((".safetensors", ".json", ".jsonl", ".yaml", ".yml", ".md", ".txt"))
_NAMES = frozenset(("tokenizer.model", "chat_template.jinja", ".gitattributes", ".gitignore"))
_PAPERS = re.compile(
    r"(licen[cs]e|copying|notice|readme|merges|vocab)[\w-]*(\.bpe)?", re.IGNORECASE
)

_HIDING = frozenset(("Cc", "Cf", "Co", "Cs", "Zl", "Zp"))
"""Controls, formats (bidi, zero width), private use, surrogates, line and paragraph marks."""

_NAMED = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)
"""A packaged name, or a hub id."""


def check_folder(case: Case) -> Finding:
    """Only regular files of known kinds, within the limits, and nothing that leads out of it."""
    tree, limits = case.tree, case.limits
    faults = [*_bounds(case), *_declared(case)]
    for entry in tree.entries:
        faults += _entry(entry)
    return finding(
        "folder",
        faults,
        f"{many(len(tree.files), 'regular file')} of known kinds, {tree.size:,} bytes together",
        {"files": len(tree.files), "bytes": _count(tree.size), "whole": tree.whole},
        f"at most {limits.files:,} files and folders and {limits.bytes:,} bytes together",
    )


def _bounds(case: Case) -> Iterator[Fault]:
    tree, limits = case.tree, case.limits
    if not tree.whole:
        yield Fault(
            f"there are more than {limits.files:,} files and folders, so not all were looked at",
            "offer the contribution's own files only",
        )
    if tree.size > limits.bytes:
        largest = max(tree.files, key=lambda entry: entry.size)
        yield Fault(
            f"the folder has {tree.size:,} bytes, and {limits.bytes:,} are allowed; the largest file "
            f"is {shown(largest.path)} with {largest.size:,}",
            "take out what is not served, or ask the pool's steward for a higher limit",
            plain(largest.path),
        )


def _declared(case: Case) -> Iterator[Fault]:
    """What the fields `adapter` and `base` name."""
    offered = case.offered
    adapter, base = offered.file.adapter, offered.file.base
    if adapter is not None and inside(adapter) is None:
        yield Fault(
            f"`adapter` leads out of the folder: {shown(adapter)}",
            "put the adapter into the folder and name it by its path from there, such as `adapter: adapter`",
            field(offered, "adapter"),
        )
    if case.base_folder is None and not _NAMED.fullmatch(base):
        yield Fault(
            f"`base` is no name of a model and no folder inside the contribution: {shown(base)}",
            "write the hub id of the base (owner/name), a packaged name, or the path of a folder inside",
            field(offered, "base"),
        )


def _entry(entry: Entry) -> Iterator[Fault]:
    name, where = shown(entry.path), plain(entry.path)
    if any(unicodedata.category(letter) in _HIDING for letter in entry.path):
        yield Fault(
            f"the name {name} holds characters that hide or are no text",
            "rename it with letters, digits, dots and hyphens",
            where,
        )
    if entry.kind == "link":
        yield Fault(
            f"{name} is a link, and a link may lead anywhere",
            "copy the file itself into the folder (`cp -rL` follows links)",
            where,
        )
    elif entry.kind == "special":
        yield Fault(f"{name} is a pipe, a socket or a device", "delete it", where)
    elif entry.kind == "unreadable":
        yield Fault(f"{name} cannot be read", "give the reader the right to read it", where)
    elif entry.kind == "folder":
        if entry.suffix in _SUFFIXES:
            yield Fault(f"{name} is a folder with the name of a file", "rename or delete it", where)
    else:
        yield from _file(entry, name, where)


def _file(entry: Entry, name: str, where: str) -> Iterator[Fault]:
    if entry.mode & 0o111 and any(part.startswith(".") for part in entry.path.split("/")):
        yield Fault(
            f"{name} is hidden and may be executed",
            "delete it (a folder `.git` is left behind by `git archive`)",
            where,
        )
    known = entry.suffix in _SUFFIXES or entry.name in _NAMES or _PAPERS.fullmatch(entry.name)
    if not known:
        yield Fault(
            f"{name} is of no kind that a contribution needs",
            "delete it, or tell the steward what it is for",
            where,
            fatal=False,
        )


def _count(number: int) -> int | str:
    """A number that JSON can hold exactly."""
    return number if number < 2**53 else str(number)
