"""Replicas: a prompt goes where its beginning is, and one that fails is passed over."""

import asyncio

import pytest

from folkmoot.pool import Pool
from folkmoot.pool.admission import Room
from folkmoot.pool.replicas import Replicas
from folkmoot.pool.scripted import Scripted
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.records import CallRefused, EngineRefused, EngineUnavailable, PoolError, Segment

MODELS = ["smollm2"]


def transcript(question: str, *said: str, own: str) -> dict:
    """The segments of a prompt: the question, what was said so far, and the seat's own part."""
    texts = [("system", "Rules."), ("user", question), *(("user", each) for each in said)]
    return {
        "segments": tuple(Segment(role=role, text=text) for role, text in (*texts, ("user", own)))
    }


def replicas(count: int = 2, **settings) -> tuple[Replicas, list[Scripted]]:
    engines = [
        Scripted(lambda _: "yes", MODELS, name=f"base-{number + 1}", **settings)
        for number in range(count)
    ]
    return Replicas("base", engines), engines


async def test_every_round_of_a_deliberation_goes_to_the_replica_that_has_its_transcript(make_call):
    pool, engines = replicas()
    for question in ("Q1 " * 50, "Q2 " * 50):
        for round_no in range(4):
            said = [f"{question} message {n}" for n in range(round_no)]
            for seat in ("ann", "bo", "cy"):
                await pool.answer(make_call(**transcript(question, *said, own=seat)))
    where = [{call.segments[1].text[:2] for call in engine.history} for engine in engines]
    assert sorted(map(sorted, where)) == [["Q1"], ["Q2"]]
    assert [len(engine.history) for engine in engines] == [12, 12]


async def test_adapters_do_not_share_what_is_held(make_call):
    one = Scripted(lambda _: "yes", ["a", "b"], name="one")
    two = Scripted(lambda _: "yes", ["a", "b"], name="two")
    pool = Replicas("both", [one, two])
    await pool.answer(make_call(model="a"))
    await pool.answer(make_call(model="b"))
    assert [len(one.history), len(two.history)] == [1, 1], "another model's cache is of no use"


async def test_a_slow_replica_is_waited_for_by_few(make_call):
    """However much of the prompts it holds: what goes to it is bounded by its room."""
    release = asyncio.Event()

    async def slow(_):
        await release.wait()
        return "late"

    stuck = Scripted(slow, MODELS, name="stuck")
    quick = Scripted(lambda _: "yes", MODELS, name="quick", delay_s=0.001)
    for engine in (stuck, quick):
        engine.room = Room(calls=6)
    async with Pool([Replicas("base", [stuck, quick])]) as pool:
        await pool.open(MODELS)
        tasks = [asyncio.create_task(pool.answer(make_call(), run=f"r{n}")) for n in range(60)]
        await asyncio.sleep(0.5)
        assert len([task for task in tasks if task.done()]) >= 60 - 6
        assert 0 < len(stuck.history) <= 6
        release.set()
        assert {reply.engine for reply in await asyncio.gather(*tasks)} == {"stuck", "quick"}


async def test_one_that_fails_hands_its_call_to_another_and_is_passed_over(make_call):
    down = True

    def broken(_):
        return EngineUnavailable("killed") if down else "back"

    bad = Scripted(broken, MODELS, name="bad")
    good = Scripted(lambda _: "yes", MODELS, name="good")
    pool = Replicas("base", [bad, good])
    replies = [await pool.answer(make_call(f"Question {n}?")) for n in range(12)]
    assert {reply.engine for reply in replies} == {"good"}
    moved = [reply for reply in replies if reply.retries]
    assert 1 <= len(moved) <= 4
    assert moved[0].retried_for == ("killed",)
    assert len(bad.history) == len(moved), "not asked for every call"
    down = False
    await asyncio.sleep(0.6)
    later = [await pool.answer(make_call(f"Another {n}?")) for n in range(12)]
    assert "bad" in {reply.engine for reply in later}, "it is back"


async def test_when_all_are_gone_the_pool_waits_and_goes_on(make_call):
    down = True

    def said(_):
        return EngineUnavailable("gone") if down else "yes"

    engines = [Scripted(said, MODELS, name=name) for name in ("one", "two")]
    async with Pool([Replicas("base", engines)], patience_s=10) as pool:
        await pool.open(MODELS)
        tasks = [asyncio.create_task(pool.answer(make_call(f"Q{n}?"))) for n in range(10)]
        await asyncio.sleep(0.3)
        down = False
        replies = await asyncio.wait_for(asyncio.gather(*tasks), 8)
    assert {reply.state for reply in replies} == {"ok"}
    assert len({id(task) for task in tasks}) == len(replies) == 10


