"""`template`: a brought chat template passes every message on, adds nothing, and reaches for nothing.

A chat template sees every prompt and may change it, on a trigger word too ("Inference-Time Backdoors
via Hidden Instructions in LLM Chat Templates", arXiv 2602.04653). It is parsed and its syntax tree is
looked at; only one that reaches for nothing is also tried on three small conversations, in a process
of its own with bounded time and memory (`rendering`).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

from folkmoot.agents.intake import rendering
from folkmoot.agents.intake.brought import MOST_TEMPLATE, templates
from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Fault, finding, not_asked, plain, shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.template_words import (
    Unsafe,
    instructions,
    parse,
    reaches,
    residue,
    triggers,
)

SECONDS, MEMORY, LETTERS = 2, 512 * 2**20, 20_000
"""What three conversations may take: processor time, address space, characters each."""
_WAIT = 30.0
"""Seconds until a process that does not even run is given up: machines are busy."""

_MOST_TRIED = 4
"""Templates of one folder that are looked at."""


class _Said(NamedTuple):
    role: str
    content: str


_SYSTEM = _Said("system", "Kestrel ledger 4171: weigh both sides.")
_USER = _Said("user", "Quarry question 5323: who pays for the bridge?")
_REPLY = _Said("assistant", "Harbour answer 6397: the users do.")
_AGAIN = _Said("user", "Lantern question 7481: what if they cannot?")
_CONVERSATIONS = ((_SYSTEM, _USER), (_SYSTEM, _USER, _REPLY, _AGAIN), (_USER,))

_MEND = "offer the template of the base as it is: delete the one that you bring"


def check_template(case: Case) -> Finding:
    """Valid Jinja that reaches for nothing, drops no message, and says nothing of its own."""
    found = templates(case)
    if not found:
        return not_asked("template", "it brings no chat template: the base's own counts")
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for each in found:
        where = plain(each.entry.path)
        if each.fault is not None:
            faults.append(
                Fault(f"the template in {shown(each.entry.path)} {each.fault}", _MEND, where)
            )
        else:
            seen.setdefault(each.text, where)
    for text, where in list(seen.items())[:_MOST_TRIED]:
        faults += _template(text, where)
    if len(seen) > _MOST_TRIED:
        faults.append(Fault(f"it brings {len(seen)} chat templates", "keep the one that is served"))
    return finding(
        "template",
        faults,
        "its chat template passes every message on and adds none",
        {"templates": len(seen), "conversations": len(_CONVERSATIONS)},
        f"at most {MOST_TEMPLATE:,} bytes, {SECONDS} s and {MEMORY // 2**20} MiB",
    )


def _template(text: str, where: str) -> Iterator[Fault]:
    try:
        tree = parse(text)
    except Unsafe as fault:
        yield Fault(f"the chat template {fault}", _MEND, where)
        return
    reached = [
        Fault(f"the chat template reaches for {shown(each)}", _MEND, where)
        for each in reaches(tree)
    ]
    yield from reached
    for sentence in instructions(tree):
        yield Fault(
            f"the chat template says something of its own: {shown(sentence, 160)}",
            "take the sentence out: what a seat is told is Folkmoot's to say",
            where,
            fatal=False,
        )
    for word in triggers(tree):
        yield Fault(
            f"the chat template looks for the words {shown(word)} in what is said",
            "take that out, or tell the steward what it is for",
            where,
            fatal=False,
        )
    if not reached:
        yield from _tried(text, where)


def _tried(text: str, where: str) -> Iterator[Fault]:
    """What is wrong with what it makes of the conversations."""
    written = _render(text)
    if isinstance(written, str):
        yield Fault(f"the chat template {written}", _MEND, where)
        return
    if written is None:
        yield Fault(
            "the chat template was not tried on a conversation: no process could be started",
            "have a steward read it",
            where,
            fatal=False,
        )
        return
    for messages, each in zip(_CONVERSATIONS, written, strict=True):
        roles = ", ".join(message.role for message in messages)
        if "fault" in each:
            yield Fault(
                f"the chat template fails on {roles}: {shown(each['fault'], 160)}", _MEND, where
            )
        elif "refused" in each:
            yield Fault(
                f"the chat template refuses messages of the roles {roles}: "
                f"{shown(each['refused'], 160)}",
                "offer a template that takes a system message, users' and replies",
                where,
                fatal=messages[0] is _USER,
            )
        else:
            yield from _kept(each.get("text", ""), messages, where)


def _kept(text: str, messages: tuple[_Said, ...], where: str) -> Iterator[Fault]:
    """Whether a rendered text holds all that was said, in its order, and little else."""
    at = 0
    for message in messages:
        found = text.find(message.content, at)
        if found < 0:
            how = "drops, changes or moves"
            yield Fault(f"the chat template {how} the text of a {message.role}", _MEND, where)
            return
        at = found + len(message.content)
    rest = text
    for message in messages:
        rest = rest.replace(message.content, " ")
    if (added := residue(rest)) is not None:
        yield Fault(
            f"the chat template adds words to a conversation: {shown(added, 160)}",
            "take them out: what a seat is told is Folkmoot's to say",
            where,
            fatal=False,
        )


def _render(text: str) -> list[rendering.Written] | str | None:
    """What each conversation became; a text if none came back; None if nothing could be started."""
    task: rendering.Task = {
        "template": text,
        "conversations": [[each._asdict() for each in said] for said in _CONVERSATIONS],
        "seconds": SECONDS,
        "memory": MEMORY,
        "letters": LETTERS,
    }
    line = [sys.executable, "-I", "-X", "utf8", str(Path(rendering.__file__))]
    try:
        done = subprocess.run(
            line,
            input=json.dumps(task).encode(),
            capture_output=True,
            timeout=_WAIT,
            check=False,
            env={"PATH": os.defpath},
            cwd="/",
        )
    except subprocess.TimeoutExpired as late:
        return _answer(late.stdout or b"")
    except (OSError, ValueError):
        return None
    return _answer(done.stdout)


def _answer(out: bytes) -> list[rendering.Written] | str | None:
    started, _, rest = out.partition(rendering.STARTED.encode())
    if started or not out:
        return None
    try:
        said: Any = json.loads(rest)
    except ValueError:  # It was ended in the middle.
        return f"takes more than {SECONDS} s or {MEMORY // 2**20} MiB for three small conversations"
    return cast(list[rendering.Written], said)
