"""vLLM in this process, for real: a tiny model and an adapter on it, answered as transformers does."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from folkmoot.pool import Pool
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.rendering import messages
from folkmoot.pool.vllm.in_process import VllmInProcess
from folkmoot.records import Call, CallRefused, EngineUnavailable, Sampling, Segment, Usage, scrub

pytestmark = pytest.mark.vllm

Ask = Callable[..., Call]
OPTIONS = ("Yes", "No", "Maybe")
LONG = Sampling(max_tokens=300, temperature=1.0, seed=3)


@pytest.fixture(scope="module")
def folders(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model whose likeliest tokens are ASCII, and an adapter that changes what it says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    base, adapter = (tmp_path_factory.mktemp("models") / name for name in ("base", "adapter"))
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.save_pretrained(base)
    config = LlamaConfig.from_pretrained(tiny_model)
    config.update({"hidden_size": 128, "intermediate_size": 256, "num_attention_heads": 4})
    config.head_dim = 32
    torch.manual_seed(11)
    model = LlamaForCausalLM(config)
    odd = [at for token, at in tokenizer.get_vocab().items() if not token.isascii() or "<" in token]
    with torch.no_grad():
        model.lm_head.weight[odd] = 0.0
    model.save_pretrained(base)
    lora = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], init_lora_weights=False)
    get_peft_model(model, lora).save_pretrained(adapter)
    return base, adapter


@pytest.fixture(scope="module")
def engine(
    vllm_here: None, folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VllmInProcess]:
    """One engine for all tests, each of which has an event loop of its own."""
    base, adapter = map(str, folders)
    engine = VllmInProcess(
        "here",
        {"base": base, "adapted": Source(base=base, adapter=adapter)},
        window=448,
        kv_cache_gib=1,
        flags=("--dtype", "float32"),
        logs=tmp_path_factory.mktemp("vllm"),
    )
    asyncio.run(engine.start())
    yield engine
    asyncio.run(engine.close())


@pytest.fixture
def ask(make_call: Ask) -> Ask:
    def make(text: str = "Name a colour.", **fields: Any) -> Call:
        greedy = Sampling(max_tokens=20, temperature=0)
        return make_call(text, **({"model": "base", "sampling": greedy} | fields))

    return make


def choose(ask: Ask, **fields: Any) -> Call:
    return ask("Is snow white?", opening="My answer: ", op="choose", options=OPTIONS, **fields)


def reference(call: Call, folders: tuple[Path, Path]) -> tuple[str, list[float]]:
    """Greedy text and log-probabilities of the options, without vLLM."""
    import torch
    from peft import PeftModel
    from transformers import AutoTokenizer, LlamaForCausalLM

    base, adapter = folders
    tokenizer, model = AutoTokenizer.from_pretrained(base), LlamaForCausalLM.from_pretrained(base)
    if call.model == "adapted":
        model = PeftModel.from_pretrained(model, str(adapter))
    chat, opening = messages(call.segments)
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    tokens = tokenizer(text + opening, return_tensors="pt", add_special_tokens=False)
    with torch.no_grad():
        logits = model(**tokens).logits[0, -1]
        out = model.generate(**tokens, max_new_tokens=call.sampling.max_tokens, do_sample=False)
    said = tokenizer.decode(out[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True)
    firsts = [tokenizer.encode(option)[0] for option in call.options]
    return scrub(said).strip(), torch.log_softmax(logits, dim=-1)[firsts].tolist()


@pytest.mark.parametrize("model", ["base", "adapted"])
async def test_greedy_text_and_option_probabilities_are_the_models_own(
    engine: VllmInProcess, folders: tuple[Path, Path], ask: Ask, model: str
):
    generate, weigh = ask(model=model), choose(ask, model=model)
    text, _ = reference(generate, folders)
    _, expected = reference(weigh, folders)
    said, weighed = await asyncio.gather(engine.answer(generate), engine.answer(weigh))
    assert said.text == text
    assert weighed.logprobs == pytest.approx(expected, abs=0.05)
    assert said.usage is not None
    assert said.usage.prompt == await engine.count(model, generate.segments)
    assert said.usage.completion == 20
    assert weighed.usage is not None
    assert weighed.usage.completion == 1
    assert said.timing is not None
    assert said.timing.prefill is not None


async def test_each_is_answered_by_its_own_also_in_one_batch(engine: VllmInProcess, ask: Ask):
    models = ("base", "adapted")
    alone = {model: (await engine.answer(choose(ask, model=model))).logprobs for model in models}
    assert alone["base"] != pytest.approx(alone["adapted"], abs=0.1)
    together = [model for _ in range(6) for model in models]
    replies = await asyncio.gather(*(engine.answer(choose(ask, model=m)) for m in together))
    for model, reply in zip(together, replies, strict=True):
        assert reply.logprobs == pytest.approx(alone[model], abs=0.05), model


async def test_streamed_pieces_are_the_text_and_a_seed_repeats_it(engine: VllmInProcess, ask: Ask):
    warm = Sampling(max_tokens=20, temperature=1.0, seed=5)
    pieces: list[str] = []
    first = await engine.answer(ask(sampling=warm), pieces.append)
    assert len(pieces) > 1
    assert scrub("".join(pieces)).strip() == first.text
    again = await engine.answer(ask(sampling=warm))
    assert first.text == again.text
    other = await engine.answer(ask(sampling=warm.model_copy(update={"seed": 6})))
    assert other.text != first.text


async def test_a_schema_holds(engine: VllmInProcess, ask: Ask):
    reply = await engine.answer(ask(json_schema={"enum": ["yes", "no"]}))
    assert reply.text in ('"yes"', '"no"')
    with pytest.raises(CallRefused, match="refuses the request"):
        await engine.answer(ask(json_schema={"type": "no such type"}))


async def test_a_prompt_too_long_loses_segments(engine: VllmInProcess, ask: Ask):
    pages = [Segment(role="user", text="x" * 150, label=f"M{n}", drop=n) for n in (1, 2, 3)]
    call = ask(segments=(Segment(role="user", text="Listen. ", label="question"), *pages))
    reply = await engine.answer(call)
    assert reply.dropped == ("M3",)
    with pytest.raises(CallRefused, match="needs"):
        await engine.answer(ask("x" * 500))


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_cancelled_call_stops_and_tells_its_cost(
    engine: VllmInProcess, ask: Ask, streamed: bool
):
    heard = asyncio.Event()
    call, before = ask(sampling=LONG), engine.aborted
    asked = asyncio.create_task(engine.answer(call, (lambda _: heard.set()) if streamed else None))
    await (heard.wait() if streamed else asyncio.sleep(0.5))
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    spent = await engine.spent(call)
    assert spent is not None
    assert 0 < spent.completion < 300
    assert spent.prompt == await engine.count("base", call.segments)
    assert engine.aborted.calls == before.calls + 1
    assert engine.aborted.completion == before.completion + spent.completion
    assert await busy_s() < 0.3, "it goes on computing behind our back"
    assert await engine.spent(call) == Usage(prompt=0, cached=0, completion=0), "told once"


async def test_what_it_has_not_is_refused(engine: VllmInProcess, ask: Ask):
    for op in ("embed", "classify"):
        with pytest.raises(CallRefused):
            await engine.answer(ask(op=op))
    with pytest.raises(CallRefused, match="no model"):
        await engine.answer(ask(model="nobody"))


async def test_it_says_what_it_is(engine: VllmInProcess):
    said = engine.describe()
    assert said["kind"] == "vllm-in-process"
    assert said["device"] in ("cpu", "gpu")
    assert said["dtype"] == "float32"
    invariant = said["device"] == "gpu" and os.environ.get("VLLM_BATCH_INVARIANT") == "1"
    assert (said["seeds"], said["batch_invariant"]) == (True, invariant)
    assert said["replay"] == ("exact" if invariant else "statistical")
    assert engine.window("adapted") == 448
    assert engine.reference("adapted").adapter_sha256
    assert engine.room.calls == 64 or said["device"] == "gpu"
    assert engine.room.tokens


async def test_killed_under_a_call_it_is_started_again_and_nothing_is_lost(
    engine: VllmInProcess, ask: Ask
):
    pool = Pool([engine], patience_s=400)
    await pool.open(["base"])
    before = await pool.answer(ask())
    asked = asyncio.create_task(pool.answer(ask(sampling=LONG)))
    await asyncio.sleep(0.5)
    killed = engine_processes()
    for child in killed:
        os.kill(child, signal.SIGKILL)
    reply = await asked
    assert reply.state in ("ok", "cut_off")
    assert reply.retries >= 1
    assert "vLLM's engine in this process" in reply.retried_for[0]
    there = engine_processes()
    assert there
    assert not set(killed) & set(there)
    after = await pool.answer(ask())
    assert (after.text, after.retries) == (before.text, 0)


async def test_killed_it_is_gone_and_closed_it_leaves_nothing(engine: VllmInProcess, ask: Ask):
    """Last of all: it ends the engine that the other tests share."""
    asked = asyncio.create_task(engine.answer(ask(sampling=LONG)))
    await asyncio.sleep(0.5)
    for child in engine_processes():
        os.kill(child, signal.SIGKILL)
    with pytest.raises(EngineUnavailable):
        await asked
    await engine.close()
    assert not engine_processes()
    assert not [each for each in threading.enumerate() if each.name == "vllm-in-process"]
    with pytest.raises(EngineUnavailable, match="not running"):
        await engine.answer(ask())


def engine_processes() -> list[int]:
    """Children of this process that vLLM computes in."""
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = [int(pid) for listed in found for pid in listed.read_text().split()]
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
    return [pid for pid, line in lines.items() if b"VLLM" in line or b"spawn_main" in line]


async def busy_s() -> float:
    """Seconds of processor time that vLLM's processes take in the next second."""

    def taken() -> int:
        stats = [Path(f"/proc/{pid}/stat").read_text() for pid in engine_processes()]
        fields = [stat.rsplit(")", 1)[1].split() for stat in stats]
        return sum(int(each[11]) + int(each[12]) for each in fields)

    before = taken()
    await asyncio.sleep(1)
    return (taken() - before) / os.sysconf("SC_CLK_TCK")
