"""Small transcripts, as scanners read them; and a folder of real records of scripted runs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from folkmoot import Agent, Panel, Perspective, Pool
from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.subject import Subject
from folkmoot.graphs import deliberate_many_sync
from folkmoot.protocols import Debate
from folkmoot.records import (
    Call,
    JournalView,
    Move,
    Opening,
    Party,
    ProtocolRef,
    Record,
    Reply,
    Segment,
    Stance,
    Turn,
)

SEATS = ("ann", "bo", "cy")


def subject_of(
    *said: tuple[str, int, str],
    stances: Mapping[str, Sequence[str | None]] | None = None,
    because: Mapping[str, str] | None = None,
    parties: Sequence[Party] = tuple(Party(seat=seat, model="smollm2") for seat in SEATS),
    named: bool = False,
    more: Sequence[Record] = (),
    states: Mapping[int, str] | None = None,
) -> Subject:
    """A subject: messages as (seat, round, text), each shown to whoever speaks in a later round.

    Args:
        stances: seat → its choice, round by round; moves follow from them.
        because: seat → the reason of its moves; else unexplained.
        named: show messages with the name of who said them.
        states: place of a message → its state and that of its reply.
    """
    calls: list[Call] = []
    records: list[Record] = list(more)
    for at, (seat, number, text) in enumerate(said):
        shown = [
            Segment(
                role="user",
                text=f'\n<message id="M{n}"{f" seat={said[n - 1][0]!r}" if named else ""}>\n…',
                label=f"M{n}",
            )
            for n in range(1, at + 1)
            if said[n - 1][1] < number
        ]
        if named:
            shown = [s.model_copy(update={"text": s.text.replace("'", '"')}) for s in shown]
        call = Call(
            step=10 * number,
            order=at,
            round=number,
            stage="speak",
            seat=seat,
            model="smollm2",
            op="generate",
            purpose="reason",
            segments=(Segment(role="user", text="Question: why?", label="question"), *shown),
        )
        state: Any = (states or {}).get(at, "valid")
        calls.append(call)
        records.append(Reply.to(call, "ok" if state == "valid" else state, text=text))
        records.append(
            Turn(
                step=10 * number,
                order=at,
                id=f"M{at + 1}",
                seat=seat,
                round=number,
                stage="speak",
                role="statement",
                state=state,
                text=text,
                call=call.id,
            )
        )
    records += _stances(stances or {}, because or {})
    opening = Opening(
        run_id="r",
        question="Should the town close its centre to cars at night?",
        options=("yes", "no"),
        seed=0,
        parties=tuple(parties),
        protocol=ProtocolRef(name="debate", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00.000+00:00",
    )
    view = JournalView(
        opening, tuple(calls), tuple(records), (), (), (), None, 1, "0" * 64, 0, None
    )
    return Subject(Path("nowhere"), view)


def _stances(
    stances: Mapping[str, Sequence[str | None]], because: Mapping[str, str]
) -> list[Record]:
    found: list[Record] = []
    for order, (seat, choices) in enumerate(stances.items()):
        for number, choice in enumerate(choices):
            place: Any = {"step": 10 * number + 1, "order": order, "seat": seat, "round": number}
            state = "valid" if choice is not None else "abstained"
            found.append(
                Stance(
                    **place,
                    stage="stand",
                    options=("yes", "no"),
                    state=state,
                    choice=choice,
                    source="probabilities",
                )
            )
            before = choices[number - 1] if number else choice
            if choice is not None and before is not None and choice != before:
                reason: Any = because.get(seat, "unexplained")
                found.append(Move(**place, from_choice=before, to_choice=choice, because=reason))
    return found


def told(found: Sequence[Found]) -> list[tuple[str, Any]]:
    """The first thing that each finding cites, and its value."""
    return [(str(each.about[0]), each.value) for each in found]


def _talk(call: Call) -> str | list[float]:
    if call.op == "choose":
        return [0.9, *[0.1 / (len(call.options) - 1)] * (len(call.options) - 1)]
    return f"I am {call.seat} and I would rather wait \u202efor now\u202c."


@pytest.fixture(scope="package")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with five whole records, in which every seat names itself. Not to be written to."""
    folder = tmp_path_factory.mktemp("runs")
    panel = Panel(
        Agent(seat, model="m", perspective=Perspective(statement=f"I speak for {seat}."))
        for seat in SEATS
    )
    questions = [f"Should plan {number} go ahead?" for number in range(5)]
    deliberate_many_sync(
        questions,
        panel,
        Debate(rounds=1, contest_claims=False),
        Pool.scripted(_talk),
        options=("yes", "no"),
        record_dir=folder,
    )
    return folder


@pytest.fixture
def subject() -> Callable[..., Subject]:
    return subject_of
