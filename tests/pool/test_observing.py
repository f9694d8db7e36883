"""What engines are doing, seen from outside: of servers that are up, down, elsewhere or gone."""

import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from folkmoot.pool.config import Settings, read_pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.up import observing, running
from folkmoot.pool.up.observing import Observer, Status
from folkmoot.pool.up.processes import Process
from folkmoot.pool.up.running import Running, Server, file_digest
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.records import Call

FILE = "engines:\n  - {kind: vllm, models: [stub]}\n"


@pytest.fixture
def pool_file(stubbed_vllm: Path, tmp_path: Path) -> Path:
    path = tmp_path / "pool.yaml"
    path.write_text(FILE)
    return path


@pytest.fixture
async def observer(pool_file: Path) -> AsyncIterator[Observer]:
    made = Observer(read_pool(pool_file), pool_file)
    yield made
    await made.close()


def keep(path: Path, *servers: Server, phase: str = "ready") -> None:
    """As a supervisor would that is this process."""
    mine = Process.of(os.getpid())
    assert mine is not None
    running.write(
        Running.model_validate(
            {
                "path": str(path),
                "digest": file_digest(path),
                "supervisor": mine,
                "phase": phase,
                "since": time.time(),
                "servers": servers,
            }
        )
    )


def server(url: str, **fields: object) -> Server:
    given = {
        "name": "vllm",
        "phase": "ready",
        "url": url,
        "guard": None,
        "models": {"stub": {"name": "stub"}},
        "described": {},
        "most": 64,
        "log": "x.log",
        "ready_at": time.time() - 100,
    }
    return Server.model_validate({**given, **fields})


async def test_a_server_tells_what_it_does_and_rates_come_with_the_second_look(
    pool_file: Path, observer: Observer, stub_url: str, make_call: Callable[..., Call]
):
    keep(pool_file, server(stub_url, restarts=2))
    (first,) = await observer.look()
    assert (first.state, first.running, first.most, first.waiting) == ("ready", 0, 64, 0)
    assert first.tokens_per_s is None
    assert first.restarts == 2
    assert first.uptime_s == pytest.approx(100, abs=30)
    assert first.well
    client = VllmEngine("x", stub_url, {"stub": "stub"})
    await client.start()
    reply = await client.answer(make_call(model="stub"))
    await client.close()
    (second,) = await observer.look()
    assert reply.usage is not None
    assert (second.tokens_per_s or 0) > 0
    assert (second.prompt_tokens_per_s or 0) > (second.tokens_per_s or 0)


async def test_a_server_that_was_started_again_has_no_rate(
    pool_file: Path, observer: Observer, stub_url: str
):
    keep(pool_file, server(stub_url))
    await observer.look()
    observer._before["vllm"] = observer._before["vllm"]._replace(
        counters=observing.Counters(10, 5, 5)
    )
    (status,) = await observer.look()
    assert status.state == "ready"
    assert status.tokens_per_s is None


async def test_one_that_does_not_answer_is_what_its_supervisor_says(
    pool_file: Path, observer: Observer
):
    gone = "http://127.0.0.1:9"
    for phase, state in {"starting": "starting", "dead": "dead", "ready": "dead"}.items():
        keep(pool_file, server(gone, phase=phase, error="no room" if phase == "dead" else None))
        (status,) = await observer.look()
        assert status.state == state
        assert not status.well
        assert status.running is None
        assert "no room" in (status.error or "") if phase == "dead" else status.error


async def test_what_is_not_up_yet_or_no_more(pool_file: Path, observer: Observer):
    (status,) = await observer.look()
    assert status == Status(name="vllm", state="down", models=("stub",))
    assert observer.pool is None
    assert observer.startable
    keep(pool_file, phase="starting")
    (status,) = await observer.look()
    assert status.state == "starting"


async def test_engines_that_run_elsewhere_or_in_each_process(tmp_path: Path, stub_url: str):
    served = VllmEngine("far", stub_url, {"m": "stub"})
    gone = VllmEngine("gone", "http://127.0.0.1:9", {"n": "stub"})
    keyed = VllmEngine("keyed", stub_url, {"k": "stub"}, key_env="NO_SUCH_KEY")
    here = Embedded(["smollm2"], name="here")
    observer = Observer(Settings((served, gone, keyed, here), 60.0), tmp_path / "pool.yaml")
    by_name = {status.name: status for status in await observer.look()}
    await observer.close()
    assert served._http._session is None, "its connections are closed"
    assert by_name["far"].state == "ready"
    assert by_name["far"].running == 0
    assert by_name["gone"].state == "dead"
    assert "does not answer" in (by_name["gone"].error or "")
    assert "NO_SUCH_KEY" in (by_name["keyed"].error or "")
    assert by_name["here"].state == "in process"
    assert by_name["here"].well
    assert not observer.startable


@pytest.mark.parametrize(
    ("metrics", "why"),
    [(None, "404"), ('vllm:num_requests_running{a="b"} 1e300\n', "has no counter"), ("", "no")],
)
async def test_one_that_answers_is_not_dead_for_want_of_figures(
    tmp_path: Path, metrics: str | None, why: str
):
    async def handle(request: web.Request) -> web.Response:
        if request.path == "/v1/models":
            return web.json_response({"data": [{"id": "m"}]})
        if request.path == "/metrics" and metrics is not None:
            return web.Response(text=metrics)
        return web.Response(status=503 if unwell and request.path == "/health" else 404)

    unwell = False
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    far = VllmEngine("far", f"http://127.0.0.1:{runner.addresses[0][1]}", {"m": "m"})
    observer = Observer(Settings((far,), 60.0), tmp_path / "pool.yaml")
    (status,) = await observer.look()
    assert (status.state, status.well, status.error) == ("ready", True, None)
    assert why in (status.note or "")
    assert status.running is status.waiting is status.tokens_per_s is None
    unwell = True
    (status,) = await observer.look()
    assert (status.state, status.well) == ("dead", False)
    await observer.close()
    await runner.cleanup()
