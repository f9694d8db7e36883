"""From who stands where to servers: shares of GPUs, caches, ports, and why each stands there."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from math import floor
from typing import NamedTuple

from folkmoot.pool.placement.needs import GPU_WIDTH, Wanted
from folkmoot.pool.placement.packing import RESIDUE, Device, Ground, Load, Tenant
from folkmoot.pool.placement.placed import Placed
from folkmoot.pool.placement.sizes import CPU_BLOCK, GIB, GPU_BLOCK, kv_tokens
from folkmoot.pool.placement.values import Figures, Machine
from folkmoot.pool.ports import LAST_PORT
from folkmoot.records import PoolError

GRAIN = 10_000
"""Shares of a GPU are told to vLLM in parts of so many."""

_CPU_CACHE = 2 * GIB
"""The cache that a server on a CPU gets if there is room."""


class _Seat(NamedTuple):
    """A server, and what it got."""

    wanted: Wanted
    load: Load
    tenant: Tenant
    machine: Machine
    extra: int
    """Bytes on each of its devices beyond what it needs at least."""

    @property
    def gpu(self) -> bool:
        return self.tenant.devices[0].gpu is not None

    @property
    def over(self) -> int:
        return len(self.tenant.devices)

    @property
    def width(self) -> int:
        return GPU_WIDTH if self.gpu else self.machine.cpu_width

    @property
    def fixed(self) -> int:
        return self.wanted.fixed(self.gpu, self.over, self.load.slots, self.width)

    @property
    def share(self) -> float | None:
        """Of each of its GPUs. Beside what it takes, who sleeps there leaves something behind."""
        if not self.gpu:
            return None
        awake = self.tenant.reserved() - RESIDUE * (len(self.tenant.loads) - 1) + self.extra
        grains = (awake / each.total * GRAIN for each in self.tenant.devices)
        return floor(min(grains) + 1e-4) / GRAIN  # the most there is may be a byte short of a grain

    @property
    def cache(self) -> int:
        """Bytes for keys and values on each of its devices."""
        if self.share is None:
            least = self.wanted.least_cache(False, 1, self.width)
            return max(least, min(_CPU_CACHE, least + self.extra // GIB * GIB))
        return floor(self.share * min(each.total for each in self.tenant.devices)) - self.fixed


def tell(
    several: Sequence[Wanted],
    machines: Sequence[Machine],
    ground: Ground,
    taken: Collection[str] = (),
    ports: Collection[int] = (),
) -> list[tuple[Placed, Figures]]:
    """The servers that found room, in the order in which they were wanted.

    Args:
        several: what was wanted.
        machines: where.
        ground: who stands where.
        taken: names of other engines.
        ports: of other engines.

    Raises:
        PoolError: a machine has no port left.
    """
    seats = {each.load.name: each for each in _seats(several, machines, ground)}
    used = {machine.host: set(ports) for machine in machines}
    waiting = [tenant for tenant in ground.tenants if len(tenant.loads) > 1]
    names = (name for at in count(1) if (name := f"turns-{at}") not in taken)
    turns = {id(tenant): name for tenant, name in zip(waiting, names, strict=False)}
    servers: list[tuple[Placed, Figures]] = []
    for wanted in several:
        seat = seats.get(wanted.name)
        if seat is not None:
            there = used[seat.machine.host]
            port = next(port for port in count(seat.machine.port) if port not in there)
            if port > LAST_PORT:
                raise PoolError(
                    f"no port is left on machine {seat.machine.name!r} for {wanted.name!r}: they "
                    f"count up from {seat.machine.port}",
                    "let `ports` of the machine begin lower",
                )
            there.add(port)
            placed = _placed(seat, ground, port, turns.get(id(seat.tenant)))
            servers.append((placed, _figures(seat)))
    return servers


def _seats(
    several: Sequence[Wanted], machines: Sequence[Machine], ground: Ground
) -> Iterator[_Seat]:
    by_name = {each.name: each for each in several}
    claims = {
        id(tenant): max(_claim(by_name[load.name], tenant) for load in tenant.loads)
        for tenant in ground.tenants
    }
    for tenant in ground.tenants:
        extra = min(_part(device, tenant, ground, claims) for device in tenant.devices)
        machine = machines[tenant.devices[0].machine]
        for load in tenant.loads:
            yield _Seat(by_name[load.name], load, tenant, machine, extra)


def _claim(wanted: Wanted, tenant: Tenant) -> int:
    """What a token of each of its models takes: what is left over is shared in this proportion."""
    return wanted.kv_token(len(tenant.devices), GPU_WIDTH) * len(wanted.models)


def _part(device: Device, tenant: Tenant, ground: Ground, claims: Mapping[int, int]) -> int:
    everyone = sum(claims[id(each)] for each in ground.on(device))
    return ground.free(device) * claims[id(tenant)] // everyone


def _placed(seat: _Seat, ground: Ground, port: int, turns: str | None) -> Placed:
    wanted, adapters = seat.wanted, seat.wanted.named
    neighbours = _neighbours(seat, ground)
    flags: tuple[str, ...] = ()
    if seat.gpu and neighbours:
        # Else vLLM would measure what is free, while the others come and go.
        flags = ("--kv-cache-memory-bytes", str(seat.cache))
    if seat.gpu and seat.load.slots < adapters:
        flags += ("--max-loras", str(seat.load.slots), "--max-cpu-loras", str(adapters))
    return Placed(
        name=wanted.name,
        models={name: model.source for name, model in wanted.models.items()},
        machine=seat.machine.name,
        host=seat.machine.host,
        port=port,
        gpus=tuple(each.gpu for each in seat.tenant.devices if each.gpu is not None),
        share=seat.share,
        kv_cache_gib=_gib(seat.cache * seat.over),
        window=wanted.window,
        replica_of=wanted.engine if wanted.copies > 1 else None,
        turns=turns,
        flags=flags,
        why=_why(seat, neighbours),
    )


def _figures(seat: _Seat) -> Figures:
    wanted, width = seat.wanted, seat.width
    block = GPU_BLOCK if seat.gpu else CPU_BLOCK
    tokens = kv_tokens(seat.cache, wanted.kv_token(seat.over, width), block)
    adapters = wanted.slots(seat.gpu, seat.load.slots, width)
    return Figures(
        weights_gib=_gib(wanted.size.weights(width)),
        adapters_gib=_gib(adapters * seat.over),
        overhead_gib=_gib(wanted.size.overhead(width, seat.gpu) * seat.over),
        adapters=wanted.named,
        slots=seat.load.slots,
        kv_token_bytes=wanted.size.kv_token(width),
        kv_tokens=tokens,
        window=wanted.window,
        concurrency=round(tokens / wanted.window, 2),
    )


def _neighbours(seat: _Seat, ground: Ground) -> list[Load]:
    """Who has room on its devices at the same time."""
    tenants = [each for device in seat.tenant.devices for each in ground.on(device)]
    return [load for each in tenants if each is not seat.tenant for load in each.loads]


def _why(seat: _Seat, neighbours: Sequence[Load]) -> tuple[str, ...]:
    """Why it stands there, a line each."""
    wanted, tenant = seat.wanted, seat.tenant
    adapters, lines = wanted.named, list[str]()
    if len(wanted.models) > 1:
        beside = f", {adapters} of them as adapters" if adapters else ""
        lines.append(f"{len(wanted.models)} models of one base share its weights{beside}")
    if seat.over > 1:
        lines.append(f"over {seat.over} GPUs: {_spread(seat)}")
    others = [load for load in tenant.loads if load is not seat.load]
    if others:
        lines.append(f"takes turns with {_names(others)}: there is no room for them at once")
    if neighbours:
        lines.append(f"shares {'the GPU' if seat.gpu else 'the memory'} with {_names(neighbours)}")
    if seat.gpu and seat.load.slots < adapters:
        lines.append(f"{seat.load.slots} of {adapters} adapters at once: more leave no room")
    if wanted.copies > 1:
        lines.append(f"copy {wanted.copy + 1} of {wanted.copies}")
    return tuple(lines)


def _spread(seat: _Seat) -> str:
    """Why it is over several GPUs."""
    usable = min(device.usable for device in seat.tenant.devices)
    for fewer in seat.wanted.spreads():
        need = seat.wanted.loads(True, fewer, GPU_WIDTH)[-1].bytes
        if fewer < seat.over and len(seat.tenant.loads) > 1 and need <= usable:
            return "so are those that it takes turns with"
    return "on fewer there is no room for it"


def _names(loads: Sequence[Load]) -> str:
    return ", ".join(dict.fromkeys(load.name for load in loads))


def _gib(size: int) -> float:
    return round(size / GIB, 3)
