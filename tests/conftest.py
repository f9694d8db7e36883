"""What tests of several rooms share: calls, a tiny random model, and the packaged one."""

import asyncio
import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from folkmoot.pool import Pool
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.install import vllm_available
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, PoolError, Segment

# Tests run beside other work: OpenMP threads that spin while they wait make both many times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def absent(what: str) -> None:
    """The real thing is missing: loud where it is demanded, one line where it is not."""
    if os.environ.get("CI"):
        pytest.fail(f"CI demands {what}")
    pytest.skip(f"NOT TESTED: {what} is missing here")


_TINY = (
    "test_adapters",
    "test_pool_real",
    "test_turns",
    "test_vllm_in_process",
    "test_vllm_seeds",
)
"""Files that start servers of their own, for tiny models: they leave room for another beside them."""


class OneByOne(LoadScopeScheduling):
    """Files with a test on a real model run one after another: such tests share servers, and a model
    needs the machine. Those with tiny models do so in a second process. All others are dealt out
    test by test."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(__file__).parents[1] / nodeid.split("::")[0]
        text = file.read_text(encoding="utf-8")
        if "pytest.mark.vllm" not in text and "pytest.mark.real" not in text:
            return nodeid
        return "tiny models" if file.stem in _TINY else "models"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneByOne:
    return OneByOne(config, log)


@pytest.fixture
def make_call() -> Callable[..., Call]:
    """A call with everything filled in that a test does not care about."""

    def make(text: str = "Name a colour.", opening: str = "", **fields: Any) -> Call:
        segments = [
            Segment(role="system", text="You answer briefly."),
            Segment(role="user", text=text, label="question"),
        ]
        if opening:
            segments.append(Segment(role="assistant", text=opening))
        given = {
            "step": 0,
            "order": 0,
            "round": 1,
            "stage": "propose",
            "seat": "nurse",
            "model": "smollm2",
            "op": "generate",
            "purpose": "reason",
            "segments": tuple(segments),
        }
        return Call(**(given | fields))

    return make


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a Llama of random weights: 2 layers, bytes for tokens, 512 of context."""
    if importlib.util.find_spec("transformers") is None:
        absent("transformers")
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("models") / "tiny"
    controls = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: at for at, token in enumerate(controls + letters)}
    plain = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain, eos_token="<|im_end|>", additional_special_tokens=controls
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=0.2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_served_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with heads as large as vLLM needs them on a CPU."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("models") / "tiny-served"
    shutil.copytree(tiny_model, folder)
    config = LlamaConfig.from_pretrained(tiny_model)
    config.head_dim = 32
    torch.manual_seed(7)
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def embedded_pool() -> Iterator[Pool]:
    """A pool with the packaged model, opened for `smollm2`; it may be used from any event loop."""
    if importlib.util.find_spec("transformers") is None:
        absent("transformers")
    pool = Pool.embedded()
    try:
        asyncio.run(pool.open(["smollm2"]))
    except PoolError as fault:
        absent(f"the packaged model ({fault.message})")
    yield pool
    asyncio.run(pool.close())


def run_stub(*arguments: str) -> Iterator[str]:
    """The URL of a stub of a vLLM server, in a process of its own."""
    script = Path(__file__).parents[1] / "bench" / "stub_server.py"
    line = [sys.executable, str(script), *arguments]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as stub:
        assert stub.stdout is not None
        yield f"http://127.0.0.1:{stub.stdout.readline().split()[1]}"
        stub.kill()


@pytest.fixture
def stub_url() -> Iterator[str]:
    """A stub that can be told to abort requests, as servers that the pool starts."""
    yield from run_stub()


@pytest.fixture
def two_stub_urls() -> Iterator[tuple[str, str]]:
    """Two stubs, as copies of one server."""
    one, two = run_stub(), run_stub()
    yield next(one), next(two)
    for stub in (one, two):
        next(stub, None)


@pytest.fixture
def plain_stub_url() -> Iterator[str]:
    """A stub that cannot be told to abort, as servers that others started."""
    yield from run_stub("--no-abort")


@pytest.fixture
def stubbed_vllm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Servers that a pool starts are stubs, for a model called `stub`. Gives Folkmoot's home."""
    patch = runpy.run_path(str(Path(__file__).with_name("stub_vllm.py")))["patch"]
    patch(monkeypatch.setattr)
    monkeypatch.setenv("FOLKMOOT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class HostedVllm:
    """A real vLLM server, with an event loop of its own: it serves tests of any loop.

    Attributes:
        server: the engine that started it; `run` its coroutines.
    """

    def __init__(self, logs: Path, models: tuple[str, ...]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.server = VllmServer(
            "vllm",
            {name: name for name in models},
            window=4096,
            kv_cache_gib=1,
            logs=logs,
        )
        self.run(self.server.start())

    @property
    def url(self) -> str:
        return self.server.describe()["url"]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=600)

    def close(self) -> None:
        self.run(self.server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def vllm_here() -> None:
    """vLLM can run on this machine."""
    if (reason := vllm_available()) is not None:
        absent(f"vLLM ({reason})")


@pytest.fixture(scope="session")
def hosted_vllm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostedVllm]:
    """One real vLLM server for all tests; it takes most of a minute to start."""
    if (reason := vllm_available()) is not None:
        absent(f"vLLM ({reason})")
    hosted = HostedVllm(tmp_path_factory.mktemp("vllm"), ("smollm2", "smollm2-base"))
    yield hosted
    hosted.close()


@pytest.fixture(scope="module")
def packaged_vllm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostedVllm]:
    """A real vLLM server for the packaged model alone, for whole deliberations."""
    if (reason := vllm_available()) is not None:
        absent(f"vLLM ({reason})")
    hosted = HostedVllm(tmp_path_factory.mktemp("vllm"), ("smollm2",))
    yield hosted
    hosted.close()


@pytest.fixture
async def packaged_engine(packaged_vllm: HostedVllm) -> AsyncIterator[VllmEngine]:
    """An engine over the server of the packaged model, with seeds."""
    engine = VllmEngine("vllm", packaged_vllm.url, {"smollm2": "smollm2"}, seeds=True)
    await engine.start()
    yield engine
    await engine.close()


@pytest.fixture
async def vllm_engine(hosted_vllm: HostedVllm) -> AsyncIterator[VllmEngine]:
    """An engine over the real vLLM server, for `smollm2` and `smollm2-base`, with seeds."""
    names = {name: name for name in hosted_vllm.server.models}
    engine = VllmEngine("vllm", hosted_vllm.url, names, seeds=True)
    await engine.start()
    yield engine
    await engine.close()
