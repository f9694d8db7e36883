"""A person is asked on a terminal: what their seat may see, the options, and room for their words."""

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from folkmoot.graphs.human import Said, choices, reply_to, request
from folkmoot.records import Call, InputError
from folkmoot.screen import emit
from folkmoot.visible import visible, visible_lines

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def asked(target: Console, call: Call, run: str, read: Callable[[str], str] = input) -> Said:
    """What a person answers, asked until it is an answer.

    Args:
        target: where the question is shown.
        call: what is asked.
        run: the run's id.
        read: reads a line after a prompt.

    Raises:
        EOFError: nobody is there to answer.
    """
    emit(target, _shown(request(call, run)))
    while True:
        said = _said(call, read)
        try:
            reply_to(call, said)
        except InputError as fault:
            emit(target, [Text(visible(f"{fault.message}; {fault.hint}"), "red")])
            continue
        return said


def _shown(asked: dict[str, Any]) -> list[Text]:
    """All that the seat may see, in the order in which a model would read it."""
    head = f"{visible(asked['seat'])}, round {asked['round']}: {asked['purpose']} ({asked['call']})"
    lines = [Text(), Text(head, "bold")]
    for segment in asked["prompt"]:
        if segment["label"] != "opened":
            style = "bold" if segment["label"] == "task" else ""
            lines.append(Text(visible_lines(segment["text"].strip("\n")), style))
    for letter, option in zip(_LETTERS, asked["options"], strict=False):
        lines.append(Text(f"  {letter}. {visible(option)}"))
    return lines


def _said(call: Call, read: Callable[[str], str]) -> Said:
    options = choices(call)
    if not options:
        return Said(text=read("your words: "))
    meant = read("your choice (letter or words, empty to abstain): ").strip()
    said = Said(choose=meant) if meant else Said(abstain=True)
    sure = ""
    if meant and call.op == "choose":
        sure = read("how sure, up to 1 (empty: sure): ").strip()
    words = read("your reason (may be empty): ")
    try:
        return said._replace(text=words, confidence=float(sure) if sure else None)
    except ValueError:
        return said._replace(confidence=-1.0)
