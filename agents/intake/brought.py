"""The tokenizer and the chat templates that a contribution brings, wherever they lie."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from folkmoot.agents.intake import plain_json
from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Unreadable
from folkmoot.agents.intake.tree import Entry, read

TOKENIZER = "tokenizer.json"
TEMPLATE_FILE = "chat_template.jinja"
_HOLDERS = ("tokenizer_config.json", "chat_template.json", "processor_config.json")
"""JSON files whose `chat_template` loaders use."""
MOST_TEMPLATE = 128 * 2**10
"""Bytes of a template; the longest of the field have a quarter of it."""


class Template(NamedTuple):
    """A chat template, or why there is none where one should be."""

    entry: Entry
    text: str
    fault: str | None = None


def ordered(case: Case, name: str) -> list[Entry]:
    """The files of this name: the adapter's, the base's, then all others."""
    first = [folder for folder in (case.adapter_folder, case.base_folder) if folder is not None]

    def rank(entry: Entry) -> tuple[int, str]:
        folder = entry.path.rpartition("/")[0] or "."
        return first.index(folder) if folder in first else len(first), entry.path

    return sorted((entry for entry in case.tree.files if entry.name == name), key=rank)


def templates(case: Case) -> list[Template]:
    """Every chat template in the folder; the one that counts comes first."""
    found: list[Template] = []
    others = {entry.name for entry in case.tree.files if entry.suffix == ".jinja"}
    for name in (TEMPLATE_FILE, *sorted(others - {TEMPLATE_FILE})):
        found += [_text(case, entry) for entry in ordered(case, name)]
    for name in _HOLDERS:
        for entry in ordered(case, name):
            found += _held(case, entry)
    return found


def _text(case: Case, entry: Entry) -> Template:
    try:
        return Template(entry, read(case.tree, entry, MOST_TEMPLATE).decode("utf-8"))
    except Unreadable as fault:
        return Template(entry, "", str(fault))
    except UnicodeDecodeError as fault:
        return Template(entry, "", f"is not UTF-8 at byte {fault.start}")


def _held(case: Case, entry: Entry) -> Iterator[Template]:
    try:
        said = plain_json.parse_object(read(case.tree, entry, plain_json.MOST_BYTES))
    except Unreadable as fault:
        yield Template(entry, "", str(fault))
        return
    held = said.get("chat_template")
    for each in _listed(held):
        if isinstance(each, str) and len(each) <= MOST_TEMPLATE and _encodable(each):
            yield Template(entry, each)
        elif each:
            yield Template(entry, "", "holds a chat_template that is no text, or too long a one")


def _listed(held: Any) -> list[Any]:
    """Several named templates, as transformers once kept them, or the one; none where it is empty."""
    if isinstance(held, list):
        named = cast(list[Any], held)
        return [
            cast(dict[str, Any], each).get("template") if isinstance(each, dict) else each
            for each in named
        ]
    return [held] if held else []


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
