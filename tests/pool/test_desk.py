"""The desk: a call is answered once, its time is known, and its engine's faults are told."""

import asyncio

from folkmoot.pool.admission import Room
from folkmoot.pool.desk import Desk
from folkmoot.pool.meter import Meter
from folkmoot.pool.scripted import Scripted
from folkmoot.records import EngineUnavailable, Reply, Timing


class Narrow(Scripted):
    """Takes few calls at once, and says how long each took."""

    room = Room(calls=2)
    flying = most = 0

    async def answer(self, call, on_text=None):
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            return (await super().answer(call, on_text)).model_copy(update={"took_ms": 20})
        finally:
            self.flying -= 1


async def test_an_engine_is_sent_what_it_has_room_for(make_call):
    engine = Narrow(lambda _: "yes", delay_s=0.02)
    desk = Desk(engine, patience_s=1)
    tasks = [asyncio.create_task(desk.answer(make_call(), None, f"run {n}")) for n in range(6)]
    await asyncio.sleep(0.01)
    assert desk.load[:2] == (2, 4)
    replies = await asyncio.gather(*tasks)
    assert engine.most == 2
    assert desk.load == (0, 0, "closed")
    waited = [reply.timing.waited for reply in replies]
    assert min(waited) < 15 <= max(waited)


async def test_the_parts_of_the_engines_time_add_up_to_it(make_call):
    desk = Desk(Narrow(lambda _: "yes", delay_s=0.05), patience_s=1)
    loop = asyncio.get_running_loop()
    began = loop.time()
    replies = await asyncio.gather(*(desk.answer(make_call(), None, "a") for _ in range(4)))
    wall_ms = 1000 * (loop.time() - began)
    parts = sum(reply.timing.engine for reply in replies)
    assert 95 <= parts <= wall_ms + 4, "two at a time, fifty milliseconds each"


async def test_what_was_measured_before_stays(make_call):
    said = Timing(waited=1, engine=2)

    def recorded(call):
        return Reply.to(call, "ok", text="yes", took_ms=3, timing=said)

    reply = await Desk(Scripted(recorded), 1).answer(make_call(), None, "")
    assert reply.timing == said
    assert (await Desk(Scripted(lambda _: "yes"), 1).answer(make_call(), None, "")).timing is None


async def test_a_reply_says_why_it_was_asked_again(make_call):
    faults = [EngineUnavailable("out of memory"), EngineUnavailable("no answer")]
    desk = Desk(Scripted(lambda _: faults.pop() if faults else "back"), patience_s=5)
    reply = await desk.answer(make_call(), None, "")
    assert (reply.retries, reply.retried_for) == (2, ("no answer", "out of memory"))


async def test_while_an_engine_is_gone_it_is_not_stormed(make_call):
    """Sixty calls, one second of patience: without the breaker each would ask five times."""
    engine = Scripted(lambda _: EngineUnavailable("gone"))
    desk = Desk(engine, patience_s=1.0)
    replies = await asyncio.gather(*(desk.answer(make_call(order=n), None, "") for n in range(60)))
    assert {reply.state for reply in replies} == {"unavailable"}
    assert {reply.error for reply in replies} == {"gone"}
    assert len(engine.history) <= 60 + 10, "each its first time, then one at a time"


async def test_all_go_on_when_it_is_back(make_call):
    down = True

    def said(_):
        return EngineUnavailable("gone") if down else "yes"

    engine = Scripted(said)
    desk = Desk(engine, patience_s=10)
    tasks = [asyncio.create_task(desk.answer(make_call(order=n), None, "")) for n in range(20)]
    await asyncio.sleep(0.3)
    down = False
    replies = await asyncio.wait_for(asyncio.gather(*tasks), 5)
    assert {reply.state for reply in replies} == {"ok"}
    assert len(engine.history) <= 20 + 10


async def test_a_call_that_fails_by_itself_does_not_keep_others_waiting(make_call):
    def said(call):
        return EngineUnavailable("500") if call.seat == "cy" else "yes"

    desk = Desk(Scripted(said), patience_s=1.0)
    failing = asyncio.create_task(desk.answer(make_call(seat="cy"), None, ""))
    for _ in range(20):
        assert (await desk.answer(make_call(seat="ann"), None, "")).state == "ok"
        await asyncio.sleep(0.01)
    assert (await failing).state == "unavailable"


def test_every_moment_is_split_evenly(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("folkmoot.pool.meter.time.monotonic", lambda: now[0])
    meter = Meter()
    first = meter.begin()
    now[0] = 2.0
    second = meter.begin()
    now[0] = 6.0
    assert meter.end(second) == 2.0
    now[0] = 7.0
    assert meter.end(first) == 2.0 + 2.0 + 1.0
    now[0] = 100.0
    idle = meter.begin()
    now[0] = 101.0
    assert meter.end(idle) == 1.0, "while nobody was on the way no time was used"


class Hanging(Scripted):
    """Out of time once, then silent for as long as it `hangs`."""

    hangs, asked = True, 0

    async def answer(self, call, on_text=None):
        self.asked += 1
        if self.asked == 1:
            raise EngineUnavailable("did not answer in 600 s", late=True)
        if self.hangs:
            await asyncio.sleep(3600)
        return await super().answer(call, on_text)


async def test_an_engine_that_hangs_is_given_up_when_patience_ends(make_call):
    engine = Hanging(lambda _: "yes")
    desk = Desk(engine, patience_s=1.2)
    reply = await asyncio.wait_for(desk.answer(make_call(), None, ""), 5)
    assert (reply.state, engine.asked) == ("unavailable", 2)
    assert "did not answer in" in (reply.error or "")


async def test_one_that_answers_others_is_slow_and_waited_for(make_call):
    class Slow(Hanging):
        async def answer(self, call, on_text=None):
            if call.seat == "ann":
                return Reply.to(call, "ok", text="quick")
            self.hangs = False
            if self.asked:
                await asyncio.sleep(2.0)
            return await super().answer(call, on_text)

    desk = Desk(Slow(lambda _: "yes"), patience_s=1.2)
    slow = asyncio.create_task(desk.answer(make_call(seat="bo"), None, ""))
    await asyncio.sleep(0.5)
    assert (await desk.answer(make_call(seat="ann"), None, "")).text == "quick"
    assert (await asyncio.wait_for(slow, 8)).state == "ok"


async def test_who_asks_to_be_left_alone_is_left_alone(make_call):
    faults = [EngineUnavailable("429", alive=True, wait_s=0.6)]
    desk = Desk(Scripted(lambda _: faults.pop() if faults else "back"), patience_s=5)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await desk.answer(make_call(), None, "")).state == "ok"
    assert loop.time() - began >= 0.6
    faults.append(EngineUnavailable("429", alive=True, wait_s=99_999.0))
    desk = Desk(Scripted(lambda _: faults.pop() if faults else "back"), patience_s=0.3)
    reply = await asyncio.wait_for(desk.answer(make_call(), None, ""), 3)
    assert reply.state in ("ok", "unavailable"), "no longer than patience lasts"


async def test_who_waits_when_it_is_closed_is_let_go_at_once(make_call):
    desk = Desk(Scripted(lambda _: EngineUnavailable("gone")), patience_s=60)
    tasks = [asyncio.create_task(desk.answer(make_call(order=n), None, "")) for n in range(20)]
    await asyncio.sleep(0.5)
    desk.close()
    replies = await asyncio.wait_for(asyncio.gather(*tasks), 2)
    assert {(each.state, each.error) for each in replies} == {
        ("unavailable", "the pool was closed")
    }
