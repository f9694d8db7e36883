"""From a pool file to engines: those it names, and those its models are placed on."""

from pathlib import Path
from typing import Any, NamedTuple

from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.engine import Engine
from folkmoot.pool.models.adapter import check_fit, check_served, read_adapter
from folkmoot.pool.models.resolve import locate
from folkmoot.pool.placement import hardware
from folkmoot.pool.placement.assembly import assemble
from folkmoot.pool.placement.gathering import gather
from folkmoot.pool.placement.hardware import computes_in_bfloat16
from folkmoot.pool.placement.needs import Model, numbered
from folkmoot.pool.placement.placed import Placed, Source
from folkmoot.pool.placement.placing import place
from folkmoot.pool.placement.sizes import GIB, Size, measure
from folkmoot.pool.placement.values import Machine, Placement
from folkmoot.pool.pool_file import (
    PATIENCE_S,
    EmbeddedEntry,
    Entry,
    InProcessEntry,
    MachineEntry,
    Read,
    ServedEntry,
    VllmEntry,
    engine_names,
    read,
)
from folkmoot.pool.ports import LOCAL
from folkmoot.pool.replicas import Replicas
from folkmoot.pool.vllm.client import VllmEngine
from folkmoot.pool.vllm.in_process import VllmInProcess
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import PoolError

__all__ = ["PATIENCE_S", "Settings", "placement", "read_pool"]


class Settings(NamedTuple):
    """A pool file, read."""

    engines: tuple[Engine, ...]
    patience_s: float
    placed: tuple[Placed, ...] = ()
    """What its models are placed on. The engines over these servers come last in `engines`."""


def read_pool(path: str | Path) -> Settings:
    """The engines of a pool file. Nothing is started.

    Where models are to be placed, their sizes are read off their files; of one that only the hub
    has, its configuration is fetched.

    Raises:
        PoolError: the file cannot be used, one line for each fault, `file:line: field: reason`; or
            a model does not fit.
    """
    found = read(path)
    places = placement(found)
    if places.findings:
        said = [
            found.located.said(("models", each.models[0]), f"{each.what} ({each.todo})")
            for each in places.findings
        ]
        raise PoolError("\n".join(said), f"folkmoot pool plan {path} says what would go where")
    names = engine_names(found.file.engines)
    written = [_engine(each, name) for each, name in zip(found.file.engines, names, strict=True)]
    engines = (*written, *assemble(places.placed))
    return Settings(engines, found.file.patience_s, places.placed)


def placement(found: Read) -> Placement:
    """Where the models of a pool file are placed, and what does not fit. Blocks.

    Raises:
        PoolError: a model cannot be found, or its size cannot be told.
    """
    file = found.file
    if file.models is None:
        return Placement(placed=(), figures={}, findings=())
    sizes: dict[str, Size] = {}
    models: dict[str, Model] = {}
    for name, source in file.models.items():
        try:
            models[name] = _model(name, source, sizes)
        except PoolError as fault:
            where = found.located.said(("models", name), fault.message)
            raise PoolError(where, fault.hint, fault.model) from fault
    taken = engine_names(file.engines)
    wanted = gather(models, file.window, file.replicas, taken)
    machines = [_machine(each) for each in file.machines or (MachineEntry(name="here"),)]
    ports = [
        each.port + copy
        for each in file.engines
        if isinstance(each, VllmEntry) and each.port
        for copy in range(each.replicas)
    ]
    return place(wanted, machines, taken, ports)


def _model(name: str, source: Source, sizes: dict[str, Size]) -> Model:
    files = locate(source, outline=True)
    if files.adapter and source.adapter:
        check_fit(name, files.adapter, files.folder)
        check_served(name, files.adapter)
    base = str(files.folder)
    if base not in sizes:
        sizes[base] = measure(files.folder)
    adapter = files.adapter and (str(files.adapter), read_adapter(files.adapter))
    return Model(source, base, sizes[base], adapter)


def _machine(entry: MachineEntry) -> Machine:
    host = LOCAL if entry.alone else entry.host
    said = not isinstance(entry.gpus, str) and (entry.gpus or entry.memory_gib)
    if said and not isinstance(entry.gpus, str):
        gpus = tuple(int(size * GIB) for size in entry.gpus or ())
        memory = int((entry.memory_gib or 0) * GIB)
    else:
        found = hardware.look()
        gpus, memory = tuple(gpu.total for gpu in found.gpus), found.memory.total
    width = 2 if entry.alone and computes_in_bfloat16() else 4
    return Machine(entry.name, host, gpus, memory, entry.ports, entry.alone, width)


def _engine(entry: Entry, name: str) -> Engine:
    given: dict[str, Any] = {
        field: value for field, value in entry if field not in ("kind", "name", "replicas")
    }
    if isinstance(entry, EmbeddedEntry):
        return Embedded(name=name, **given)
    if isinstance(entry, InProcessEntry):
        return VllmInProcess(name, **given)
    if not isinstance(entry, VllmEntry):
        return _served(given, name, entry)
    if entry.replicas == 1:
        return VllmServer(name, **given)
    copies = [_copy(given, name, entry, copy) for copy in range(entry.replicas)]
    return Replicas(name, copies)


def _served(given: dict[str, Any], name: str, entry: ServedEntry) -> Engine:
    several: list[VllmEngine] = []
    for copy, url in enumerate(entry.url):
        settings: dict[str, Any] = given | {"url": url}
        several.append(VllmEngine(numbered(name, copy, len(entry.url)), **settings))
    return several[0] if len(several) == 1 else Replicas(name, several)


def _copy(given: dict[str, Any], name: str, entry: VllmEntry, copy: int) -> VllmServer:
    port = None if entry.port is None else entry.port + copy
    settings: dict[str, Any] = given | {"port": port}
    return VllmServer(numbered(name, copy, entry.replicas), **settings)