async def test_a_refusal_is_not_asked_of_another(make_call):
    one, two = (Scripted(lambda _: CallRefused("too long"), MODELS) for _ in range(2))
    with pytest.raises(CallRefused, match="too long"):
        await Replicas("base", [one, two]).answer(make_call())
    assert len(one.history) + len(two.history) == 1


async def test_what_they_say_of_themselves():
    pool, engines = replicas(window=100)
    engines[1]._window = 80
    assert (pool.models, pool.window("smollm2"), pool.room) == (("smollm2",), 80, Room())
    assert await pool.count("smollm2", [Segment(role="user", text="two words")]) == 2
    described = pool.describe()
    assert (described["kind"], described["replay"]) == ("replicas", "exact")
    assert (described["seeds"], described["batch_invariant"]) == (True, True)
    assert [each["name"] for each in described["replicas"]] == ["base-1", "base-2"]
    for engine in engines:
        engine.room = Room(4, 100)
    assert pool.room == Room(8, 200)


async def test_what_is_not_known_of_one_is_not_said_of_all():
    def served(name: str, invariant: bool | None) -> VllmEngine:
        url = "http://127.0.0.1:1"
        return VllmEngine(name, url, {"m": "m"}, seeds=True, batch_invariant=invariant)

    said = Replicas("base", [served("one", True), served("two", None)]).describe()
    assert (said["seeds"], said["replay"]) == (True, "statistical")
    assert "batch_invariant" not in said
    said = Replicas("base", [served("one", True), served("two", False)]).describe()
    assert (said["batch_invariant"], said["replay"]) == (False, "statistical")
    said = Replicas("base", [served("one", True), served("two", True)]).describe()
    assert (said["batch_invariant"], said["replay"]) == (True, "exact")


async def test_one_that_cannot_start_is_named():
    class Broken(Scripted):
        async def start(self, on_progress=None):
            raise PoolError("port 1 is in use")

    pool = Replicas("base", [Scripted(lambda _: "", MODELS), Broken(lambda _: "", MODELS)])
    with pytest.raises(PoolError, match="port 1 is in use"):
        await pool.start()


async def test_one_that_does_not_accept_the_key_costs_no_call(make_call):
    locked = Scripted(lambda _: EngineRefused("401: no key"), MODELS, name="locked")
    good = Scripted(lambda _: "yes", MODELS, name="good")
    async with Pool([Replicas("base", [locked, good])], patience_s=1) as pool:
        await pool.open(MODELS)
        calls = [make_call(f"Question {n}?") for n in range(12)]
        replies = await asyncio.gather(*(pool.answer(call) for call in calls))
    assert {(reply.state, reply.engine) for reply in replies} == {("ok", "good")}
    assert "401: no key" in {why for reply in replies for why in reply.retried_for}


async def test_where_none_accepts_the_key_a_call_is_refused_at_once(make_call):
    engines = [Scripted(lambda _: EngineRefused("401: no key"), MODELS) for _ in range(2)]
    async with Pool([Replicas("base", engines)], patience_s=60) as pool:
        await pool.open(MODELS)
        for n in range(8):  # also once the breaker of each is open
            reply = await asyncio.wait_for(pool.answer(make_call(f"Question {n}?")), 1)
            assert (reply.state, reply.error) == ("refused", "401: no key")


async def test_one_that_was_busy_still_holds_what_it_was_sent(make_call):
    """Only who has lost its connection may have lost its cache."""
    faults: list[EngineUnavailable] = []
    engines = [
        Scripted(lambda _: faults.pop() if faults else "yes", MODELS, name=name)
        for name in ("one", "two")
    ]
    pool = Replicas("base", engines)
    prompt = transcript("Q " * 50, own="ann")
    first = (await pool.answer(make_call(**prompt))).engine
    faults.append(EngineUnavailable("429", alive=True))
    assert (await pool.answer(make_call(**prompt))).engine != first
    # Both were sent it now; of what the first alone was sent before:
    assert all(each.held for each in pool._replicas)
    faults.append(EngineUnavailable("reset"))
    await pool.answer(make_call(**prompt))
    assert [bool(each.held) for each in pool._replicas].count(False) == 1
