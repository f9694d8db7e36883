"""Servers that do not fit beside each other, used by clients of a pool that is up."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot.pool.config import Settings
from folkmoot.pool.engine import Engine
from folkmoot.pool.ports import LOCAL
from folkmoot.pool.turns import Turns
from folkmoot.pool.up import supervisor as supervising
from folkmoot.pool.up.attach import attach
from folkmoot.pool.up.observing import Observer
from folkmoot.pool.up.running import Door, Running, claimed, find
from folkmoot.pool.up.shared_turns import turn
from folkmoot.pool.up.supervisor import Supervisor
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, EngineUnavailable, Segment

MakeCall = Callable[..., Call]
NAMES = ("one", "two")


def settings() -> Settings:
    """Two servers of which one fits; as a pool file would give them. Only they can count."""
    flags = ("--tokenizer", "stub")
    servers = [VllmServer(name, {"stub": "stub"}, window=512, flags=flags) for name in NAMES]
    return Settings(Turns("both", servers).engines, 60.0)


@pytest.fixture
async def up(
    stubbed_vllm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Path, Supervisor]]:
    monkeypatch.setattr(supervising, "_LOOK_S", 0.1)
    path = tmp_path / "pool.yaml"
    path.write_text("engines: []\n")
    with claimed(path):
        kept = Supervisor(path, settings().engines, lambda _: None)
        try:
            await kept.start()
            keeping = asyncio.create_task(kept.keep())
            yield path, kept
            keeping.cancel()
        finally:
            await kept.stop()


def state(path: Path) -> Running:
    found = find(path)
    assert found is not None
    return found


def clients(path: Path) -> list[Engine]:
    return list(attach(settings(), path).engines)


async def phases(path: Path, expected: list[str]) -> None:
    for _ in range(100):
        if [server.phase for server in state(path).servers] == expected:
            return
        await asyncio.sleep(0.05)
    assert [server.phase for server in state(path).servers] == expected


async def test_two_clients_share_servers_of_which_one_fits(up: Any, make_call: MakeCall):
    path, _ = up
    mine, theirs = clients(path), clients(path)
    for engine in (*mine, *theirs):
        await engine.start()
        assert engine.window("stub") == 512, "known without waking anything"
        assert engine.describe()["turns"] == "both"
        assert not {"version", "aborts"} & set(engine.describe()), "only the server can tell"
    await phases(path, ["asleep", "asleep"])
    calls = [make_call(f"Number {n}.", order=n, model="stub") for n in range(6)]
    engines = [*mine, *theirs, *mine]
    replies = await asyncio.gather(
        *(engine.answer(call) for engine, call in zip(engines, calls, strict=True))
    )
    assert [reply.state for reply in replies] == ["ok"] * 6
    assert [reply.order for reply in replies] == [0, 1, 2, 3, 4, 5]
    assert all(reply.timing is not None and reply.timing.waited is not None for reply in replies)
    found = [server.phase for server in state(path).servers]
    assert sorted(found) in (["asleep", "asleep"], ["asleep", "ready"]), "never both"
    for engine in (*mine, *theirs):
        await engine.close()


async def test_status_tells_whose_turn_it_is(up: Any, make_call: MakeCall):
    path, _ = up
    _, two = clients(path)
    await two.start()
    await two.answer(make_call(model="stub"))
    await phases(path, ["asleep", "ready"])
    observer = Observer(settings(), path)
    assert [status.state for status in await observer.look()] == ["asleep", "ready"]
    assert observer.startable
    await observer.close()
    await two.close()


async def test_a_count_that_only_the_server_knows_is_asked_of_it_in_its_turn(up: Any):
    path, _ = up
    one, two = clients(path)
    await one.start()
    await two.start()
    words = [Segment(role="user", text="one two three")]
    assert await one.count("stub", words) == await two.count("stub", words) == 7
    await one.close()
    await two.close()


async def test_a_client_that_is_gone_holds_no_turn(up: Any, make_call: MakeCall):
    path, _ = up
    one, two = clients(path)
    await one.start()
    await two.start()
    held = asyncio.create_task(one.answer(make_call("[[slow 60]]", model="stub")))
    await phases(path, ["ready", "asleep"])
    waiting = asyncio.create_task(two.answer(make_call(model="stub")))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    held.cancel()
    reply = await asyncio.wait_for(waiting, 30)
    assert reply.state == "ok"
    await one.close()
    await two.close()


async def test_a_server_that_cannot_be_woken_is_told(
    up: Any, make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
):
    path, kept = up
    keeper = kept._engines[0].server.keeper
    keeper._line = ("/bin/sh", "-c", "echo 'MemoryError: no room'; exit 3")
    one, two = clients(path)
    await one.start()
    await two.start()
    with pytest.raises(EngineUnavailable, match="no room"):
        await one.answer(make_call(model="stub"))
    assert (await two.answer(make_call(model="stub"))).state == "ok"
    await one.close()
    await two.close()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"hello\n",
        b"[]\n",
        b'{"word": "wrong", "server": "one"}\n',
        b'{"word": "\\u00e9", "server": "one"}\n',
        b'{"server": "one"}\n',
        b'{"word": WORD, "server": "three"}\n',
        b'{"word": WORD, "server": ["one"]}\n',
        b"x" * 10_000 + b"\n",
    ],
)
async def test_nobody_else_gets_a_turn(up: Any, line: bytes):
    path, _ = up
    door = state(path).door
    assert door is not None
    reader, writer = await asyncio.open_connection(LOCAL, door.port)
    writer.write(line.replace(b"WORD", json.dumps(door.word).encode()))
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    assert [server.phase for server in state(path).servers] == ["asleep", "asleep"]


async def test_where_nobody_grants_turns():
    with pytest.raises(EngineUnavailable, match="nobody grants engine 'one' its turn"):
        async with turn(Door(port=9, word="x"), "one"):
            pass
