"""A pool that stays up: servers are started, looked after, and gone when they are to be."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from folkmoot.pool import Pool
from folkmoot.pool.config import read_pool
from folkmoot.pool.engine import Engine
from folkmoot.pool.up import supervisor as supervising
from folkmoot.pool.up.attach import attach
from folkmoot.pool.up.running import Running, claimed, find, state_file
from folkmoot.pool.up.supervisor import Supervisor, chains, servers_of
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, EngineUnavailable, PoolError

MakeCall = Callable[..., Call]
FILE = "engines:\n  - {kind: vllm, models: [stub]}\n"


@pytest.fixture
def pool_file(stubbed_vllm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(supervising, "_LOOK_S", 0.1)
    path = tmp_path / "pool.yaml"
    path.write_text(FILE)
    return path


def servers(path: Path) -> list[VllmServer]:
    return [server for engine in read_pool(path).engines for server in servers_of(engine)]


@asynccontextmanager
async def up(path: Path, told: list[str] | None = None) -> AsyncIterator[Supervisor]:
    """The pool of a file, kept by this process."""
    with claimed(path) as mine:
        assert mine
        kept = Supervisor(path, servers(path), [].append if told is None else told.append)
        try:
            await kept.start()
            keeping = asyncio.create_task(kept.keep())
            yield kept
            keeping.cancel()
        finally:
            await kept.stop()


async def until(path: Path, condition: Callable[[Running], bool]) -> Running:
    for _ in range(200):
        if (found := find(path)) is not None and condition(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never came to that: {find(path)}")


async def attached(path: Path) -> Engine:
    (engine,) = attach(read_pool(path), path).engines
    await engine.start()
    return engine


async def test_what_is_up_is_found_and_used_and_closing_a_client_leaves_it_there(
    pool_file: Path, make_call: MakeCall
):
    async with up(pool_file):
        found = find(pool_file)
        assert found is not None
        assert found.phase == "ready"
        (server,) = found.servers
        assert server.guard is not None
        assert server.controls == ("<|quiet|>",)
        for _ in range(2):
            client = await attached(pool_file)
            assert not isinstance(client, VllmServer)
            assert (await client.answer(make_call(model="stub"))).state == "ok"
            await client.close()
        assert server.guard.lives
    assert find(pool_file) is None
    assert server.guard.gone(1)


async def test_the_pool_of_the_file_uses_what_is_up(pool_file: Path, make_call: MakeCall):
    async with up(pool_file) as kept:
        before = (kept.state.servers[0].guard, kept.state.servers[0].url)
        async with Pool.from_yaml(pool_file) as pool:
            await pool.open(["stub"])
            assert (await pool.answer(make_call(model="stub"))).state == "ok"
            assert pool.references(["stub"])[0].weights_sha256 == "ab"
            assert pool.describe()[0]["url"] == before[1]
        assert before[0] is not None
        assert before[0].lives, "closing the pool has closed a client, not the server"


async def test_a_client_stands_in_a_record_as_the_server_does(pool_file: Path):
    async with up(pool_file) as kept:
        client = await attached(pool_file)
        (server,) = kept._engines
        assert client.reference("stub") == server.reference("stub")
        assert client.reference("stub").weights_sha256 == "ab"
        assert client.describe() == server.describe()
        assert client.window("stub") == server.window("stub")
        await client.close()


async def test_a_server_that_was_killed_comes_back_by_itself_at_the_same_address(
    pool_file: Path, make_call: MakeCall
):
    told: list[str] = []
    async with up(pool_file, told):
        before = await until(pool_file, lambda found: found.phase == "ready")
        client = await attached(pool_file)
        guard = before.servers[0].guard
        assert guard is not None
        guard.children[0].send(signal.SIGKILL)
        with pytest.raises(EngineUnavailable):
            await client.answer(make_call(model="stub"))
        reply = await client.answer(make_call(model="stub"))
        assert reply.state == "ok", "the second call has waited for the server"
        after = await until(pool_file, lambda found: found.servers[0].restarts == 1)
        assert after.servers[0].url == before.servers[0].url
        assert after.servers[0].guard != guard
        await client.close()
    assert [line.partition(": ")[2] for line in told] == [
        "the server has ended; it is started again",
        "ready again",
    ]


async def test_one_that_cannot_be_started_again_is_dead_until_it_can(
    pool_file: Path, make_call: MakeCall
):
    async with up(pool_file) as kept:
        client = await attached(pool_file)
        keeper = kept._engines[0].keeper
        assert keeper is not None
        line = keeper.line
        keeper._line = (sys.executable, "-c", "raise SystemExit('the disk is full')")
        guard = kept.state.servers[0].guard
        assert guard is not None
        guard.children[0].send(signal.SIGKILL)
        dead = await until(pool_file, lambda found: found.servers[0].phase == "dead")
        assert "the disk is full" in (dead.servers[0].error or "")
        with pytest.raises(EngineUnavailable):
            await client.answer(make_call(model="stub"))
        keeper._line = line
        back = await until(pool_file, lambda found: found.servers[0].phase == "ready")
        assert back.servers[0].error is None
        await client.close()


async def test_one_that_hangs_is_replaced(pool_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supervising, "_HEALTH_S", 0.2)
    monkeypatch.setattr(supervising, "_UNWELL_S", 0.3)
    monkeypatch.setattr("folkmoot.pool.vllm.keeper._DOUBT_S", 0.5)
    async with up(pool_file) as kept:
        guard = kept.state.servers[0].guard
        assert guard is not None
        guard.children[0].send(signal.SIGSTOP)
        await until(pool_file, lambda found: found.servers[0].restarts == 1)


async def test_a_client_of_a_pool_that_was_taken_down_says_so(pool_file: Path, make_call: MakeCall):
    async with up(pool_file):
        client = await attached(pool_file)
    with pytest.raises(EngineUnavailable):
        await client.answer(make_call(model="stub"))
    with pytest.raises(EngineUnavailable, match="was taken down"):
        await client.answer(make_call(model="stub"))
    await client.close()


async def test_a_changed_file_is_not_used_in_silence(pool_file: Path):
    async with up(pool_file):
        pool_file.write_text(f"{FILE}patience_s: 5\n")  # noqa: ASYNC240
        with pytest.raises(PoolError, match="was changed since its pool was brought up"):
            attach(read_pool(pool_file), pool_file)


async def test_a_pool_on_its_way_is_not_used_yet(pool_file: Path):
    with claimed(pool_file):
        kept = Supervisor(pool_file, servers(pool_file), [].append)
        kept._keep(phase="starting")
        with pytest.raises(PoolError, match="is starting"):
            attach(read_pool(pool_file), pool_file)
        await kept.stop()
    settings = read_pool(pool_file)
    assert attach(settings, pool_file) is settings


async def test_a_start_that_fails_leaves_nothing(pool_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUB_LINE", f"{sys.executable} -c 'raise MemoryError(3)'")
    with pytest.raises(PoolError, match="MemoryError"):
        async with up(pool_file):
            pass
    assert not state_file(pool_file).exists()


def test_kill_9_of_the_supervisor_leaves_no_server(pool_file: Path):
    script = f"""
