"""The engine over a vLLM server's HTTP, against a stub in a process of its own."""

import asyncio
import re
import socket
from collections.abc import Callable

import pytest

from folkmoot.pool.engine import Progress
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.flights import Aborted
from folkmoot.pool.vllm.http import Http
from folkmoot.pool.vllm.metrics import Counters
from folkmoot.records import (
    Call,
    CallRefused,
    EngineUnavailable,
    PoolError,
    Sampling,
    Segment,
    Usage,
)

MakeCall = Callable[..., Call]
MODELS = {"nurse-7b": "stub"}


@pytest.fixture
async def engine(stub_url: str):
    engine = VllmEngine("ward", stub_url, MODELS, connections=8, timeout_s=20)
    await engine.start()
    yield engine
    await engine.close()


@pytest.fixture
def ask(make_call: MakeCall) -> MakeCall:
    def make(text: str = "Well?", **fields) -> Call:
        return make_call(text, **({"model": "nurse-7b"} | fields))

    return make


async def stub_says(engine: VllmEngine, name: str) -> int:
    http = Http(engine.describe()["url"])
    await http.open()
    text = (await http.get("/metrics")).decode()
    await http.close()
    found = re.search(rf"stub:{name} (\d+)", text)
    assert found is not None
    return int(found[1])


async def test_a_text_comes_with_its_usage_and_its_engine(engine: VllmEngine, ask: MakeCall):
    reply = await engine.answer(ask(seat="nurse", order=3))
    assert reply.text == "Because the duty of care comes first, yes."
    assert (reply.state, reply.finish, reply.engine) == ("ok", "stop", "ward")
    assert reply.usage == Usage(prompt=40, cached=16, completion=8)
    assert (reply.call, reply.seat) == ("c0.3", "nurse")
    assert reply.took_ms is not None


async def test_a_text_that_the_limit_ended_is_cut_off_and_none_is_empty(
    engine: VllmEngine, ask: MakeCall
):
    assert (await engine.answer(ask("[[finish length]]"))).state == "cut_off"
    reply = await engine.answer(ask("[[text  ]] [[finish length]]"))
    assert (reply.state, reply.text) == ("empty", "")


async def test_streaming_gives_the_pieces_and_then_the_same_reply(
    engine: VllmEngine, ask: MakeCall
):
    pieces: list[str] = []
    streamed = await engine.answer(ask(), pieces.append)
    whole = await engine.answer(ask())
    assert len(pieces) == 8
    assert "".join(pieces) == whole.text
    assert streamed.model_copy(update={"took_ms": whole.took_ms}) == whole


async def test_options_are_weighed_in_their_order(engine: VllmEngine, ask: MakeCall):
    reply = await engine.answer(ask(op="choose", options=(" yes", " no"), opening="My answer:"))
    assert reply.logprobs == (-0.5, -1.5)
    assert reply.usage == Usage(prompt=40, cached=16, completion=1)
    assert reply.state == "ok"


async def test_options_that_begin_alike_are_refused(engine: VllmEngine, ask: MakeCall):
    with pytest.raises(CallRefused, match="' yes indeed' and ' yes of course' begin"):
        await engine.answer(ask(op="choose", options=(" yes indeed", " yes of course")))
    with pytest.raises(CallRefused, match="empty"):
        await engine.answer(ask(op="choose", options=("", " yes")))
    with pytest.raises(CallRefused, match="no options"):
        await engine.answer(ask(op="choose"))


async def test_a_vector_is_fetched_and_a_pair_is_refused(engine: VllmEngine, ask: MakeCall):
    assert (await engine.answer(ask(op="embed"))).vector == (0.6, 0.8)
    with pytest.raises(CallRefused, match="classifies single texts"):
        await engine.answer(ask(op="classify"))


