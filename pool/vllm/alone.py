"""Whether one vLLM alone answers at an address, or several behind a router or a load balancer."""

import asyncio
import json
from collections.abc import Sequence

from folkmoot.pool.vllm.http import Http
from folkmoot.pool.vllm.metrics import read_process
from folkmoot.records import CallRefused, EngineError

_READINGS = 4

_LIST = "/list_workers"
"""Where vllm-router, and those that it comes from, say whom they pass requests on to."""


async def pages(http: Http) -> tuple[str, ...]:
    """The text of `/metrics`, several times at once: that takes as many connections, and a balancer
    may take each of them to another server. () where there is no such page.

    Raises:
        EngineUnavailable: nobody answers.
    """
    try:
        found = await asyncio.gather(*(http.get("/metrics") for _ in range(_READINGS)))
    except CallRefused:
        return ()
    return tuple(page.decode(errors="replace") for page in found)


async def alone(http: Http, pages: Sequence[str]) -> bool:
    """Whether these are the pages of one process, and it lists none that it passes requests on to.

    What is told such an address - a request to abort, say - reaches the server that is meant.
    """
    processes = {read_process(page) for page in pages}
    if len(processes) != 1 or None in processes:
        return False
    try:
        said = json.loads(await http.get(_LIST))
    except (EngineError, ValueError, RecursionError):
        return True
    return not (isinstance(said, dict) and "urls" in said)
