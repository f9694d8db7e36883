"""vLLM's sleep mode, level 1: weights go to the machine's memory, keys and values are given up.

Only on a GPU. The server needs `FLAG` and `ENV`, which open its development endpoints; it listens
on this machine alone.
"""

from folkmoot.pool.vllm.http import Http
from folkmoot.records import EngineUnavailable

FLAG = "--enable-sleep-mode"
ENV = {"VLLM_SERVER_DEV_MODE": "1"}


async def fall_asleep(url: str) -> None:
    """Put the server to sleep; nothing may be in flight, since it would be aborted.

    Raises:
        EngineUnavailable: it is gone, or it stays awake.
    """
    await _change(url, "/sleep", asleep=True)


async def wake_up(url: str) -> None:
    """Wake the server.

    Raises:
        EngineUnavailable: it is gone, or it sleeps on.
    """
    await _change(url, "/wake_up", asleep=False)


async def _change(url: str, path: str, *, asleep: bool) -> None:
    http = Http(url, connections=1)
    await http.open()
    try:
        took = await http.tell(path, {})
        said = await http.get_object("/is_sleeping") if took else {}
    finally:
        await http.close()
    if said.get("is_sleeping") is not asleep:
        raise EngineUnavailable(f"{http.address} took {path} and sleeps: {said or 'no answer'}")
