"""The recalling engine: what was answered once is never asked again."""

import asyncio

import pytest

from folkmoot.pool import Pool
from folkmoot.pool.recalled import Recalled, asked_as
from folkmoot.records import PoolError, Reply, Sampling


async def open_pool(pool):
    await pool.open(["smollm2"])
    return pool


async def test_a_stored_reply_takes_the_place_of_the_call_that_asks_again(make_call):
    stored = make_call(order=3, seat="doctor", purpose="other", about="M1")
    engine = Recalled(
        Pool.scripted(lambda call: "new"), [(stored, Reply.to(stored, "ok", text="old"))]
    )
    async with await open_pool(Pool([engine])) as pool:
        heard = []
        call = make_call(step=2, order=5)
        reply = await pool.answer(call, heard.append)
        assert (reply.text, heard) == ("old", ["old"])
        assert (reply.call, reply.seat, reply.purpose, reply.about) == (
            "c2.5",
            "nurse",
            "reason",
            None,
        )
    assert (engine.asked, engine.recalled) == ([], ["c2.5"])


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"op": "embed"},
        {"text": "Name a fruit."},
        {"options": (" a", " b")},
        {"json_schema": {"type": "string"}},
        {"sampling": Sampling(seed=7)},
        {"opening": "I"},
    ],
)
def test_whatever_a_model_sees_or_how_it_draws_makes_another_call(make_call, change):
    assert asked_as(make_call()) != asked_as(make_call(**change))


def test_where_a_call_stands_makes_no_other(make_call):
    for change in ({"step": 4}, {"order": 2}, {"round": 3}, {"seat": "ann"}, {"purpose": "vote"}):
        assert asked_as(make_call()) == asked_as(make_call(**change))


async def test_what_is_not_stored_is_asked_once_also_by_two_at_once(make_call):
    asked = []

    async def answer(call):
        asked.append(call)
        await asyncio.sleep(0.01)
        return "so"

    engine = Recalled(Pool.scripted(answer), [])
    async with await open_pool(Pool([engine])) as pool:
        calls = [make_call(order=order) for order in range(4)]
        replies = await asyncio.gather(*map(pool.answer, calls))
    assert [reply.text for reply in replies] == ["so"] * 4
    assert [reply.call for reply in replies] == [call.id for call in calls]
    assert len(asked) == len(engine.asked) == 1


async def test_what_an_engine_failed_at_is_asked_again(make_call):
    stored = [(make_call(), Reply.to(make_call(), "unavailable", error="gone"))]
    engine = Recalled(Pool.scripted(lambda call: "here"), stored)
    async with await open_pool(Pool([engine])) as pool:
        assert (await pool.answer(make_call())).text == "here"
    assert len(engine.asked) == 1


async def test_a_model_that_the_pool_does_not_know_is_named(make_call):
    inner = Pool.scripted(lambda call: "so", ["one"])
    with pytest.raises(PoolError, match="unknown model 'two'"):
        await Pool([Recalled(inner, [])]).open(["two"])


async def test_it_describes_what_is_behind_it(make_call):
    engine = Recalled(Pool.scripted(lambda call: "so"), [])
    async with await open_pool(Pool([engine])) as pool:
        (said,) = pool.describe()
        assert (said["kind"], said["replies"], said["behind"][0]["kind"]) == (
            "recalled",
            0,
            "scripted",
        )
        assert pool.replay == "exact"
