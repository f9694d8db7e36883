"""The pool routes, waits for engines that are gone, and never fails for their faults."""

import asyncio
import time

import pytest

from folkmoot.pool import Pool, Scripted
from folkmoot.pool.admission import Room
from folkmoot.pool.replicas import Replicas
from folkmoot.records import CallRefused, EngineUnavailable, PoolError, Segment


class Slow(Scripted):
    """Promises less, and counts its starts and ends."""

    def __init__(self, *given, **fields):
        super().__init__(*given, **fields)
        self.started = self.closed = 0

    async def start(self, on_progress=None):
        self.started += 1

    async def close(self):
        self.closed += 1

    def describe(self):
        return super().describe() | {"replay": "statistical"}


async def test_a_call_goes_to_the_engine_of_its_model(make_call):
    one, two = Scripted(lambda _: "one", ["a"], name="one"), Slow(lambda _: "two", ["b"])
    unused = Slow(lambda _: "", ["c"])
    async with Pool([one, two, unused]) as pool:
        assert not pool.opened
        await pool.open(["a", "b", "a"])
        assert pool.opened
        texts = [(await pool.answer(make_call(model=model))).text for model in "ab"]
        assert texts == ["one", "two"]
        assert [each["name"] for each in pool.describe()] == ["one", "scripted"]
        assert pool.replay == "statistical", "the weakest promise counts"
        assert [ref.name for ref in pool.references(["b", "a", "b"])] == ["b", "a"]
        assert pool.window("a") == 1_000_000
        assert await pool.count("a", [Segment(role="user", text="two words")]) == 2
        assert (two.started, unused.started) == (1, 0)
    assert (two.closed, pool.opened) == (1, False)


async def test_an_unknown_model_is_named_with_what_is_known():
    with pytest.raises(PoolError) as fault:
        await Pool.embedded().open(["smollm2", "no such thing"])
    assert fault.value.message == "unknown model 'no such thing'"
    assert fault.value.hint == (
        "known here: smollm2, smollm2-clerk, smollm2-clerk-permissive, smollm2-base (packaged), "
        "any folder, any hub id such as org/name"
    )
    with pytest.raises(PoolError, match="known here: a, b"):
        await Pool.scripted(lambda _: "", models=["a", "b"]).open(["c"])


async def test_before_it_is_opened_it_says_so(make_call):
    with pytest.raises(PoolError, match="not open for model 'smollm2'"):
        await Pool.scripted(lambda _: "x").answer(make_call())


async def test_a_refusal_is_a_reply(make_call):
    async with Pool.scripted(lambda _: CallRefused("too long", "cut it")) as pool:
        await pool.open(["smollm2"])
        reply = await pool.answer(make_call())
    assert (reply.state, reply.error, reply.usage, reply.retries) == (
        "refused",
        "too long",
        None,
        0,
    )


async def test_an_engine_that_comes_back_answers_after_retries(make_call):
    faults = [EngineUnavailable("down"), EngineUnavailable("still down")]
    heard: list[str] = []
    async with Pool.scripted(lambda _: faults.pop() if faults else "back") as pool:
        await pool.open(["smollm2"])
        reply = await pool.answer(make_call(), heard.append)
    assert (reply.state, reply.text, reply.retries) == ("ok", "back", 2)


async def test_a_refusal_after_a_retry_counts_it(make_call):
    faults = [CallRefused("no"), EngineUnavailable("down")]
    async with Pool.scripted(lambda _: faults.pop()) as pool:
        await pool.open(["smollm2"])
        reply = await pool.answer(make_call())
    assert (reply.state, reply.retries) == ("refused", 1)


async def test_patience_ends(make_call):
    engine = Scripted(lambda _: EngineUnavailable("gone"))
    async with Pool([engine], patience_s=0.4) as pool:
        await pool.open(["smollm2"])
        began = time.monotonic()
        reply = await pool.answer(make_call())
    assert (reply.state, reply.error, reply.usage) == ("unavailable", "gone", None)
    assert 0.3 < time.monotonic() - began < 2
    assert reply.retries == len(engine.history) - 1 >= 2


