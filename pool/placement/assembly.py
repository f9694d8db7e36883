"""Engines from what was placed: one for each server, joined where they are copies or take turns."""

from collections.abc import Sequence

from folkmoot.pool.engine import Engine
from folkmoot.pool.placement.hardware import is_here
from folkmoot.pool.placement.placed import Placed
from folkmoot.pool.replicas import Replicas
from folkmoot.pool.turns import Turns
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.server import VllmServer


def engine(placed: Placed) -> Engine:
    """The engine over one placed server: it starts it here, or asks it where it runs."""
    return server(placed) if is_here(placed.host) else client(placed)


def server(placed: Placed) -> VllmServer:
    """The placed server, to be started on this machine."""
    return VllmServer(
        placed.name,
        placed.models,
        host=placed.host,
        port=placed.port,
        window=placed.window,
        kv_cache_gib=max(1, int(placed.kv_cache_gib)),
        gpus=placed.gpus,
        flags=(*gpu_flags(placed), *placed.flags),
    )


def client(placed: Placed) -> VllmEngine:
    """A client of the placed server, which was started on its own machine."""
    names = {model: model for model in placed.models}
    return VllmEngine(placed.name, f"http://{placed.host}:{placed.port}", names)


def gpu_flags(placed: Placed) -> tuple[str, ...]:
    """What tells a server its share of its GPUs. () on a CPU."""
    flags = () if placed.share is None else ("--gpu-memory-utilization", f"{placed.share:g}")
    spread = ("--tensor-parallel-size", str(len(placed.gpus))) if len(placed.gpus) > 1 else ()
    return (*flags, *spread)


def assemble(several: Sequence[Placed]) -> tuple[Engine, ...]:
    """The engines over placed servers, in their order."""
    engines: dict[str, list[Placed]] = {}
    for placed in several:
        engines.setdefault(placed.turns or placed.replica_of or placed.name, []).append(placed)
    return tuple(each for name, placed in engines.items() for each in _joined(name, placed))


def _joined(name: str, several: Sequence[Placed]) -> tuple[Engine, ...]:
    if several[0].turns is not None:
        return Turns(name, [server(each) for each in several]).engines
    if several[0].replica_of is not None:
        return (Replicas(name, [engine(each) for each in several]),)
    return (engine(several[0]),)