import asyncio, runpy, sys
from pathlib import Path
from unittest import mock
patch = runpy.run_path({str(Path(__file__).parents[1] / "stub_vllm.py")!r})["patch"]
patch(lambda name, value: mock.patch(name, value).start())
from folkmoot.pool.config import read_pool
from folkmoot.pool.up.running import claimed
from folkmoot.pool.up.supervisor import Supervisor
path = Path(sys.argv[1])
async def run():
    with claimed(path):
        kept = Supervisor(path, read_pool(path).engines, print)
        await kept.start()
        print("up", flush=True)
        await kept.keep()
asyncio.run(run())
"""
    line = [sys.executable, "-c", script, str(pool_file)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, env=os.environ) as kept:
        assert kept.stdout is not None
        kept.stdout.readline()
        found = find(pool_file)
        assert found is not None
        guard = found.servers[0].guard
        assert guard is not None
        (server,) = guard.children
        kept.kill()
        kept.wait()
    assert server.gone(15)
    assert guard.gone(5)
    assert find(pool_file) is None
    assert not state_file(pool_file).exists()


def test_the_most_in_one_batch_is_read_off_the_command_line():
    assert supervising._most(["vllm", "--max-num-seqs", "64", "--max-num-seqs=8"]) == 8
    assert supervising._most(["vllm", "--max-num-seqs"]) is None
    assert supervising._most(["vllm"]) is None


def test_servers_that_share_a_gpu_start_one_after_another():
    def names(*gpus: tuple[int, ...]) -> list[str]:
        made = [VllmServer(str(n), {"m": "m"}, gpus=each) for n, each in enumerate(gpus)]
        found = (sorted(each.name for each in chain) for chain in chains(made))
        return sorted(map("".join, found))

    assert names((0,), (1,), (0,), (2, 3)) == ["02", "1", "3"]
    assert names((0,), (1,), (0, 1)) == ["012"]
    assert names((), ()) == ["01"]
    assert names((0,), (1,), ()) == ["012"]
    assert names() == []