@pytest.mark.parametrize("fault", ["[[status 503]]", "[[status 429]]", "[[drop]]", "[[garble]]"])
async def test_a_server_in_trouble_may_come_back(engine: VllmEngine, ask: MakeCall, fault: str):
    with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1"):
        await engine.answer(ask(fault))
    with pytest.raises(EngineUnavailable, match=r"127\.0\.0\.1"):
        await engine.answer(ask(fault), lambda _: None)
    assert (await engine.answer(ask())).state == "ok"


async def test_what_the_server_refuses_is_refused_in_its_own_words(
    engine: VllmEngine, ask: MakeCall
):
    with pytest.raises(CallRefused, match="answered 400: as asked: 400"):
        await engine.answer(ask("[[status 400]]"))


async def test_a_key_that_is_not_accepted_is_named_and_never_told(
    stub_url: str, ask: MakeCall, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WARD_KEY", "s3cret")
    url = stub_url.replace("http://", "http://someone:hidden@") + "/v1?token=hidden"
    engine = VllmEngine("ward", url, MODELS, key_env="WARD_KEY")
    await engine.start()
    with pytest.raises(CallRefused) as caught:
        await engine.answer(ask("[[status 401]]"))
    assert "WARD_KEY" in caught.value.hint
    told = f"{caught.value}{engine.describe()}"
    assert "s3cret" not in told
    assert "hidden" not in told
    await engine.close()


async def test_a_key_that_is_not_set_is_an_error_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.delenv("WARD_KEY", raising=False)
    engine = VllmEngine("ward", "http://127.0.0.1:9", MODELS, key_env="WARD_KEY")
    with pytest.raises(PoolError, match="'WARD_KEY' is not set"):
        await engine.start()


async def test_no_server_and_no_such_model_are_errors_at_the_start(stub_url: str):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(PoolError, match="does not answer"):
            await VllmEngine("ward", url, MODELS).start()
    engine = VllmEngine("ward", stub_url, {"nurse-7b": "other"})
    with pytest.raises(PoolError, match="does not serve 'other'") as caught:
        await engine.start()
    assert "'stub'" in caught.value.hint
    with pytest.raises(PoolError, match="no address"):
        VllmEngine("ward", "ftp://host", MODELS)


async def test_it_describes_itself_and_what_it_serves(engine: VllmEngine, stub_url: str):
    shown: list[Progress] = []
    await engine.start(shown.append)
    assert shown == [], "a second start does nothing"
    described = engine.describe()
    assert described["url"] == stub_url
    assert described["version"] == "0.0-stub"
    assert (described["seeds"], described["aborts"]) == (False, "measured")
    assert (described["replay"], "batch_invariant" in described) == ("statistical", False)
    assert engine.window("nurse-7b") == 4096
    assert engine.reference("nurse-7b").source == "served"
    assert engine.models == ("nurse-7b",)


async def test_a_call_for_another_model_or_without_prompt_is_refused(
    engine: VllmEngine, ask: MakeCall
):
    with pytest.raises(CallRefused, match="no model 'poet'"):
        await engine.answer(ask(model="poet"))
    with pytest.raises(CallRefused, match="no prompt"):
        await engine.answer(ask(segments=()))


async def test_connections_are_bounded_and_everyone_is_answered(engine: VllmEngine, ask: MakeCall):
    replies = await asyncio.gather(*(engine.answer(ask("[[slow 0.02]]")) for _ in range(60)))
    assert len(replies) == 60
    assert await stub_says(engine, "most_open") == 8 + 1, "eight, and the look itself"


async def test_the_ledger_equals_the_servers_count(engine: VllmEngine, ask: MakeCall):
    before = await engine.counters()
    calls = [ask(), ask(op="choose", options=("a", "b")), ask("[[finish length]]")]
    usages = [(await engine.answer(call)).usage for call in calls]
    assert usages == [Usage(prompt=40, cached=16, completion=n) for n in (8, 1, 8)]
    assert (await engine.counters()).since(before) == Counters(120, 48, 17)


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_cancelled_call_is_aborted_and_its_tokens_are_known(
    engine: VllmEngine, ask: MakeCall, streamed: bool
):
    before = await engine.counters()
    on_text = (lambda _: None) if streamed else None
    asked = asyncio.create_task(engine.answer(ask("[[slow 30]]"), on_text))
    await asyncio.sleep(0.1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await engine.settled()
    assert engine.aborted == Aborted(calls=1, prompt=40, cached=16, completion=3)
    assert (await engine.counters()).since(before) == Counters(40, 16, 3)


async def test_an_abort_that_overtakes_its_request_is_sent_again(engine: VllmEngine, ask: MakeCall):
    asked = [asyncio.create_task(engine.answer(ask("[[slow 30]]"))) for _ in range(8)]
    for _ in range(4):  # Just long enough for the requests to leave, not to arrive.
        await asyncio.sleep(0)
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    async with asyncio.timeout(5):
        await engine.settled()
    assert engine.aborted.calls == 8
    assert engine.aborted.unmeasured == 0


async def test_a_call_cancelled_before_it_left_cost_nothing(engine: VllmEngine, ask: MakeCall):
    first = [asyncio.create_task(engine.answer(ask("[[slow 0.3]]"))) for _ in range(8)]
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(engine.answer(ask()))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(*first)
    assert engine.aborted == Aborted()
    assert (await engine.counters()).prompt == 8 * 40


async def test_out_of_time_is_aborted_too(stub_url: str, ask: MakeCall):
    engine = VllmEngine("ward", stub_url, MODELS, timeout_s=0.1)
    await engine.start()
    with pytest.raises(EngineUnavailable, match=r"did not answer in 0\.1 s"):
        await engine.answer(ask("[[slow 30]]"))
    await engine.settled()
    assert engine.aborted.completion == 3
    await engine.close()


async def test_a_server_that_cannot_be_told_is_hung_up_on_and_the_call_is_counted(
    plain_stub_url: str, ask: MakeCall
):
    engine = VllmEngine("ward", plain_stub_url, MODELS)
    await engine.start()
    asked = asyncio.create_task(engine.answer(ask("[[slow 30]]")))
    await asyncio.sleep(0.1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await asyncio.sleep(0.1)
    assert await stub_says(engine, "closed_early") == 1
    assert engine.aborted == Aborted(calls=1, unmeasured=1)
    assert engine.describe()["aborts"] == "counted"
    await engine.close()


async def test_a_prompt_that_is_too_long_loses_segments_by_rank(engine: VllmEngine, ask: MakeCall):
    page = "word " * 1000
    segments = (
        Segment(role="user", text="Question. ", label="question"),
        Segment(role="user", text=page, drop=1, label="M1"),
        Segment(role="user", text=page, drop=2, label="M2"),
        Segment(role="user", text=page, drop=2, label="M3"),
        Segment(role="user", text=page, drop=1, label="M4"),
        Segment(role="assistant", text="My answer:"),
    )
    call = ask(segments=segments, sampling=Sampling(max_tokens=1500))
    reply = await engine.answer(call)
    assert reply.dropped == ("M2", "M3")
    roomy = await engine.answer(call.model_copy(update={"sampling": Sampling(max_tokens=60)}))
    assert roomy.dropped == (), "4000 words and the template fit, though 20000 bytes would not"
    with pytest.raises(CallRefused, match="window"):
        await engine.answer(ask(page * 5))


async def test_prompts_are_counted_with_their_template(engine: VllmEngine):
    segments = (Segment(role="user", text="two words"), Segment(role="user", text=" more"))
    assert await engine.count("nurse-7b", segments) == 4 + 3
    asked = await stub_says(engine, "requests")
    assert await engine.count("nurse-7b", segments) == 7
    assert await stub_says(engine, "requests") == asked + 1, "only the look itself"


async def test_it_is_unavailable_once_it_is_closed(engine: VllmEngine, ask: MakeCall):
    await engine.close()
    await engine.close()
    assert not await VllmEngine("ward", "http://127.0.0.1:9", MODELS).healthy()
    with pytest.raises(EngineUnavailable):
        await engine.answer(ask())
