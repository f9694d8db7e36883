"""The scripted engine: what the function says, in the form the call asks for."""

import asyncio
import math

import pytest

from folkmoot.pool import Scripted
from folkmoot.records import EngineUnavailable, Reply


async def test_text_with_usage_by_words_and_a_history(make_call):
    engine = Scripted(lambda call: f" {call.seat} speaks\n")
    pieces: list[str] = []
    call = make_call("Which of the two?")
    reply = await engine.answer(call, pieces.append)
    assert (reply.state, reply.text, reply.engine) == ("ok", "nurse speaks", "scripted")
    assert (reply.usage.prompt, reply.usage.cached, reply.usage.completion) == (7, None, 2)
    assert await engine.count("smollm2", call.segments) == 7
    assert (engine.history, pieces) == ([call], ["nurse speaks"])


async def test_silence_is_empty(make_call):
    assert (await Scripted(lambda _: " \n").answer(make_call())).state == "empty"


async def test_probabilities_become_logarithms(make_call):
    call = make_call(op="choose", options=(" yes", " no"))
    reply = await Scripted(lambda _: (0.25, 0.0)).answer(call)
    assert reply.logprobs == (round(math.log(0.25), 6), -9999.0)


async def test_a_vector_a_reply_and_a_coroutine_pass_through(make_call):
    assert (await Scripted(lambda _: [0.6, 0.8]).answer(make_call(op="embed"))).vector == (0.6, 0.8)
    whole = Reply.to(make_call(), "cut_off", text="so far")
    assert await Scripted(lambda _: whole).answer(make_call()) is whole

    async def slowly(call):
        await asyncio.sleep(0)
        return "late"

    assert (await Scripted(slowly).answer(make_call())).text == "late"


async def test_an_exception_is_raised_returned_or_not(make_call):
    def gone(_):
        raise EngineUnavailable("gone")

    for script in (gone, lambda _: EngineUnavailable("gone")):
        with pytest.raises(EngineUnavailable):
            await Scripted(script).answer(make_call())


async def test_numbers_are_no_text(make_call):
    with pytest.raises(TypeError, match="generate"):
        await Scripted(lambda _: (0.5, 0.5)).answer(make_call())


def test_it_says_that_asking_again_gives_the_same():
    said = Scripted(lambda _: "").describe()
    assert (said["seeds"], said["batch_invariant"], said["replay"]) == (True, True, "exact")


def test_it_answers_for_given_models_or_for_any():
    assert Scripted(lambda _: "").adopt("whatever")
    limited = Scripted(lambda _: "", ["a"])
    assert (limited.adopt("a"), limited.adopt("b"), limited.models) == (True, False, ("a",))
