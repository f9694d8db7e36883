"""The life of a server that may rest: stopped, awake, asleep, and what it has counted in all."""

from contextlib import suppress
from typing import Literal

from folkmoot.pool.engine import OnProgress
from folkmoot.pool.vllm import sleep as vllm_sleep
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.keeper import Keeper
from folkmoot.pool.vllm.metrics import Counters
from folkmoot.records import EngineUnavailable

State = Literal["stopped", "awake", "asleep"]
"""stopped: there is no process; asleep: there is one, and it has given up its memory."""


class Life:
    """One server, woken and put to rest; its address and its client stay.

    Args:
        keeper: keeps its process.
        client: asks it.
        url: its address.
        sleeps: whether it was given sleep mode; if not, it is stopped to rest.

    Attributes:
        state: what it is now; one that has died by itself is awake, and is being started again.
        met: whether it was ever awake, so that the client knows it.
    """

    def __init__(self, keeper: Keeper, client: VllmEngine, url: str, sleeps: bool) -> None:
        self.keeper = keeper
        self.client = client
        self.state: State = "stopped"
        self.met = False
        self._url = url
        self._sleeps = sleeps
        self._earlier = Counters(0, 0, 0)

    async def rise(self, on_progress: OnProgress | None = None) -> None:
        """Run and answer, from whatever state. Whatever stops this leaves it stopped.

        Raises:
            PoolError: it could not be started.
        """
        if self.state == "awake":
            return
        try:
            if self.state == "asleep" and not await self._woken():
                await self.keeper.stop()
            if self.keeper.ended:
                await self.keeper.start(on_progress)
            await self.client.start()
        except BaseException:
            self.state = "stopped"
            await self.keeper.stop()
            raise
        self.state, self.met = "awake", True

    async def lie_down(self) -> None:
        """Give up the memory: sleep where that is possible, else stop."""
        if self.state != "awake":
            return
        await self.client.settled()
        # One that cannot be put to sleep is stopped: it must not keep its memory.
        if not await self._fell_asleep():
            self.state = "stopped"
            with suppress(EngineUnavailable):
                self._earlier = _together(self._earlier, await self.client.counters())
            await self.keeper.stop()

    async def counters(self) -> Counters:
        """What it has counted, also where it was stopped on purpose in between. What it had counted
        when it died is gone."""
        if self.state == "stopped":
            return self._earlier
        return _together(self._earlier, await self.client.counters())

    async def end(self) -> None:
        """Stop it for good, and let go of every connection. Idempotent."""
        await self.client.close()
        await self.keeper.stop()
        self.state = "stopped"

    async def _fell_asleep(self) -> bool:
        if self._sleeps and not self.keeper.ended:
            with suppress(EngineUnavailable):
                await vllm_sleep.fall_asleep(self._url)
                self.state = "asleep"
        return self.state == "asleep"

    async def _woken(self) -> bool:
        """Whether it woke up; one that has died in its sleep is to be started."""
        if not self.keeper.ended:
            with suppress(EngineUnavailable):
                await vllm_sleep.wake_up(self._url)
                return True
        return False


def _together(*counters: Counters) -> Counters:
    return Counters(*(sum(each) for each in zip(*counters, strict=True)))
