"""The replay engine answers from a record and from nothing else."""

import pytest

from folkmoot.pool import Pool
from folkmoot.pool.replay import Replay
from folkmoot.records import CallRefused, RecordError, Reply


async def test_a_call_gets_the_reply_of_the_record(make_call):
    first, second = make_call(order=0), make_call(order=1)
    replies = [Reply.to(first, "ok", text="one"), Reply.to(second, "empty")]
    engine = Replay(replies)
    heard: list[str] = []
    assert [await engine.answer(call, heard.append) for call in (second, first)] == replies[::-1]
    assert heard == ["one"]


async def test_nothing_else_is_answered(make_call):
    engine = Replay([Reply.to(make_call(), "ok", text="one")])
    with pytest.raises(CallRefused, match=r"no reply to call c0\.5"):
        await engine.answer(make_call(order=5))
    for other in ({"seat": "doctor"}, {"purpose": "vote"}, {"about": "M3"}):
        with pytest.raises(CallRefused, match=r"the record's reply to c0\.0"):
            await engine.answer(make_call(**other))


async def test_a_pool_of_it_stands_for_any_model_and_replays_exactly(make_call):
    reply = Reply.to(make_call(), "ok", text="one")
    async with Pool.recorded([reply]) as pool:
        await pool.open(["smollm2", "org/other"])
        assert await pool.answer(make_call()) == reply
        assert (await pool.answer(make_call(order=1))).state == "refused"
        assert pool.replay == "exact"
        (said,) = pool.describe()
        assert (said["seeds"], said["batch_invariant"]) == (True, True)


def test_a_folder_without_a_record_is_no_record(tmp_path):
    with pytest.raises(RecordError):
        Pool.recorded(tmp_path)
