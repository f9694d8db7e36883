"""A person in a seat: what they are asked, how the run waits, and how it goes on."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import Command

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import Conduct, build, deliberate, deliberate_many, resume, serializer
from folkmoot.graphs.human import Said, answer, choices, mirrored, reply_to, request, waiting
from folkmoot.pool import Pool
from folkmoot.protocols import BlindVote, Debate, Setting
from folkmoot.records import (
    Call,
    InputError,
    Journal,
    Sampling,
    Segment,
    Waiting,
    audit,
    load,
    read_journal,
    verify,
)

SCRIPT = Path(__file__).with_name("kill_composed.py")
OPTIONS = ("yes", "no")
DEBATE = Debate(rounds=1, contest_claims=False)


def panel_with(*people: str, **fields: Any) -> Panel:
    return Panel(
        Agent(name, model="human" if name in people else "m", **fields)
        for name in ("ann", "bo", "cy")
    )


def say(call: Call) -> str | list[float]:
    assert call.model == "m", "a person is never asked through the pool"
    if call.op == "generate":
        return f"Reason {call.id}. More."
    return [0.9, 0.1] if call.options[0] == " yes" else [0.1, 0.9]


async def begun(folder: Path, panel: Panel, **given: Any) -> Waiting:
    """A run as far as it comes without people."""
    with pytest.raises(Waiting) as caught:
        await deliberate(
            "Share?",
            panel,
            given.pop("protocol", DEBATE),
            Pool.scripted(say),
            options=given.pop("options", OPTIONS),
            record_dir=folder,
            run_id="one",
            **given,
        )
    return caught.value


def words(call: Call) -> Said:
    offered = choices(call)
    if not offered:
        return Said(text=f"My words for {call.id}. More.")
    return Said(choose="no" if "no" in offered else offered[0], text="so")


async def to_the_end(record: Path):
    """The outcome, once people have answered all that they are asked."""
    asked = 0
    while True:
        for call in waiting(read_journal(record)):
            answer(record, call.id, words(call))
            asked += 1
        try:
            return await resume(record, Pool.scripted(say)), asked
        except Waiting:
            continue


async def test_the_run_stops_with_everything_else_on_disk(tmp_path):
    stopped = await begun(tmp_path, panel_with("cy"))
    assert stopped.calls == ("c0.4",), "both orders of a choice are one question"
    assert "waits for cy (c0.4)" in stopped.message
    view = read_journal(tmp_path / "one")
    assert {reply.seat for reply in view.replies.values()} == {"ann", "bo"}
    assert len(view.replies) == 4
    assert [call.id for call in waiting(view)] == ["c0.4"]
    found = verify(tmp_path / "one")
    assert (found.ok, found.status) == (True, "unfinished")


async def test_it_ends_with_the_words_of_the_person(tmp_path):
    await begun(tmp_path, panel_with("cy"))
    outcome, asked = await to_the_end(tmp_path / "one")
    assert outcome.status == "complete"
    mine = [reply for reply in outcome.transcript.replies if reply.seat == "cy"]
    assert {reply.engine for reply in mine} == {"human"}
    assert asked < len(mine)
    turn = next(each for each in outcome.transcript.turns if each.seat == "cy")
    assert turn.text.startswith("My words")
    stance = outcome.transcript.stands(seat="cy")[0]
    assert (stance.choice, stance.probabilities) == ("no", {"yes": 0.0, "no": 1.0})
    assert outcome.ledger.seats["cy"].prompt == 0
    assert outcome.ledger.lost is None, "who is asked again in person is not lost"
    assert outcome.ledger.aborted is None
    assert audit(outcome.transcript) == ()
    assert verify(tmp_path / "one").ok
    replayed = Pool.recorded(tmp_path / "one")
    again = await deliberate(
        "Share?", panel_with("cy"), DEBATE, replayed, options=OPTIONS, record_dir=tmp_path
    )
    assert again.transcript.records == outcome.transcript.records, "a record answers for people"


async def test_resuming_without_an_answer_waits_again_and_asks_nobody_else(tmp_path):
    await begun(tmp_path, panel_with("cy"))
    nobody = Pool.scripted(lambda call: pytest.fail(f"asked {call.id}"))
    for _ in range(2):
        with pytest.raises(Waiting):
            await resume(tmp_path / "one", nobody)
    assert [call.id for call in waiting(read_journal(tmp_path / "one"))] == ["c0.4"]


async def test_many_runs_do_not_wait_for_the_one_with_a_person(tmp_path):
    outcomes = [
        outcome
        async for outcome in deliberate_many(
            ["Share?", "Keep?"],
            panel_with("cy"),
            DEBATE,
            Pool.scripted(say),
            options=OPTIONS,
            record_dir=tmp_path,
        )
    ]
    assert [outcome.status for outcome in outcomes] == ["incomplete", "incomplete"]


def test_a_run_with_two_people_killed_anywhere_asks_nobody_twice(tmp_path):
    run = subprocess.run(
        [sys.executable, str(SCRIPT), "people", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["wrong"] == {}
    assert said["kills"] > 10


def choosing(*options: str, labels: tuple[str, ...] = (), **fields: Any) -> Call:
    rows = "".join(f"{label}. {each}\n" for label, each in zip(labels, options, strict=False))
    task = f"Options:\n{rows}Which? Answer with the letter." if labels else "Which?"
    return Call(
        step=0,
        order=fields.pop("order", 0),
        round=0,
        stage="stand",
        seat="cy",
        model="human",
        op=fields.pop("op", "choose"),
        purpose="stand",
        segments=(
            Segment(role="user", text="Share?", label="question"),
            Segment(role="user", text=task, label="task"),
        ),
        options=tuple(f" {each}" for each in labels or options),
        **fields,
    )


LETTERED = choosing("keep all", "share some", "share all", labels=("A", "B", "C"))


def test_options_are_read_off_the_prompt():
    assert choices(LETTERED) == ("keep all", "share some", "share all")
    hidden = LETTERED.segments[1].text.replace("keep all", "keep Options:")
    spoilt = LETTERED.model_copy(
        update={"segments": (Segment(role="user", text=hidden, label="task"),)}
    )
    assert choices(spoilt) == ("keep Options:", "share some", "share all")


def test_the_question_shows_all_that_the_seat_sees_as_json():
    asked = json.loads(json.dumps(request(LETTERED, "one")))
    assert [each["text"] for each in asked["prompt"]] == [s.text for s in LETTERED.segments]
    assert asked["options"] == ["keep all", "share some", "share all"]
    assert (asked["call"], asked["seat"], asked["run"]) == ("c0.0", "cy", "one")


@pytest.mark.parametrize("meant", ["share some", "Share  SOME", "b", "B"])
def test_an_option_is_chosen_by_words_or_letter(meant):
    reply = reply_to(LETTERED, Said(choose=meant, text=" because\n"))
    assert reply.logprobs == (-9999.0, 0.0, -9999.0)
    assert reply.text == "because"


def test_a_stated_confidence_and_an_abstention_are_probabilities():
    sure = reply_to(LETTERED, Said(choose="A", confidence=0.6)).logprobs
    none = reply_to(LETTERED, Said(abstain=True)).logprobs
    assert sure is not None
    assert none is not None
    assert sure == pytest.approx((-0.510826, -1.609438, -1.609438))
    assert len(set(none)) == 1


def test_the_other_order_gets_the_same_answer():
    for labels in ((), ("A", "B", "C")):
        one = choosing("keep", "share", "wait", labels=labels)
        other = choosing("wait", "share", "keep", labels=labels, order=1)
        reply = mirrored(reply_to(one, Said(choose="keep", confidence=0.8)), one, other)
        assert reply.logprobs == (-2.302585, -2.302585, -0.223144)
        assert reply.call == "c0.1"


def test_messages_of_the_same_words_are_told_apart_by_their_place():
    one = choosing("same", "same", "none", labels=("A", "B", "C"))
    other = choosing("none", "same", "same", labels=("A", "B", "C"), order=1)
    chosen = reply_to(one, Said(choose="B", confidence=0.8))
    assert chosen.logprobs == (-0.223144, -2.302585, -2.302585), "by words: the first"
    assert mirrored(chosen, one, other).logprobs == (-2.302585, -2.302585, -0.223144)


SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "answer": {"type": "string", "enum": ["yes", "no", "abstain"]},
        "moved_by": {"type": "array", "items": {"type": "string", "enum": ["M1"]}},
    },
}


def test_a_stated_stance_is_filled_in():
    call = choosing(op="generate", json_schema=SCHEMA)
    said = json.loads(reply_to(call, Said("no", "It is “mine”.", cites=("M1", "M9"))).text)
    assert said == {"reason": "It is “mine”.", "answer": "no", "moved_by": ["M1"]}
    assert json.loads(reply_to(call, Said(abstain=True)).text)["answer"] == "abstain"


@pytest.mark.parametrize(
    ("call", "said", "fault"),
    [
        (LETTERED, Said(choose="all of it"), "none of the options"),
        (LETTERED, Said(), "nothing was chosen"),
        (LETTERED, Said(choose="D"), "none of the options"),
        (LETTERED, Said(choose="A", confidence=1.5), "confidence"),
        (choosing(op="generate"), Said(text=" \n"), "asks for words"),
        (choosing(op="generate"), Said(choose="A", text="x"), "nothing to choose from"),
        (choosing(op="generate", sampling=Sampling(max_tokens=2)), Said(text="123456789"), "room"),
        (choosing(op="embed"), Said(text="x"), "cannot answer"),
        (choosing(op="generate", json_schema=SCHEMA), Said(text="x"), "nothing was chosen"),
    ],
)
def test_what_is_no_answer_is_refused(call, said, fault):
    with pytest.raises(InputError, match=fault):
        reply_to(call, said)


@pytest.mark.parametrize("given", [7, {"pick": "yes"}, {"choose": 1}, {"text": ["x"]}])
def test_what_has_not_the_form_of_an_answer_is_refused(given):
    with pytest.raises(InputError):
        Said.of(given, LETTERED)


async def test_only_what_waits_can_be_answered(tmp_path):
    await begun(tmp_path, panel_with("cy"))
    before = load(tmp_path / "one").transcript.records
    for call in ("c0.0", "c0.5", "c9.9"):
        with pytest.raises(InputError, match="no call"):
            answer(tmp_path / "one", call, Said(choose="yes"))
    with pytest.raises(InputError, match="none of the options"):
        answer(tmp_path / "one", "c0.4", Said(choose="perhaps"))
    assert load(tmp_path / "one").transcript.records == before


async def interrupted(graph, thread, context) -> list[Any]:
    """The questions that wait, after running as far as it goes."""
    return list((await graph.aget_state(thread)).interrupts)


@pytest.mark.parametrize("store", ["memory", "sqlite"])
async def test_a_graph_with_a_checkpointer_interrupts_and_is_resumed_by_commands(
    panel, tmp_path, store
):
    """Two people in one step; each command goes to a new graph and journal, as after a kill."""
    straight = await begun(tmp_path, panel_with("bo", "cy"))
    opening = read_journal(straight.record).opening
    straight, _ = await to_the_end(tmp_path / "one")
    setting = Setting.of(opening)
    thread = {"configurable": {"thread_id": "t"}, "recursion_limit": 1000}
    memory = InMemorySaver(serde=serializer())
    given: Any = {"records": ()}
    folder, turns, widest = tmp_path / "checkpointed", 0, 0
    while True:
        async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "db")) as sqlite:
            sqlite.serde = serializer()
            saver = memory if store == "memory" else sqlite
            graph = build(DEBATE, setting, checkpointer=saver)
            pool = Pool.scripted(say)
            await pool.open(["m", "human"])
            begin = Journal.resume(folder) if turns else Journal.create(folder, opening)
            with begin as journal:
                await graph.ainvoke(given, thread, context=Conduct(journal, pool))
            state = await graph.aget_state(thread)
        if not state.interrupts:
            break
        turns += 1
        widest = max(widest, len(state.interrupts))
        asked = {each.id: each.value for each in state.interrupts}
        # One question at a time: the other waits on.
        one = min(asked, key=lambda each: asked[each]["call"])
        calls = {call.id: call for call in read_journal(folder).calls}
        said = words(calls[asked[one]["call"]])
        given = Command(resume={one: {"choose": said.choose, "text": said.text}})
    assert widest == 2
    assert tuple(state.values["records"]) == straight.transcript.records


async def test_an_answer_that_is_none_is_asked_for_again(tmp_path):
    opening = read_journal((await begun(tmp_path, panel_with("cy"))).record).opening
    graph = build(BlindVote(), Setting.of(opening), checkpointer=InMemorySaver(serde=serializer()))
    thread = {"configurable": {"thread_id": "t"}}
    pool = Pool.scripted(say)
    await pool.open(["m", "human"])
    with Journal.create(tmp_path / "two", opening) as journal:
        context = Conduct(journal, pool)
        await graph.ainvoke({"records": ()}, thread, context=context)
        await graph.ainvoke(Command(resume="perhaps"), thread, context=context)
        (asked,) = await interrupted(graph, thread, context)
        assert asked.value["fault"] == "'perhaps' is none of the options"
        await graph.ainvoke(Command(resume="no"), thread, context=context)
        assert not any(
            each.value["call"] == "c0.4" for each in await interrupted(graph, thread, context)
        )
