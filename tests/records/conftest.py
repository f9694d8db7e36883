"""A small, whole, hand-made debate: two sides, one move, one vote, one who still dissents."""

from pathlib import Path
from typing import NamedTuple

import pytest

from folkmoot.records import (
    Answer,
    Ballot,
    Call,
    Conflict,
    Decision,
    Detection,
    Event,
    Journal,
    Move,
    Opening,
    Party,
    Position,
    ProtocolRef,
    Record,
    Reply,
    Resolution,
    Segment,
    Settlement,
    Severity,
    Stance,
    Transcript,
    Treatment,
    Turn,
    Usage,
    outcome_of,
    quotation,
    sentences,
    write_derived,
)
from folkmoot.records.conflicts import Dissent
from folkmoot.records.decisions import Sentence

QUESTION = "Should the hospital share records?"
OPTIONS = ("yes", "no")
TEXTS = {
    "nurse": "Sharing saves lives 😀 e\u0301very day. I saw it myself.",
    "patient": "My records are mine alone.\r\nNobody asked me\0 about it.",
    "clerk": "It costs too much. We have 3.5 clerks.",
}
FIRST = {"nurse": "yes", "patient": "no", "clerk": "no"}
LAST = {"nurse": "yes", "patient": "no", "clerk": "yes"}


class Run(NamedTuple):
    """A run as it would be written: what was asked and answered, and what it came to."""

    opening: Opening
    exchanges: tuple[tuple[Call, Reply], ...]
    records: tuple[Record, ...]
    """Without the replies."""

    @property
    def transcript(self) -> Transcript:
        return Transcript(self.opening, (*self.records, *(reply for _, reply in self.exchanges)))

    def write(self, folder: Path, *, close: bool = True) -> Journal:
        """Write the whole run into a record; with its derived files if it is closed."""
        journal = Journal.create(folder, self.opening)
        self.append(journal)
        if close:
            journal.close()
            write_derived(folder, outcome_of(journal.view()))
        journal.release()
        return journal

    def append(self, journal: Journal) -> None:
        """Write everything that is not in the journal yet, in the order of the steps."""
        for step in range(8):
            for call, reply in self.exchanges:
                if call.step == step:
                    journal.call(call)
                    if call.id not in journal.replies:
                        journal.reply(reply)
            for record in self.records:
                if record.step == step:
                    journal.record(record)


@pytest.fixture(scope="session")
def run() -> Run:
    return make_run()


def make_run() -> Run:
    opening = Opening(
        run_id="r1",
        question=QUESTION,
        options=OPTIONS,
        seed=7,
        parties=tuple(Party(seat=seat, model="m", values={"care": 1.0}) for seat in TEXTS),
        protocol=ProtocolRef(
            name="debate", version="1", params={"rounds": 1, "none": None}, graph_sha256="0" * 64
        ),
        started="2026-01-01T00:00:00+00:00",
    )
    exchanges: list[tuple[Call, Reply]] = []
    records: list[Record] = []
    _round(0, 0, FIRST, exchanges, records)
    _speak(1, exchanges, records)
    _round(2, 1, LAST, exchanges, records)
    records.append(
        Move(
            step=3,
            order=0,
            seat="clerk",
            round=1,
            from_choice="no",
            to_choice="yes",
            because="argument",
            cites=("M1",),
        )
    )
    turns = {record.seat: record for record in records if isinstance(record, Turn)}
    records.append(_conflict(turns))
    records += _decided(turns)
    records.append(_answer())
    return Run(opening, tuple(exchanges), tuple(records))


def _call(step: int, order: int, seat: str, round: int, op: str) -> Call:
    return Call.model_validate(
        {
            "step": step,
            "order": order,
            "round": round,
            "stage": "stand" if op == "choose" else "speak",
            "seat": seat,
            "model": "m",
            "op": op,
            "purpose": "stand" if op == "choose" else "reason",
            "segments": (
                Segment(role="user", text=QUESTION, label="question"),
                Segment(role="user", text=f"You are the {seat}.", drop=1),
            ),
            "options": (" yes", " no") if op == "choose" else (),
        }
    )


