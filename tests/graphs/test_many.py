"""Many deliberations side by side: bounded, without a barrier, each with a record of its own."""

import asyncio
import itertools
import os

import pytest

from folkmoot.graphs import (
    Answered,
    Question,
    deliberate_many,
    deliberate_many_sync,
    resume,
    resume_sync,
)
from folkmoot.pool import Pool
from folkmoot.protocols import BlindVote
from folkmoot.records import GraphError, verify

OPTIONS = ("yes", "no")


def question_of(call) -> str:
    text = next(each.text for each in call.segments if each.label == "question")
    return text.removeprefix("Question: ").strip()


class Flights:
    """Answers in its own time, and counts which questions are in flight."""

    def __init__(self, slow: str = "") -> None:
        self.slow, self.flying, self.most = slow, {}, 0
        self.released = asyncio.Event()

    async def __call__(self, call):
        asked = question_of(call)
        self.flying[asked] = self.flying.get(asked, 0) + 1
        self.most = max(self.most, sum(1 for flying in self.flying.values() if flying))
        await (self.released.wait() if asked == self.slow else asyncio.sleep(0.02))
        self.flying[asked] -= 1
        return "So." if call.op == "generate" else [0.9, 0.1]


async def test_no_more_than_at_once_and_no_fewer(panel, tmp_path):
    flights = Flights()
    outcomes = [
        outcome
        async for outcome in deliberate_many(
            [f"Question {n}?" for n in range(9)],
            panel("ann", "bo"),
            BlindVote(),
            Pool.scripted(flights),
            options=OPTIONS,
            at_once=3,
            record_dir=tmp_path,
        )
    ]
    assert flights.most == 3
    asked = {outcome.transcript.opening.question for outcome in outcomes}
    assert asked == {f"Question {n}?" for n in range(9)}
    assert all(verify(outcome.record).ok for outcome in outcomes)


async def test_one_slow_question_holds_nobody_up(panel, tmp_path):
    flights, ended = Flights(slow="Slow?"), []
    async for outcome in deliberate_many(
        ["Slow?", *(f"Quick {n}?" for n in range(6))],
        panel("ann"),
        BlindVote(),
        Pool.scripted(flights),
        options=OPTIONS,
        at_once=2,
        record_dir=tmp_path,
    ):
        ended.append(outcome.transcript.opening.question)
        if len(ended) == 6:
            flights.released.set()
    assert ended == [*(f"Quick {n}?" for n in range(6)), "Slow?"]


async def test_questions_are_taken_up_only_as_places_become_free(panel, tmp_path):
    taken = itertools.count()
    questions = (f"Question {next(taken)}?" for _ in itertools.count())
    many = deliberate_many(
        questions,
        panel("ann"),
        BlindVote(),
        Pool.scripted(Flights()),
        options=OPTIONS,
        at_once=2,
        record_dir=tmp_path,
    )
    seen = [await anext(many) for _ in range(4)]
    await many.aclose()
    assert len(seen) == 4
    assert next(taken) <= 4 + 2 * 2


async def test_who_stops_listening_leaves_runs_that_resume(panel, tmp_path):
    flights = Flights(slow="Slow?")
    many = deliberate_many(
        ["Slow?", "Quick?"],
        panel("ann", "bo"),
        BlindVote(),
        Pool.scripted(flights),
        options=OPTIONS,
        at_once=2,
        record_dir=tmp_path,
    )
    quick = await anext(many)
    await many.aclose()
    (slow,) = (folder for folder in tmp_path.iterdir() if folder != quick.record)
    assert verify(slow).status == "unfinished"
    assert (await resume(slow, Pool.scripted(Flights()))).status == "complete"
    assert verify(slow).ok


async def test_a_faulty_question_stops_the_others_which_resume(panel, tmp_path):
    many = deliberate_many(
        [Question("Slow?", OPTIONS, "first"), Question("Bad?", ("yes",), "second")],
        panel("ann"),
        BlindVote(),
        Pool.scripted(Flights(slow="Slow?")),
        record_dir=tmp_path,
    )
    with pytest.raises(GraphError, match="at least two options"):
        await anext(many)
    assert [folder.name for folder in tmp_path.iterdir()] == ["first"]
    assert (await resume(tmp_path / "first", Pool.scripted(Flights()))).status == "complete"


async def test_each_run_draws_a_seed_of_its_own_and_the_same_again(panel, tmp_path):
    async def seeds(seed: int, folder) -> dict[str, int]:
        many = deliberate_many(
            ["One?", "Two?", Question("Three?", None)],
            panel("ann"),
            BlindVote(),
            Pool.scripted(Flights()),
            options=OPTIONS,
            seed=seed,
            record_dir=folder,
        )
        openings = [outcome.transcript.opening async for outcome in many]
        return {opening.question: opening.seed for opening in openings}

    first, again = await seeds(1, tmp_path / "a"), await seeds(1, tmp_path / "b")
    other = await seeds(2, tmp_path / "c")
    assert first == again
    assert len({*first.values(), *other.values()}) == 6


async def test_a_watcher_hears_them_all(panel, tmp_path):
    heard = []
    many = deliberate_many(
        ["One?", "Two?"],
        panel("ann"),
        BlindVote(),
        Pool.scripted(Flights()),
        options=OPTIONS,
        record_dir=tmp_path,
        watch=lambda event: heard.append(event),
    )
    outcomes = [outcome async for outcome in many]
    answered = [event for event in heard if isinstance(event, Answered)]
    assert len(answered) == sum(len(outcome.transcript.replies) for outcome in outcomes)
    for outcome in outcomes:
        mine = [event for event in answered if event.run == outcome.transcript.opening.run_id]
        assert len(mine) == len(outcome.transcript.replies), "each event names its run"


async def test_nothing_at_once_is_refused(panel, tmp_path):
    with pytest.raises(ValueError, match="at_once is 0"):
        await anext(deliberate_many([], panel("ann"), BlindVote(), Pool.scripted(str), at_once=0))


def test_without_an_event_loop_they_all_come_at_the_end(panel, tmp_path):
    outcomes = deliberate_many_sync(
        ["One?", "Two?"],
        panel("ann"),
        BlindVote(),
        Pool.scripted(Flights()),
        options=OPTIONS,
        record_dir=tmp_path,
    )
    assert {outcome.transcript.opening.question for outcome in outcomes} == {"One?", "Two?"}
    again = resume_sync(outcomes[0].record, Pool.scripted(Flights()))
    assert again.answer == outcomes[0].answer


async def test_the_disk_can_be_made_to_confirm_each_reply(panel, tmp_path, monkeypatch):
    confirmed = []
    monkeypatch.setattr(os, "fsync", lambda number: confirmed.append(number))

    async def confirmations(sync):
        confirmed.clear()
        given = {"options": OPTIONS, "record_dir": tmp_path, "sync": sync}
        pool = Pool.scripted(Flights())
        many = deliberate_many(["One?"], panel("ann"), BlindVote(), pool, **given)
        (outcome,) = [outcome async for outcome in many]
        return len(confirmed), len(outcome.transcript.replies)

    (few, _), (many, replies) = await confirmations(False), await confirmations(True)
    assert many >= few + replies
