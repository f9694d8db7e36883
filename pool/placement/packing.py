"""Which servers stand on which GPUs. Pure: bytes in, the same answer for the same bytes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

RESIDUE = 2**30
"""Bytes that a server leaves on a GPU while it sleeps: its context and its graphs."""


class Device(NamedTuple):
    """A GPU, or the memory of a machine that has none."""

    machine: int
    """Which machine, in the order given."""
    gpu: int | None
    """Which of its GPUs; None for its memory."""
    total: int
    """Bytes there are."""
    usable: int
    """Bytes that may be given to servers."""
    turns: bool = True
    """Whether servers may take turns on it."""


class Load(NamedTuple):
    """A server to be placed, in one of the ways in which it could run."""

    name: str
    """Of the server; names differ."""
    engine: str
    """Copies of one engine have the same name here."""
    bytes: int
    """That it needs on each of its devices at least."""
    slots: int
    """Adapters that it holds at once."""
    turns: bool
    """Whether it may take turns with others."""
    spreads: tuple[int, ...] = (1,)
    """Over how many GPUs it could be spread."""


@dataclass
class Tenant:
    """Servers that have room on some devices: one, or several that take turns."""

    devices: tuple[Device, ...]
    loads: list[Load] = field(default_factory=list[Load])

    def reserved(self, more: Load | None = None) -> int:
        """Bytes that it holds on each device: the largest awake, what sleeps beside it left over."""
        loads = [*self.loads, *([more] if more else [])]
        residue = RESIDUE if self.devices[0].gpu is not None else 0
        return max(load.bytes for load in loads) + residue * (len(loads) - 1)


LoadOn = Callable[[bool, int], Sequence[Load]]
"""(on a GPU?, over how many) → the ways in which it could run there, the best first."""


class Ground:
    """All devices, and who stands on them."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self.devices = tuple(devices)
        self.tenants: list[Tenant] = []

    def free(self, device: Device) -> int:
        """Bytes of a device that nobody holds."""
        return device.usable - sum(each.reserved() for each in self.on(device))

    def on(self, device: Device) -> list[Tenant]:
        """Who stands on a device."""
        return [tenant for tenant in self.tenants if device in tenant.devices]

    def put(self, ways: LoadOn, counts: Sequence[int]) -> Tenant | None:
        """Find room for a server, on GPUs first: beside others, else in turns with them.

        Args:
            ways: how it could run.
            counts: over how many GPUs it could be spread, rising.

        Returns:
            The tenant that it is now part of, as its last load; None where there is no room.
        """
        for gpu in (True, False):
            several = counts if gpu else (1,)
            found = self._beside(ways, gpu, several)
            if found is None:
                found = self._in_turns(ways, gpu, several)
            if found is not None:
                return found
        return None

    def _beside(self, ways: LoadOn, gpu: bool, counts: Sequence[int]) -> Tenant | None:
        for count in counts:
            for load in ways(gpu, count):
                sets = list(self._widest(gpu, count, load))
                if sets:
                    best = min(sets, key=lambda devices: self._rank(devices, load.engine))
                    self.tenants.append(Tenant(best, [load]))
                    return self.tenants[-1]
        return None

    def _in_turns(self, ways: LoadOn, gpu: bool, counts: Sequence[int]) -> Tenant | None:
        for count in counts:
            for load in (each for each in ways(gpu, count) if each.turns):
                unions = [
                    (together, devices)
                    for devices in self._blocks(gpu, count)
                    for together in self._unions(devices)
                    if self._union(together, devices).reserved(load)
                    <= self._room(together, devices)
                ]
                if unions:
                    together, devices = min(
                        unions, key=lambda each: sum(len(t.loads) for t in each[0])
                    )
                    union = self._union(together, devices)
                    union.loads.append(load)
                    self.tenants = [each for each in self.tenants if each not in together]
                    self.tenants.append(union)
                    return union
        return None

    def _unions(self, devices: tuple[Device, ...]) -> Iterator[list[Tenant]]:
        """Who could take turns with a newcomer on these devices: one, or else all of them."""
        inside = [each for each in self.tenants if set(each.devices) <= set(devices)]
        # Who takes turns with one that is spread is spread as well.
        willing = all(
            load.turns and len(devices) in load.spreads for each in inside for load in each.loads
        )
        if not willing or not all(device.turns for device in devices):
            return
        yield from ([each] for each in inside if set(each.devices) == set(devices))
        if inside:
            yield inside

    def _union(self, together: Sequence[Tenant], devices: tuple[Device, ...]) -> Tenant:
        return Tenant(devices, [load for each in together for load in each.loads])

    def _room(self, together: Sequence[Tenant], devices: tuple[Device, ...]) -> int:
        return min(
            self.free(device) + sum(t.reserved() for t in together if device in t.devices)
            for device in devices
        )

    def _widest(self, gpu: bool, count: int, load: Load) -> Iterator[tuple[Device, ...]]:
        """On each machine the devices where it fits that have the fewest copies and the most room."""
        for devices in self.alike(gpu, count):
            fitting = [each for each in devices if self.free(each) >= load.bytes]
            if len(fitting) >= count:
                fitting.sort(key=lambda each: self._rank((each,), load.engine))
                yield tuple(sorted(fitting[:count]))

    def _blocks(self, gpu: bool, count: int) -> Iterator[tuple[Device, ...]]:
        for devices in self.alike(gpu, count):
            for start in range(0, len(devices) - count + 1, count):
                yield devices[start : start + count]

    def alike(self, gpu: bool, count: int) -> Iterator[tuple[Device, ...]]:
        """The devices of each machine that a server over so many could be on.

        Several must be of one size: vLLM takes the same share of each.
        """
        fitting = [device for device in self.devices if (device.gpu is not None) == gpu]
        sizes = {(each.machine, each.total if count > 1 else 0): each for each in fitting}
        for machine, total in sizes:
            yield tuple(
                each for each in fitting if each.machine == machine and total in (0, each.total)
            )

    def _rank(self, devices: tuple[Device, ...], engine: str) -> tuple[int, ...]:
        """The lower, the better a place: copies apart, then room, then the order given."""
        copies = [
            each for each in self.tenants if any(load.engine == engine for load in each.loads)
        ]
        same = sum(any(device in each.devices for device in devices) for each in copies)
        near = sum(each.devices[0].machine == devices[0].machine for each in copies)
        first = devices[0]
        return (same, near, -min(map(self.free, devices)), first.machine, first.gpu or 0)
