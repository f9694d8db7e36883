"""What is missing for a server that found no room, and what to change: advice that was tried out."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import NamedTuple

from folkmoot.pool.placement.needs import Wanted
from folkmoot.pool.placement.packing import Device, Ground, LoadOn
from folkmoot.pool.placement.sizes import GIB
from folkmoot.pool.placement.values import Finding, Machine

_SHORTEST, _STEP = 1024, 256
"""Tokens: a window that is shorter is no advice; windows are advised in steps."""

_GRAIN = 10
"""Memory is advised in parts of a GiB."""

_TRIES = 10
"""More memory than several times what is missing is no advice."""

Fits = Callable[[Sequence[Wanted], Sequence[Machine]], bool]
"""Whether the server found room if this were wanted on these machines, and nobody lost any."""


class Short(NamedTuple):
    """What is missing at one place."""

    bytes: int
    """On all its devices together."""
    need: int
    """On each."""
    there: int
    """On each."""
    devices: tuple[Device, ...]
    gpu: bool
    empty: bool
    """Whether it would not fit there either if nobody else were there."""


def shortest(wanted: Wanted, ground: Ground, ways: LoadOn) -> Short:
    """The place where the least is missing; on GPUs where there are any."""
    return min(_places(wanted, ground, ways), key=lambda each: (not each.gpu, each.bytes))


def finding(
    wanted: Wanted,
    short: Short,
    several: Sequence[Wanted],
    machines: Sequence[Machine],
    fits: Fits | None,
) -> Finding:
    """What is missing, and what would help.

    Args:
        wanted: what found no room.
        short: where the least is missing.
        several: all that was wanted.
        machines: where.
        fits: tries advice out; None where another copy of this server was advised already.
    """
    over = len(short.devices)
    each = f"each of {over} GPUs" if over > 1 else "a GPU" if short.gpu else "a machine"
    copy = f"copy {wanted.copy + 1} of " if wanted.copies > 1 else ""
    where = "can be used" if short.empty else "is left beside the others"
    what = (
        f"{copy}{wanted.engine} needs {_gib(short.need)} on {each}; "
        f"at most {_gib(short.there)} {where}"
    )
    more = None if fits is None else _memory(short, several, machines, fits)
    advice = [] if more is None else [_said(more, short, machines)]
    if fits is not None:
        advice += _another(short, several, machines, fits)
        advice += _window(wanted, several, machines, fits)
    advice.append(
        f"fewer replicas of {wanted.engine}" if wanted.copy else "a smaller or quantised base"
    )
    return Finding(
        engine=wanted.engine,
        models=tuple(wanted.models),
        what=what,
        short_gib=round(max(short.bytes / GIB, 0.01) if more is None else more * over, 2),
        todo="; or ".join(advice),
    )


def _places(wanted: Wanted, ground: Ground, ways: LoadOn) -> Iterator[Short]:
    for gpu in (True, False):
        for over in wanted.spreads() if gpu else (1,):
            for devices in ground.alike(gpu, over):
                if over <= len(devices):
                    need = ways(gpu, over)[-1].bytes
                    roomy = sorted(devices, key=lambda device: -device.usable)[:over]
                    empty = need > roomy[-1].usable
                    if not empty:
                        roomy = sorted(devices, key=lambda device: -ground.free(device))[:over]
                    there = roomy[-1].usable if empty else ground.free(roomy[-1])
                    missing = max(need - there, 0) * over
                    yield Short(missing, need, there, tuple(roomy), gpu, empty)


def _memory(
    short: Short, several: Sequence[Wanted], machines: Sequence[Machine], fits: Fits
) -> float | None:
    """GiB more on each of its devices with which it fits; None where none do."""

    def fit(parts: int) -> bool:
        return fits(several, _grown(short.devices, parts, machines))

    parts = max(ceil(short.bytes / len(short.devices) / GIB * _GRAIN), 1)
    for _ in range(_TRIES):
        if fit(parts):
            return _least(0, parts, fit) / _GRAIN
        parts = ceil(parts * 1.25)  # Not all there is is given out; and others want it too.
    return None


def _grown(devices: Sequence[Device], parts: int, machines: Sequence[Machine]) -> Sequence[Machine]:
    """The machines with more memory on these devices."""
    more = parts * GIB // _GRAIN - 1  # Who writes down the sum may lose a byte in rounding.
    changed = list(machines)
    for device in devices:
        machine = changed[device.machine]
        if device.gpu is None:
            changed[device.machine] = machine._replace(memory=machine.memory + more)
        else:
            gpus = list(machine.gpus)
            gpus[device.gpu] += more
            changed[device.machine] = machine._replace(gpus=tuple(gpus))
    return changed


def _said(more: float, short: Short, machines: Sequence[Machine]) -> str:
    name = machines[short.devices[0].machine].name
    numbers = [str(device.gpu) for device in short.devices]
    if not short.gpu:
        return f"{more:.1f} GiB more memory on {name}"
    if len(numbers) == 1:
        return f"{more:.1f} GiB more on GPU {numbers[0]} of {name}"
    return f"{more:.1f} GiB more on each of GPUs {', '.join(numbers)} of {name}"


def _another(
    short: Short, several: Sequence[Wanted], machines: Sequence[Machine], fits: Fits
) -> list[str]:
    """Another GPU like the one that is too small."""
    first = short.devices[0]
    if first.gpu is None:
        return []
    machine, changed = machines[first.machine], list(machines)
    changed[first.machine] = machine._replace(gpus=(*machine.gpus, first.total))
    more = f"another GPU of {first.total / GIB:g} GiB on {machine.name}"
    return [more] if fits(several, changed) else []


def _window(
    wanted: Wanted, several: Sequence[Wanted], machines: Sequence[Machine], fits: Fits
) -> list[str]:
    """The longest window for all with which it fits."""

    def fit(steps: int) -> bool:
        window = steps * _STEP
        return fits([w._replace(window=min(w.window, window)) for w in several], machines)

    longest = (wanted.window - 1) // _STEP
    if longest * _STEP < _SHORTEST or not fit(_SHORTEST // _STEP):
        return []
    steps = _least(_SHORTEST // _STEP, longest + 1, lambda each: not fit(each)) - 1
    return [f"a window of {steps * _STEP} tokens"]


def _least(below: int, known: int, holds: Callable[[int], bool]) -> int:
    """The least number of which it holds, where it does not of `below` and does of `known`."""
    while known - below > 1:
        middle = (below + known) // 2
        below, known = (below, middle) if holds(middle) else (middle, known)
    return known


def _gib(size: int) -> str:
    return f"{size / GIB:.1f} GiB"
