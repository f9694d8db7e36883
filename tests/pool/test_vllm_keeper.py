"""A child server is waited for, started again when it dies, and ended. A stub stands in for vLLM."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from folkmoot.pool.engine import Progress
from folkmoot.pool.ports import reserve
from folkmoot.pool.vllm import keeper as vllm_keeper
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.keeper import Keeper
from folkmoot.records import EngineUnavailable, PoolError

STUB = Path(__file__).parents[2] / "bench" / "stub_server.py"


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


class Kept:
    """A keeper of a stub, with what is needed to look at it from outside."""

    def __init__(self, folder: Path, line: list[str] | None = None, start_s: float = 20.0) -> None:
        with reserve() as held:
            port = held.getsockname()[1]
        self.engine = VllmEngine("stub", f"http://127.0.0.1:{port}", {"m": "stub"})
        self.log = folder / "logs" / "stub.log"
        self.line = line or [sys.executable, str(STUB), "--port", str(port)]
        self.keeper = Keeper(
            "vLLM for m", self.line, os.environ, self.log, self.engine.healthy, start_s
        )

    @property
    def server(self) -> int:
        """Process id of the server: the guard's one child."""
        guard = self.keeper.pid
        return int(Path(f"/proc/{guard}/task/{guard}/children").read_text().split()[0])

    def kill(self) -> None:
        """Kill the server, and return once its guard has ended too."""
        os.kill(self.server, signal.SIGKILL)
        child = self.keeper._child
        assert child is not None
        until = time.monotonic() + 30
        while child.ended is None and time.monotonic() < until:
            time.sleep(0.02)

    async def close(self) -> None:
        await self.keeper.stop()
        await self.engine.close()


@pytest.fixture
async def kept(tmp_path: Path):
    kept = Kept(tmp_path)
    await kept.keeper.start()
    yield kept
    await kept.close()


async def test_a_start_shows_what_it_waits_for(tmp_path: Path):
    kept, shown = Kept(tmp_path), list[Progress]()
    await kept.keeper.start(shown.append)
    assert shown[0].what.startswith("vLLM for m: importing vLLM (0 s)")
    assert await kept.engine.healthy()
    pid = kept.server
    await kept.close()
    assert not exists(pid)
    assert kept.keeper.pid is None
    await kept.keeper.stop()


async def test_a_server_that_was_killed_is_started_again_and_callers_wait(kept: Kept):
    first = kept.server
    kept.kill()
    await asyncio.gather(*(kept.keeper.standing() for _ in range(5)))
    assert await kept.engine.healthy()
    assert kept.server != first, "started again, once for all who waited"


async def test_doubt_about_a_server_that_is_well_changes_nothing(kept: Kept):
    first = kept.server
    kept.keeper.doubt()
    await kept.keeper.standing()
    assert kept.server == first


async def test_a_server_that_lives_but_does_not_answer_is_replaced(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(vllm_keeper, "_DOUBT_S", 0.5)
    first = kept.server
    os.kill(first, signal.SIGSTOP)
    kept.keeper.doubt()
    await kept.keeper.standing()
    assert await kept.engine.healthy()
    assert kept.server != first


async def test_a_server_that_fails_at_the_start_is_an_error_with_its_own_words(tmp_path: Path):
    script = "print('loading'); raise MemoryError('no room for 3 GiB')"
    kept = Kept(tmp_path, [sys.executable, "-c", script])
    with pytest.raises(PoolError, match="ended with status 1: MemoryError: no room") as caught:
        await kept.keeper.start()
    assert str(kept.log) in caught.value.hint
    assert "loading" in kept.log.read_text()
    await kept.close()


async def test_a_server_that_is_never_ready_is_given_up_and_ended(tmp_path: Path):
    kept = Kept(tmp_path, [sys.executable, "-c", "import time; time.sleep(600)"], start_s=0.5)
    with pytest.raises(PoolError, match="was not ready after"):
        await kept.keeper.start()
    pid = kept.server
    await kept.close()
    assert not exists(pid)


async def test_who_waits_hears_that_it_could_not_be_started_again(kept: Kept):
    kept.keeper._line = (sys.executable, "-c", "raise SystemExit('the disk is full')")
    kept.kill()
    with pytest.raises(EngineUnavailable, match="the disk is full"):
        await kept.keeper.standing()
    kept.keeper._line = tuple(kept.line)
    await kept.keeper.standing()
    assert await kept.engine.healthy(), "the next who asks has it started once more"


async def test_a_log_that_cannot_be_written_is_an_error(tmp_path: Path):
    (tmp_path / "logs").write_text("a file where the folder should be")
    with pytest.raises(PoolError, match="cannot write the server's log"):
        await Kept(tmp_path).keeper.start()
