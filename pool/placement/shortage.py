"""What is missing for a server that found no room, and what to change."""

from collections.abc import Iterator
from typing import NamedTuple

from folkmoot.pool.placement.needs import GPU_WIDTH, Wanted
from folkmoot.pool.placement.packing import Ground, LoadOn
from folkmoot.pool.placement.sizes import GIB
from folkmoot.pool.placement.values import Finding

_SHORTEST = 1024
"""Tokens: a window that is shorter is no advice."""


class _Short(NamedTuple):
    """What is missing at one place."""

    bytes: int
    """On all its devices together."""
    need: int
    """On each."""
    there: int
    """On each."""
    over: int
    gpu: bool
    empty: bool
    """Whether it would not fit there either if nobody else were there."""


def finding(wanted: Wanted, ground: Ground, ways: LoadOn) -> Finding:
    """What is missing where the least is missing, and what would help."""
    places = list(_places(wanted, ground, ways))
    short = min(places, key=lambda each: (not each.gpu, each.bytes))
    each = f"each of {short.over} GPUs" if short.over > 1 else "a GPU" if short.gpu else "a machine"
    copy = f"copy {wanted.copy + 1} of " if wanted.copies > 1 else ""
    where = "can be used" if short.empty else "is left beside the others"
    what = f"{copy}{wanted.engine} needs {_gib(short.need)} on {each}; at most {_gib(short.there)} {where}"
    return Finding(
        engine=wanted.engine,
        models=tuple(wanted.models),
        what=what,
        short_gib=round(short.bytes / GIB, 2),
        todo=f"{_gib(short.bytes)} more memory; or {_change(wanted, short)}",
    )


def _places(wanted: Wanted, ground: Ground, ways: LoadOn) -> Iterator[_Short]:
    for gpu in (True, False):
        for over in wanted.spreads() if gpu else (1,):
            for devices in ground.alike(gpu, over):
                if over <= len(devices):
                    need = ways(gpu, over)[-1].bytes
                    usable = sorted((device.usable for device in devices), reverse=True)[over - 1]
                    free = sorted(map(ground.free, devices), reverse=True)[over - 1]
                    empty = need > usable
                    there = usable if empty else free
                    yield _Short(max(need - there, 0) * over, need, there, over, gpu, empty)


def _change(wanted: Wanted, short: _Short) -> str:
    """A window that fits, where one does; else a smaller model."""
    width = GPU_WIDTH if short.gpu else 4
    spare = short.there - (short.need - wanted.least_cache(short.gpu, short.over, width))
    fits = spare // wanted.kv_token(short.over, width) // 256 * 256
    if short.gpu and _SHORTEST <= fits < wanted.window:
        return f"a window of {fits} tokens"
    if wanted.copy:
        return f"fewer replicas of {wanted.engine}"
    return "a smaller or quantised base"


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"