def _round(
    step: int,
    round: int,
    held: dict[str, str],
    exchanges: list[tuple[Call, Reply]],
    records: list[Record],
) -> None:
    for order, (seat, choice) in enumerate(held.items()):
        call = _call(step, order, seat, round, "choose")
        usage = Usage(prompt=10, cached=4, completion=1)
        exchanges.append((call, Reply.to(call, "ok", logprobs=(-0.25, -1.5), usage=usage)))
        records.append(
            Stance(
                step=step,
                order=order,
                seat=seat,
                round=round,
                stage="stand",
                options=OPTIONS,
                state="valid",
                choice=choice,
                probabilities={choice: 0.75, ({*OPTIONS} - {choice}).pop(): 0.25},
                source="probabilities",
            )
        )


def _speak(step: int, exchanges: list[tuple[Call, Reply]], records: list[Record]) -> None:
    for order, (seat, text) in enumerate(TEXTS.items()):
        call = _call(step, order, seat, 0, "generate")
        usage = Usage(prompt=20, cached=16, completion=9)
        exchanges.append((call, Reply.to(call, "ok", text=text, usage=usage, finish="stop")))
        records.append(
            Turn(
                step=step,
                order=order,
                id=f"M{order + 1}",
                seat=seat,
                round=0,
                stage="speak",
                role="statement",
                state="valid",
                text=text,
                answer=FIRST[seat],
                call=call.id,
            )
        )


def _conflict(turns: dict[str, Turn]) -> Conflict:
    spans = {seat: (quotation(turn),) for seat, turn in turns.items()}
    return Conflict.model_validate(
        {
            "step": 4,
            "order": 0,
            "id": "cf1",
            "issue": QUESTION,
            "about": "question",
            "kind": "value",
            "positions": (
                Position(
                    id="cf1.a",
                    summary="yes",
                    parties=("nurse", "clerk"),
                    held_first=("nurse",),
                    spans=spans["nurse"],
                ),
                Position(
                    id="cf1.b",
                    summary="no",
                    parties=("patient",),
                    held_first=("patient", "clerk"),
                    spans=spans["patient"],
                ),
            ),
            "severity": Severity(level=2, breadth=0.666667, intensity=0.5),
            "history": (
                Event(round=0, event="opened"),
                Event(
                    round=1,
                    event="conceded",
                    by="clerk",
                    from_position="cf1.b",
                    to_position="cf1.a",
                    reason="argument",
                    cites=("M1",),
                ),
            ),
            "status": "narrowed",
            "detection": Detection(method="rule", rule="stances/2"),
        }
    )


def _decided(turns: dict[str, Turn]) -> list[Record]:
    ballots = [
        Ballot(
            step=5,
            order=order,
            id=f"b{order + 1}",
            seat=seat,
            round=1,
            options=OPTIONS,
            state="valid",
            ranking=(choice,),
        )
        for order, (seat, choice) in enumerate(LAST.items())
    ]
    decision = Decision(
        step=5,
        order=0,
        status="decided",
        rule="majority",
        params={"quorum": 0.5},
        options=OPTIONS,
        winner="yes",
        tally={"yes": 2.0, "no": 1.0},
        ballots=("b1", "b2", "b3"),
        margin=1.0,
    )
    settlement = Settlement(
        step=5,
        order=0,
        conflict="cf1",
        status="outvoted",
        resolution=Resolution(rule="vote", decided_by="majority", margin=1.0),
        dissent=(Dissent(seat="patient", position="cf1.b", span=quotation(turns["patient"])),),
    )
    return [*ballots, decision, settlement]


def _answer() -> Answer:
    text = "Yes. Decided by majority 2:1.\nyes: nurse, clerk.\nno: patient. “My records are mine alone.” [M2]"
    cut = sentences(text)
    return Answer(
        step=6,
        order=0,
        text=text,
        author="composed",
        sentences=tuple(
            Sentence(id=f"a{number}", start=start, end=end)
            for number, (start, end) in enumerate(cut, 1)
        ),
        treatments=(
            Treatment(conflict="cf1", treatment="addressed", positions_voiced=("cf1.a", "cf1.b")),
        ),
    )