async def test_cancelling_reaches_the_engine(make_call):
    aborted = asyncio.Event()

    async def wait(_):
        try:
            await asyncio.sleep(60)
        finally:
            aborted.set()
        return ""

    async with Pool.scripted(wait) as pool:
        await pool.open(["smollm2"])
        task = asyncio.create_task(pool.answer(make_call()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert aborted.is_set()


async def test_a_fault_of_the_script_is_no_fault_of_an_engine(make_call):
    async with Pool.scripted(lambda _: ValueError("a bug")) as pool:
        await pool.open(["smollm2"])
        with pytest.raises(ValueError, match="a bug"):
            await pool.answer(make_call())


async def test_an_engine_that_cannot_start_ends_the_start_of_the_others():
    class Broken(Slow):
        async def start(self, on_progress=None):
            raise PoolError("port 1 is in use")

    class Endless(Slow):
        async def start(self, on_progress=None):
            try:
                await asyncio.sleep(60)
            finally:
                self.closed += 1

    endless = Endless(lambda _: "", ["b"])
    pool = Pool([Broken(lambda _: "", ["a"]), endless])
    with pytest.raises(PoolError, match="port 1 is in use"):
        await pool.open(["a", "b"])
    assert (endless.closed, pool.opened) == (1, False)


async def test_runs_side_by_side_share_it_and_the_last_to_end_closes_it(make_call):
    engine = Slow(lambda _: "well")
    pool, first_done = Pool([engine]), asyncio.Event()

    async def first():
        async with pool.held(["smollm2"]):
            await asyncio.sleep(0)
        first_done.set()

    async def second():
        async with pool.held(["smollm2"]):
            await first_done.wait()
            return await pool.answer(make_call())

    _, reply = await asyncio.gather(first(), second())
    assert reply.text == "well"
    assert (engine.closed, pool.opened) == (1, False)


async def test_a_pool_in_a_block_is_kept_between_runs(make_call):
    engine = Slow(lambda _: "well")
    async with Pool([engine]) as pool:
        for _ in range(2):
            async with pool.held(["smollm2"]):
                await pool.answer(make_call())
        assert pool.opened
        assert engine.closed == 0
    assert (engine.closed, pool.opened) == (1, False)


async def test_what_cannot_be_made_ready_is_let_go(make_call):
    class Broken(Slow):
        async def start(self, on_progress=None):
            raise PoolError("it cannot start")

    engine = Broken(lambda _: "")
    pool = Pool([engine])
    with pytest.raises(PoolError, match="cannot start"):
        async with pool.held(["smollm2"]):
            pass
    assert engine.closed == 1


async def test_calls_that_wait_when_it_is_closed_end_at_once(make_call):
    class Gone(Scripted):
        closed = asyncio.Event()

        async def answer(self, call, on_text=None):
            await self.closed.wait()
            raise EngineUnavailable("no connection is open")

        async def close(self):
            self.closed.set()

    engine = Gone(lambda _: "", ["smollm2"])
    engine.room = Room(calls=2)
    pool = Pool([engine], patience_s=60)
    await pool.open(["smollm2"])
    tasks = [asyncio.create_task(pool.answer(make_call(order=n))) for n in range(10)]
    await asyncio.sleep(0.1)
    await pool.close()
    replies = await asyncio.wait_for(asyncio.gather(*tasks), 3)
    assert {(each.state, each.error) for each in replies} == {
        ("unavailable", "the pool was closed")
    }


def test_two_engines_for_one_model_are_an_error():
    """The second would never be asked, and nobody would see it."""
    engines = [Scripted(lambda _: "", ["a", "b"], name="one"), Scripted(lambda _: "", ["b"])]
    with pytest.raises(PoolError, match="two engines answer for 'b': 'one' and 'scripted'"):
        Pool(engines)
    Pool([Replicas("both", [Scripted(lambda _: "", ["a"]) for _ in range(2)])])
