"""Records to look at: two debates of a scripted panel, and one in which everybody is hostile."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from folkmoot import Agent, Panel, Perspective, Pool, deliberate_sync
from folkmoot.pool.scripted import Scripted
from folkmoot.protocols import Debate
from folkmoot.records import (
    Call,
    Journal,
    Opening,
    Party,
    ProtocolRef,
    Reply,
    Segment,
    Turn,
    outcome_of,
    write_derived,
)

QUESTION = "Should the hospital share patient records with researchers?"
SEATS = ("nurse", "patient", "researcher", "budget officer")
SAID = {
    "nurse": "Sharing saves lives 😀 every day. I saw it on my ward.",
    "patient": "My records are mine alone. Nobody asked me about it.",
    "researcher": "Without data we learn nothing. Consent can be withdrawn.",
    "budget officer": "It costs less than it saves. The books say so.",
}

LONG = "ab\u200b" * 350_000
"""A message of a megabyte, of which every third character hides."""

HOSTILE = {
    "nurse": "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'> then.",
    "patient": "\x1b[31mred\x1b[0m \u202edesrever\u202c zero\u200bwidth \x07 <!-- <script> ]]>. Yes.",
    "researcher": "\U000e0041\ufe0f\u115f ﷽ مرحبا \u2066x\u2069 <svg onload='window.hacked=1'>. Yes.",
    "budget officer": "{script} {data} javascript:window.hacked=1 &lt;b&gt; \u2028 \ufeff 😀. No.",
}


class Records(NamedTuple):
    """A folder of records, and which is which."""

    folder: Path
    first: Path
    second: Path
    hostile: Path
    long: Path
    """Of one message, which is `LONG`."""


def replies(said: dict[str, str], late: float) -> Callable[[Call], str | list[float]]:
    """What a panel answers: the nurse and the researcher say yes, the patient no, and the budget officer
    says no first, and then yes as surely as `late`."""

    def answer(call: Call) -> str | list[float]:
        if call.op == "generate":
            return f"{said[call.seat]} Round {call.round}."
        likely = {"nurse": 0.9, "researcher": 0.8, "patient": 0.2}.get(
            call.seat, 0.4 if call.round == 0 else late
        )
        options = [option.strip() for option in call.options]
        if options == ["no", "yes"]:
            return [1 - likely, likely]
        return [likely, *[(1 - likely) / (len(options) - 1)] * (len(options) - 1)]

    return answer


def write(
    folder: Path,
    said: dict[str, str] = SAID,
    *,
    late: float = 0.7,
    question: str = QUESTION,
    rounds: int = 1,
) -> Path:
    """Let a scripted panel deliberate; the folder of its record."""
    panel = Panel(
        tuple(
            Agent(name=seat, model="m", perspective=Perspective(statement=f"I am the {seat}."))
            for seat in SEATS
        )
    )
    deliberate_sync(
        question,
        panel,
        Debate(rounds=rounds, contest_claims=rounds > 0),
        Pool([Scripted(replies(said, late))]),
        options=["yes", "no"],
        record_dir=folder.parent,
        run_id=folder.name,
    )
    return folder


def write_long(folder: Path) -> Path:
    """Write a record of one message of a megabyte."""
    opening = Opening(
        run_id=folder.name,
        question="How long?",
        seed=0,
        parties=(Party(seat="ann", model="m"),),
        protocol=ProtocolRef(name="talk", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00.000+00:00",
    )
    place = {"step": 0, "order": 0, "round": 0, "stage": "speak", "seat": "ann"}
    segments = (Segment(role="user", text="Speak.", label="task"),)
    call = Call.model_validate(
        {**place, "model": "m", "op": "generate", "purpose": "answer", "segments": segments}
    )
    turn = {**place, "id": "M1", "role": "statement", "state": "valid", "call": call.id}
    with Journal.create(folder, opening) as journal:
        journal.call(call)
        journal.reply(Reply.to(call, "ok", text=LONG))
        journal.record(Turn.model_validate({**turn, "text": LONG}))
        journal.close()
        write_derived(folder, outcome_of(journal.view()))
    return folder


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Records in a folder. Tests that write to one copy it first."""
    folder = tmp_path_factory.mktemp("viewed") / "runs"
    folder.mkdir()
    return Records(
        folder,
        write(folder / "first"),
        write(folder / "second", late=0.3),
        write(folder / "hostile", HOSTILE, question="Is </script> \u202e safe?", rounds=0),
        write_long(folder / "long"),
    )
