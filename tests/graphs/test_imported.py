"""A dialogue becomes a record: whole, marked, verified, worked out again, and exported like any other."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from inspect_ai.event import ModelEvent, SpanBeginEvent
from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSample, EvalSpec, write_eval_log
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
)

import folkmoot.graphs.imported as module
from folkmoot.graphs.imported import import_dialogue, import_dialogue_sync, importable
from folkmoot.graphs.rederive import rederive
from folkmoot.pool import Pool
from folkmoot.protocols import Log
from folkmoot.records import InputError, Journal, Opening, Outcome, read_journal, verify
from folkmoot.records.exports import FORMS, export_record
from folkmoot.records.imports import read_dialogues

ROWS = [
    {"speaker": "ann", "text": "Yes, it saves lives every day.", "position": "yes"},
    {"speaker": "os:system", "text": "No. It costs too much money every year.", "position": "no"},
    {"speaker": "cy", "text": "I do not know.", "replies_to": 2},
    {"speaker": "os:system", "text": "Then yes.", "position": "yes", "replies_to": 1},
]


def talk(folder: Path, rows=ROWS, name: str = "talk.jsonl") -> Path:
    file = folder / name
    lines = (json.dumps({"question": "Should it be done?", **row}) for row in rows)
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Outcome:
    folder = tmp_path_factory.mktemp("imported")
    (dialogue,) = read_dialogues(talk(folder))
    return import_dialogue_sync(dialogue, folder / "runs")


def test_the_record_says_where_it_comes_from_and_makes_nothing_up(record) -> None:
    opening = record.transcript.opening
    assert (opening.imported.form, opening.imported.source) == ("chat", "talk.jsonl")
    assert opening.options == ("yes", "no")
    assert [(t.id, t.seat, t.round, t.text) for t in record.transcript.turns] == [
        (f"M{n}", row["speaker"], round, row["text"])
        for n, (row, round) in enumerate(zip(ROWS, (0, 0, 0, 1), strict=True), 1)
    ]
    assert record.transcript.turns[3].replies_to == ("M1",)
    assert record.decision is None
    assert record.transcript.answer is None
    assert record.ledger.total.prompt is None
    assert record.ledger.total.calls == 4
    assert {party.model for party in opening.parties} == {"imported"}


def test_positions_are_stances_and_their_conflict_is_in_the_log(record) -> None:
    (entry,) = record.conflicts
    assert entry.about == "question"
    assert {side.summary: side.held_first for side in entry.positions} == {
        "yes": ("ann",),
        "no": ("os:system",),
    }
    assert [(each.event, each.by, each.reason) for each in entry.history if each.by] == [
        ("withdrawn", "os:system", "unexplained")
    ]


def test_it_verifies_and_is_worked_out_again(record) -> None:
    assert verify(record.record).ok
    assert asyncio.run(rederive(record.record)) == ()


def test_a_word_changed_in_it_shows(record, tmp_path) -> None:
    """Consistently forged: other words in the journal, chained anew."""
    view = read_journal(record.record)
    with Journal.create(tmp_path / "forged", view.opening) as journal:
        for call in view.calls:
            journal.call(call)
        for each in view.records:
            if each.record == "stance" and each.choice == "no":
                each = each.model_copy(update={"choice": "yes"})
            journal.record(each)
        journal.close()
    assert asyncio.run(rederive(tmp_path / "forged"))


def test_every_form_exports_it(record, tmp_path) -> None:
    for name in ("inspect", "otel", "prov", "aif", "markdown"):
        to = tmp_path / f"out{FORMS[name].suffix or '.x'}"
        export_record(record.record, to, name)
        assert to.stat().st_size > 500
        to.unlink()


def test_an_inspect_log_of_it_comes_back_as_the_same_dialogue(record, tmp_path) -> None:
    export_record(record.record, tmp_path / "back.eval", "inspect")
    (again,) = read_dialogues(tmp_path / "back.eval")
    outcome = import_dialogue_sync(again, tmp_path / "runs")
    told = [(t.seat, t.round, t.text, t.answer, t.replies_to) for t in record.transcript.turns]
    assert [
        (t.seat, t.round, t.text, t.answer, t.replies_to) for t in outcome.transcript.turns
    ] == told
    assert outcome.conflicts == record.conflicts
    assert outcome.transcript.opening.imported.form == "inspect"


def test_a_clerk_is_asked_where_it_is_named(tmp_path) -> None:
    (dialogue,) = read_dialogues(talk(tmp_path))
    pool = Pool.scripted(lambda call: [0.9, 0.05, 0.05])
    outcome = import_dialogue_sync(dialogue, tmp_path, log=Log(clerk="m"), pool=pool)
    assert outcome.ledger.seats["clerk"].calls > 0
    assert outcome.transcript.relations
    assert {call.seat for call in read_journal(outcome.record).calls} > {"clerk"}
    assert verify(outcome.record).ok
    assert asyncio.run(rederive(outcome.record)) == ()
    with pytest.raises(InputError, match="there is no pool"):
        import_dialogue_sync(dialogue, tmp_path / "other", log=Log(clerk="m"))


@pytest.mark.parametrize(
    ("changes", "given", "said"),
    [
        ({"question": ""}, {}, "It names no question"),
        ({}, {"options": ("no", "maybe")}, "message 1 of 'talk' is for 'yes', which is no option"),
        ({}, {"log": Log(declare=True)}, "speakers of a transcript cannot be asked"),
        ({}, {"log": Log(ratify=True)}, "speakers of a transcript cannot be asked"),
    ],
)
def test_what_cannot_be_imported_leaves_nothing(tmp_path, changes, given, said) -> None:
    file = talk(tmp_path, [{**row, **changes} for row in ROWS])
    dialogues = read_dialogues(file)
    for attempt in (
        lambda: importable(dialogues, tmp_path / "runs", **given),
        lambda: import_dialogue_sync(dialogues[0], tmp_path / "runs", **given),
    ):
        with pytest.raises(InputError, match=said):
            attempt()
    assert not (tmp_path / "runs").exists()


def test_a_record_that_is_there_stays(record, tmp_path) -> None:
    (dialogue,) = read_dialogues(talk(tmp_path))
    before = {each.name: each.read_bytes() for each in record.record.iterdir()}
    with pytest.raises(InputError, match="is there already"):
        import_dialogue_sync(dialogue, record.record.parent)
    assert {each.name: each.read_bytes() for each in record.record.iterdir()} == before


def test_an_import_that_is_stopped_leaves_nothing(tmp_path, monkeypatch) -> None:
    (dialogue,) = read_dialogues(talk(tmp_path))

    async def stopped(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(module, "walk", stopped)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(import_dialogue(dialogue, tmp_path / "runs"))
    assert list((tmp_path / "runs").iterdir()) == []


def test_records_that_were_not_imported_are_written_as_before(record) -> None:
    opening = record.transcript.opening
    plain = opening.model_copy(update={"imported": None}).plain()
    assert "imported" not in plain
    assert Opening.model_validate(plain).imported is None


@pytest.fixture
def foreign(tmp_path) -> SimpleNamespace:
    """A log as another framework writes it: agents in spans, tools, users, and what it cost."""
    turns = [
        ChatMessageAssistant(content="It is safe.", id="a1", model="x/big"),
        ChatMessageAssistant(content="It is not safe.", id="a2", model="x/small"),
    ]
    events = [SpanBeginEvent(id="s1", name="optimist", type="agent", span_id="s1")]
    for span, message in zip(("s1", None), turns, strict=True):
        usage = ModelUsage(
            input_tokens=5, output_tokens=3, total_tokens=10, input_tokens_cache_read=2
        )
        output = ModelOutput(
            model=message.model, choices=[ChatCompletionChoice(message=message)], usage=usage
        )
        events.append(
            ModelEvent(
                model=message.model,
                input=[],
                tools=[],
                tool_choice="none",
                config=GenerateConfig(),
                output=output,
                span_id=span,
                role=None if span else "pessimist",
            )
        )
    sample = EvalSample(
        id="q1",
        epoch=1,
        input="Is it safe?",
        target="no",
        messages=[
            ChatMessageSystem(content="You are careful."),
            ChatMessageUser(content="Is it safe?"),
            turns[0],
            ChatMessageTool(content="42 accidents", function="search"),
            turns[1],
            ChatMessageUser(content="Thank you."),
        ],
        events=events,
    )
    spec = EvalSpec(
        created="2026-01-01T00:00:00+00:00",
        task="t",
        dataset=EvalDataset(),
        model="none/none",
        config=EvalConfig(),
    )
    other = sample.model_copy(update={"id": "q2", "messages": []})
    log = EvalLog(eval=spec, samples=[sample, other], status="success")
    write_eval_log(log, str(tmp_path / "log.eval"))
    return SimpleNamespace(file=tmp_path / "log.eval")


def test_a_log_of_another_framework_says_who_spoke_and_what_it_cost(foreign, tmp_path) -> None:
    first, second = read_dialogues(foreign.file)
    assert [(each.speaker, each.text) for each in first.said] == [
        ("optimist", "It is safe."),
        ("search", "42 accidents"),
        ("pessimist", "It is not safe."),
        ("user", "Thank you."),
    ]
    assert first.passed_over == {"system messages": 1, "questions": 1}
    assert [each.speaker for each in second.said] == ["optimist", "pessimist"]
    assert (first.name, first.origin.part) == ("log-q1-1", "q1, epoch 1")
    outcome = import_dialogue_sync(first, tmp_path / "runs")
    line = outcome.ledger.seats["optimist"]
    assert (line.prompt, line.cached, line.completion) == (7, 2, 3)
    assert outcome.ledger.seats["user"].prompt is None
    assert [model.name for model in outcome.transcript.opening.models] == ["x/big", "x/small"]
    assert verify(outcome.record).ok


def test_two_dialogues_of_one_name_are_refused_before_any_is_written(foreign, tmp_path) -> None:
    first, second = read_dialogues(foreign.file)
    twins = (first, second.model_copy(update={"name": first.name}))
    with pytest.raises(InputError, match="two dialogues are called 'log-q1-1'"):
        importable(twins, tmp_path / "runs")
