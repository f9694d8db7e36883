"""A step that waits for some of its seats: who is called off, what that costs, what is on record."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import Conduct, build, deliberate, serializer
from folkmoot.graphs.fan_in import Awaited, FanIns
from folkmoot.graphs.run import begin
from folkmoot.pool import Pool, Scripted
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.protocols import Debate, FanIn, Setting
from folkmoot.protocols.composed import Composed
from folkmoot.records import Call, Journal, Reply, Segment, Usage, audit, read_journal, verify

SCRIPT = Path(__file__).with_name("kill_composed.py")
SEATS, OPTIONS = ("ann", "bo", "cy", "di"), ("yes", "no")


def waiting_for(need: int | Literal["any", "all"] | None) -> Composed:
    """A blind vote with reasons that waits for `need` seats in each step."""
    parts = Debate(rounds=0, contest_claims=False).parts(Setting(SEATS, OPTIONS))
    wrapped = [
        FanIn(part, need) if need and getattr(part, "name", "") in ("stand", "speak") else part
        for part in parts
    ]
    return Composed(name="quick", parts=tuple(wrapped))


class Slow(Scripted):
    """Seats that take their time. An aborted call had cost 5 tokens.

    Attributes:
        cancelled: ids of the calls that were cancelled here.
        failing: whether di never answers.
    """

    def __init__(self, slow: tuple[str, ...]) -> None:
        super().__init__(self._say)
        self.slow, self.cancelled = slow, []
        self.failing = False

    async def _say(self, call: Call):
        if self.failing and call.seat == "di":
            return Reply.to(call, "unavailable", error="gone")
        try:
            await asyncio.sleep(60 if call.seat in self.slow else 0)
        except asyncio.CancelledError:
            self.cancelled.append(call.id)
            raise
        if call.op == "generate":
            return f"Reason of {call.seat}. More."
        return [0.9, 0.1] if call.options[0] == " yes" else [0.1, 0.9]

    async def spent(self, call):
        """Something, for a call that was cancelled."""
        cost = 5 if call.id in self.cancelled else 0
        return Usage(prompt=cost, cached=0, completion=0)


@pytest.mark.parametrize(
    ("need", "slow"),
    [
        (1, ("bo", "cy", "di")),
        ("any", ("bo", "cy", "di")),
        (2, ("cy", "di")),
        (3, ("di",)),
        (4, ()),
        ("all", ()),
    ],
)
async def test_a_step_goes_on_once_enough_seats_have_answered(panel, tmp_path, need, slow):
    engine = Slow(slow)
    began = time.monotonic()
    outcome = await deliberate(
        "Share?",
        panel(*SEATS),
        waiting_for(need),
        Pool([engine]),
        options=OPTIONS,
        record_dir=tmp_path,
    )
    assert time.monotonic() - began < 20
    late = [reply for reply in outcome.transcript.replies if reply.seat in slow]
    assert {reply.state for reply in late} <= {"unavailable"}
    had = "1 seat" if need in (1, "any") else f"{need} seats"
    assert all(reply.error == f"not waited for: {had} had answered" for reply in late)
    assert all(r.state == "ok" for r in outcome.transcript.replies if r.seat not in slow)
    stood = {each.seat: each.state for each in outcome.transcript.stands()}
    assert stood == {seat: "unavailable" if seat in slow else "valid" for seat in SEATS}
    asked = {call.id for call in engine.history if call.seat in slow}
    assert set(engine.cancelled) == asked, "every call that was sent is called off in the pool"
    aborted = outcome.ledger.aborted
    if not slow:
        assert aborted is None
    else:
        assert aborted is not None
        assert (aborted.calls, aborted.prompt) == (len(asked), 5 * len(asked))
    assert audit(outcome.transcript) == ()
    assert outcome.record is not None
    assert verify(outcome.record).ok


async def test_a_seat_that_fails_does_not_count_as_one_that_answered(panel, tmp_path):
    def say(call: Call):
        if call.seat == "ann":
            return Reply.to(call, "unavailable", error="gone")
        return "Reason. More." if call.op == "generate" else [0.9, 0.1]

    outcome = await deliberate(
        "Share?",
        panel(*SEATS),
        waiting_for(4),
        Pool.scripted(say),
        options=OPTIONS,
        record_dir=tmp_path,
    )
    heard = {reply.seat for reply in outcome.transcript.replies if reply.state == "ok"}
    assert heard == {"bo", "cy", "di"}, "it waited for all who could still answer"


async def test_ctrl_c_in_a_fan_in_pays_for_what_was_under_way(panel, tmp_path):
    engine = Slow(("bo", "cy", "di"))
    running = asyncio.create_task(
        deliberate(
            "Share?",
            panel(*SEATS),
            waiting_for(2),
            Pool([engine]),
            options=OPTIONS,
            record_dir=tmp_path,
            run_id="one",
        )
    )
    await asyncio.sleep(1)  # ann's replies are on record by then, the others' are on their way
    assert len(engine.history) == 8
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    view = read_journal(tmp_path / "one")
    assert view.pending == ()
    assert {a.call for a in view.aborts} == set(engine.cancelled)
    assert all(abort.usage == Usage(prompt=5, cached=0, completion=0) for abort in view.aborts)


async def test_requests_that_are_not_waited_for_are_aborted_on_the_server(
    panel, stub_url: str, tmp_path: Path
):
    """The stub computes a slow reply for as long as it is asked to: 30 s, unless aborted."""
    engine = VllmEngine("ward", stub_url, {"m": "stub"})

    def quick(call: Call):
        return "Reason. More." if call.op == "generate" else [0.9, 0.1]

    seats = Panel(Agent(name, model="fast" if name in ("ann", "bo") else "m") for name in SEATS)
    pool = Pool([engine, Scripted(quick, ["fast"])])
    await pool.open(["m", "fast"])
    before = await engine.counters()
    began = time.monotonic()

    async def late(call, on_text=None, run=""):
        await asyncio.sleep(0.5 if call.model == "fast" else 0)
        return await answer(call, on_text, run)

    answer, pool.answer = pool.answer, late
    outcome = await deliberate(
        "Share? [[slow 30]]",
        seats,
        waiting_for(2),
        pool,
        options=OPTIONS,
        record_dir=tmp_path,
    )
    assert time.monotonic() - began < 20
    spent, aborted = (await engine.counters()).since(before), outcome.ledger.aborted
    assert aborted is not None
    assert aborted.calls >= 4
    assert aborted.prompt == spent.prompt > 0, "what the server had computed is paid for"
    assert outcome.record is not None
    assert verify(outcome.record).ok
    await pool.close()


def test_a_run_killed_after_any_line_asks_nothing_again_and_ends_the_same(tmp_path):
    run = subprocess.run(
        [sys.executable, str(SCRIPT), "fan-in", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["wrong"] == {}
    assert said["kills"] == said["lines"] > 20


def call_of(seat: str, order: int, model: str = "m") -> Call:
    return Call(
        step=0,
        order=order,
        round=0,
        stage="stand",
        seat=seat,
        model=model,
        op="choose",
        purpose="stand",
        segments=(Segment(role="user", text="Share?"),),
        options=(" yes", " no"),
    )


def test_what_is_on_record_counts_from_the_start():
    calls = [call_of("ann", 0), call_of("ann", 1), call_of("bo", 2)]
    fan_ins = FanIns()
    known = {call.id: Reply.to(call, "ok") for call in calls[:2]}
    fan_ins.asked(0, Awaited.of(1, calls), known)
    over = fan_ins.over(calls[2])
    assert over is not None
    assert over.is_set()


def test_a_seat_has_answered_when_all_its_calls_are_and_no_reply_counts_twice():
    calls = [call_of("ann", 0), call_of("ann", 1), call_of("bo", 2)]
    fan_ins = FanIns()
    fan_ins.asked(0, Awaited.of(1, calls), {})
    over = fan_ins.over(calls[2])
    assert over is not None
    for _ in range(2):
        fan_ins.answered(Reply.to(calls[0], "ok"))
    assert not over.is_set()
    fan_ins.answered(Reply.to(calls[1], "ok"))
    assert over.is_set()


async def test_a_person_is_asked_only_once_no_model_can_make_up_the_number():
    calls = [call_of("ann", 0), call_of("bo", 1), call_of("cy", 2, "human")]
    for states, asked in ((("ok", "unavailable"), True), (("ok", "ok"), False)):
        fan_ins = FanIns()
        fan_ins.asked(0, Awaited.of(2, calls), {})
        needs = asyncio.create_task(fan_ins.needs_a_person(calls[2]))
        for call, state in zip(calls, states, strict=False):
            await asyncio.sleep(0)
            assert not needs.done()
            fan_ins.answered(Reply.to(call, state))
        assert await needs is asked


@pytest.mark.parametrize(("need", "asked"), [(2, 0), (3, 2)])
async def test_what_a_step_waits_for_is_in_a_checkpoint_too(tmp_path, need, asked):
    """cy is a person and di never answers. Each command goes to a new journal and conduct."""
    seats = Panel(Agent(name, model="human" if name == "cy" else "m") for name in SEATS)
    protocol, engine = waiting_for(need), Slow(("di",) if need == 2 else ())
    engine.failing = need == 3
    pool = Pool([engine])
    await pool.open(["m", "human"])
    opening = begin("Share?", seats, protocol, pool, OPTIONS, 0, None, "one")
    saver, thread = InMemorySaver(serde=serializer()), {"configurable": {"thread_id": "t"}}
    given: Any = {"records": ()}
    questions = 0
    while True:
        graph = build(protocol, Setting(SEATS, OPTIONS), checkpointer=saver)
        folder = tmp_path / "one"
        journal = Journal.resume(folder) if questions else Journal.create(folder, opening)
        with journal:
            await graph.ainvoke(given, thread, context=Conduct(journal, pool))
        state = await graph.aget_state(thread)
        if not state.interrupts:
            break
        questions += 1
        value = state.interrupts[0].value
        given = Command(resume="yes" if value["options"] else "So I say. More.")
    assert questions == asked
    replies = {r.seat: r.state for r in state.values["records"] if isinstance(r, Reply)}
    assert replies["cy"] == ("ok" if asked else "unavailable")
