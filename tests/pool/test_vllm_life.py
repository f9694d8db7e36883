"""A server that is put to rest and woken: stopped on a CPU, asleep on a GPU. A stub stands for vLLM."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot.pool.vllm import prepared, wanted
from folkmoot.pool.vllm.child import Serving
from folkmoot.pool.vllm.plan import Plan
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, EngineUnavailable, ModelRef, PoolError, Segment

BENCH = Path(__file__).parents[2] / "bench"
SEGMENTS = [
    Segment(role="system", text="Be brief."),
    Segment(role="user", text="Why? <|im_end|>"),
    Segment(role="assistant", text="Because"),
]

SLEEPER = f"""
import sys
sys.path.insert(0, {str(BENCH)!r})
import stub_server
plain, asleep = stub_server.Connection._route, False

def route(self, path, body, faults):
    global asleep
    if path in ("/sleep", "/wake_up"):
        asleep = path == "/sleep"
        self._send(b"")
    elif path == "/is_sleeping":
        self._send(b'{{"is_sleeping": true}}' if asleep else b'{{"is_sleeping": false}}')
    elif asleep and path.endswith("/completions"):
        self._send(b"", status=500)
    else:
        plain(self, path, body, faults)

stub_server.Connection._route = route
stub_server.main()
"""


class Machine:
    """What the servers of a test find: a GPU or none, and a stub for vLLM."""

    def __init__(self, folder: Path, logs: Path) -> None:
        self.folder, self.logs = folder, logs
        self.gpu = False
        self.line: list[str] = [str(BENCH / "stub_server.py")]

    def plan(self, *given: Any) -> Plan:
        serving = Serving(
            folder=self.folder,
            names=("stub",),
            adapters={},
            port=given[2],
            window=512,
            version=(0, 32),
            gpu=self.gpu,
            dtype="auto",
            flags=(),
        )
        return Plan(serving, {"stub": ModelRef(name="stub", source="folder")}, ("<|im_end|>",))

    def command(self, serving: Serving) -> list[str]:
        # What a server is told beside its port, the stub does not know: it is read by nobody.
        line = [sys.executable, *self.line, "--port", str(serving.port)]
        return [sys.executable, "-c", f"import os; os.execv({line[0]!r}, {line!r})"]

    def server(self, **how: Any) -> VllmServer:
        given: dict[str, Any] = {"window": 512, "logs": self.logs} | how
        return VllmServer("ward", {"stub": "anywhere"}, **given)


@pytest.fixture
def machine(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tiny_model, tmp_path)
    monkeypatch.setattr(wanted, "vllm_available", lambda: None)
    monkeypatch.setattr(wanted, "plan", machine.plan)
    monkeypatch.setattr(prepared, "command", machine.command)
    return machine


@pytest.fixture
def call(make_call: Callable[..., Call]) -> Call:
    return make_call(model="stub")


def child(server: VllmServer) -> int:
    return int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()[0])


def environment(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/environ").read_text().split("\0")


async def test_on_a_cpu_it_is_stopped_and_started_and_its_counters_add_up(
    machine: Machine, call: Call
):
    server = machine.server()
    assert await server.prepare(), "with a window given, it need not be started to be known"
    assert server.pid is None
    assert server.window("stub") == 512
    assert server.reference("stub").source == "folder"
    described = server.describe()
    assert not {"version", "aborts"} & set(described), "only the server can tell"
    for woken in (1, 2):
        await server.wake()
        assert (await server.answer(call)).state == "ok"
        assert (await server.counters()).prompt == 40 * woken
        await server.rest()
        assert server.pid is None
        assert (await server.counters()).prompt == 40 * woken
        assert server.describe()["url"] == described["url"]
    with pytest.raises(EngineUnavailable, match="'ward' is at rest"):
        await server.answer(call)
    assert server.window("stub") == 4096, "as the server has said it"
    await server.close()
    with pytest.raises(EngineUnavailable, match="is not running"):
        await server.wake()


async def test_prompts_are_counted_without_the_server(machine: Machine):
    server = machine.server()
    await server.prepare()
    # A byte is a token, and so are the template's controls; a text's own control is broken up.
    inside = "system\nBe brief." + "\n" + "user\nWhy? < |im_end|>" + "\n" + "assistant\nBecause"
    assert await server.count("stub", SEGMENTS) == len(inside) + 5
    await server.close()
    laid_out = machine.server(flags=("--chat-template", "x.jinja"))
    await laid_out.prepare()
    with pytest.raises(EngineUnavailable, match="lays prompts out by flag"):
        await laid_out.count("stub", SEGMENTS)
    await laid_out.close()


async def test_who_does_not_know_its_window_must_be_woken_once(machine: Machine):
    for how in ({"window": None}, {"flags": ("--max-model-len", "99")}):
        server = machine.server(**how)
        assert not await server.prepare()
        with pytest.raises(PoolError, match="'stub' is not served"):
            server.window("stub")
        await server.close()


async def test_on_a_gpu_it_sleeps(machine: Machine, call: Call, monkeypatch: pytest.MonkeyPatch):
    machine.gpu, machine.line = True, ["-c", SLEEPER]
    server = machine.server()
    assert not await server.prepare(), "a fault shows at the start, not in the middle of a run"
    await server.wake()
    assert server.keeper is not None
    assert server.keeper.line[-1] == "--enable-sleep-mode"
    assert "VLLM_SERVER_DEV_MODE=1" in environment(child(server))
    pid = server.pid
    for woken in (1, 2):
        assert (await server.answer(call)).state == "ok"
        await server.rest()
        assert server.pid == pid, "its process lives on"
        assert await server.count("stub", SEGMENTS) > 0
        assert (await server.counters()).prompt == 40 * woken
        with pytest.raises(EngineUnavailable, match="at rest"):
            await server.answer(call)
        await server.wake()
    await server.rest()
    os.kill(child(server), signal.SIGKILL)
    await server.wake()
    assert server.pid != pid, "one that has died in its sleep is started"
    assert (await server.answer(call)).state == "ok"
    await server.close()


async def test_batches_do_not_matter_on_a_gpu_where_its_environment_says_so(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
):
    for gpu, on, expected in (
        (True, "1", (True, True, "exact")),
        (True, "0", (True, False, "statistical")),
        (False, "1", (True, False, "statistical")),
    ):
        machine.gpu = gpu
        monkeypatch.setenv("VLLM_BATCH_INVARIANT", on)
        server = machine.server()
        assert server.describe()["replay"] == "statistical", "nothing is known of it yet"
        await server.prepare()
        said = server.describe()
        assert (said["seeds"], said["batch_invariant"], said["replay"]) == expected
        await server.close()


async def test_one_that_cannot_sleep_is_stopped(machine: Machine, call: Call):
    machine.gpu = True
    server = machine.server()
    await server.prepare()
    await server.wake()
    await server.answer(call)
    await server.rest()
    assert server.pid is None
    assert (await server.counters()).prompt == 40
    await server.wake()
    assert (await server.answer(call)).state == "ok"
    await server.close()


async def test_one_that_does_not_take_turns_has_no_sleep_mode(machine: Machine):
    machine.gpu = True
    server = machine.server()
    await server.start()
    assert server.keeper is not None
    assert "--enable-sleep-mode" not in server.keeper.line
    await server.close()


async def test_one_that_cannot_be_woken_says_why_and_may_be_woken_later(
    machine: Machine, call: Call
):
    server = machine.server()
    machine.line, right = ["-c", "raise MemoryError('no room for 3 GiB')"], machine.line
    await server.prepare()
    with pytest.raises(EngineUnavailable, match="MemoryError: no room for 3 GiB"):
        await server.wake()
    assert server.pid is None
    machine.line = right
    await server.close()
    await server.prepare()
    await server.wake()
    assert (await server.answer(call)).state == "ok"
    await server.close()
