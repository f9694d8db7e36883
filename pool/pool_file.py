"""pool.yaml as it is written: fields and their values, nothing looked up.

engines:                            # as they are; each of
  - kind: embedded                  # transformers, in this process
    models: [smollm2]
  - kind: vllm                      # a vLLM server that the pool starts and stops
    models: {nurse: org/nurse-7b}   # what panels call it: packaged name, folder or hub id;
    replicas: 1                     #   or {base: org/nurse-7b, adapter: adapters/nurse}
  - kind: vllm-in-process           # vLLM without a server, for this process alone
    models: {nurse: org/nurse-7b}
  - kind: served                    # a server that is there already
    url: http://127.0.0.1:8000      #   or a list: replicas
    models: {doctor: served-name}   # what panels call it: what the server calls it
    key_env: MY_KEY                 # the environment variable with its API key
models:                             # to be placed on machines
  nurse: {base: org/base-7b, adapter: adapters/nurse}
machines:                           # none: this one, as found
  - name: here
    host: 127.0.0.1                 # its address for clients
    gpus: [80, 80]                  # GiB of each
    memory_gib: 64                  # where it has no GPU
    ports: 8100                     # of its first server; the others count up from it
window: 4096                        # tokens of context of what is placed
replicas: {nurse: 2}                # of the server that a model is on
patience_s: 60                      # how long an engine may be gone

Relative folders count from the file.
"""

import re
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import AfterValidator, BeforeValidator, Field

from folkmoot.pool.models.resolve import PACKAGED
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.ports import LAST_PORT, LOCAL
from folkmoot.records import PoolError, located_yaml
from folkmoot.records.base import Frozen
from folkmoot.records.located_yaml import Located

PATIENCE_S = 60.0
"""Seconds for which an engine may be gone before its calls are given up."""

FIRST_PORT = 8100

_LARGEST = 2**20
"""Bytes of a pool file."""

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


def _same_names(models: Any) -> Any:
    """A list of models stands for a mapping of each to itself."""
    if not isinstance(models, list):
        return models
    names = cast(list[Any], models)
    return {name: name for name in names} if all(isinstance(name, str) for name in names) else names


def _source(given: Any) -> Any:
    """A name alone stands for a base without an adapter."""
    return {"base": given} if isinstance(given, str) else given


def _listed(given: Any) -> Any:
    """One address stands for a list of it."""
    return [given] if isinstance(given, str) else given


def _addresses(urls: tuple[str, ...]) -> tuple[str, ...]:
    for at, url in enumerate(_some(urls)):
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address such as http://127.0.0.1:8000")
        if url in urls[:at]:
            raise ValueError(f"{url!r} is given twice")
    return urls


def _host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise ValueError(f"{host!r} is no address such as 10.0.0.7, without a port")
    return host


def _some(several: Any) -> Any:
    if not several:
        raise ValueError("is empty")
    return several


_Named = Annotated[dict[str, str], BeforeValidator(_same_names), AfterValidator(_some)]
_Sources = Annotated[
    dict[str, Annotated[Source, BeforeValidator(_source)]],
    BeforeValidator(_same_names),
    AfterValidator(_some),
]
_Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
_Copies = Annotated[int, Field(ge=1, le=64)]
_Port = Annotated[int, Field(ge=1, le=LAST_PORT)]
_Size = Annotated[float, Field(gt=0, le=2**20, allow_inf_nan=False)]
"""GiB: a PiB at most."""
_Seconds = Annotated[float, Field(gt=0)]


class EmbeddedEntry(Frozen):
    """Models in this process."""

    kind: Literal["embedded"]
    name: str | None = None
    models: _Sources
    max_batch: _Count = 32
    cache_mb: Annotated[int, Field(ge=0)] = 512
    dtype: Literal["float32", "bfloat16", "float16"] | None = None
    device: str | None = None


class VllmEntry(Frozen):
    """A server to be started, as it is written."""

    kind: Literal["vllm"]
    name: str | None = None
    models: _Sources
    port: _Port | None = None
    window: _Count | None = None
    connections: _Count = 64
    kv_cache_gib: _Count = 2
    flags: tuple[str, ...] = ()
    start_s: _Seconds = 600.0
    replicas: _Copies = 1


class InProcessEntry(Frozen):
    """vLLM in this process."""

    kind: Literal["vllm-in-process"]
    name: str | None = None
    models: _Sources
    window: _Count | None = None
    timeout_s: _Seconds = 600.0
    kv_cache_gib: _Count = 2
    flags: tuple[str, ...] = ()


class ServedEntry(Frozen):
    """A server that is there already."""

    kind: Literal["served"]
    name: str | None = None
    url: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_addresses)]
    """One, or those of replicas."""
    models: _Named
    key_env: str | None = None
    window: _Count | None = None
    """Tokens of context, for a server that does not say them."""
    connections: _Count = 64
    seeds: bool | None = None
    batch_invariant: bool | None = None
    """Whether it was started with `VLLM_BATCH_INVARIANT=1`, where that has an effect."""
    timeout_s: _Seconds = 600.0


Entry = EmbeddedEntry | VllmEntry | InProcessEntry | ServedEntry


class MachineEntry(Frozen):
    """Where servers can be placed."""

    name: str
    host: Annotated[str, AfterValidator(_host)] = LOCAL
    gpus: Annotated[tuple[_Size, ...], Field(max_length=64)] | Literal["auto"] | None = None
    memory_gib: _Size | None = None
    ports: _Port = FIRST_PORT

    @property
    def alone(self) -> bool:
        """Whether nobody else can reach it: it is the machine where the file is read."""
        return self.host == "localhost" or self.host.startswith("127.")


class PoolFile(Frozen):
    """The whole file."""

    engines: tuple[Annotated[Entry, Field(discriminator="kind")], ...] = ()
    models: Annotated[_Sources | None, BeforeValidator(_same_names)] = None
    machines: Annotated[tuple[MachineEntry, ...], AfterValidator(_some)] | None = None
    window: _Count | None = None
    replicas: dict[str, _Copies] = Field(default_factory=dict)
    patience_s: _Seconds = PATIENCE_S


class Read(NamedTuple):
    """A pool file, and where in it everything stands."""

    located: Located
    file: PoolFile


def read(path: str | Path) -> Read:
    """Read a pool file and see that it agrees with itself. Relative folders in it are made absolute.

    Raises:
        PoolError: it cannot be used; one line for each fault, `file:line: field: reason`.
    """
    _check_file(Path(path))
    located = located_yaml.load(path, PoolError)
    file = located.check(PoolFile)
    if not file.engines and not file.models:
        empty = "engines" in cast(dict[str, Any], located.data)
        raise located.fault(("engines",) if empty else (), "names no engines and no models")
    _check_models(located, file)
    _check_machines(located, file)
    return Read(located, _below(file, Path(path).absolute().parent))


def engine_names(entries: Sequence[Entry]) -> list[str]:
    """Each engine's own name, or its kind, numbered where there are several of one kind."""
    kinds = Counter(entry.kind for entry in entries if entry.name is None)
    taken: Counter[str] = Counter()
    names: list[str] = []
    for entry in entries:
        taken[entry.kind] += entry.name is None
        numbered = f"{entry.kind}-{taken[entry.kind]}" if kinds[entry.kind] > 1 else entry.kind
        names.append(entry.name or numbered)
    return names


def _check_file(path: Path) -> None:
    """See that it is a file that can be read at once. What is not there is told by who reads it."""
    try:
        kind = path.stat()
    except OSError:
        return
    if not stat.S_ISREG(kind.st_mode):
        raise PoolError(f"cannot read {str(path)!r}: it is no regular file", "name a pool file")
    if kind.st_size > _LARGEST:
        raise PoolError(
            f"{str(path)!r} has {kind.st_size:,} bytes: a pool file has {_LARGEST:,} at most",
            "name a pool file",
        )


def _check_models(located: Located, file: PoolFile) -> None:
    """Each model in one engine, each name once: a reply says which engine gave it."""
    models: dict[str, str] = {}
    names: set[str] = set()
    for at, entry in enumerate(file.engines):
        if entry.name is not None and entry.name in names:
            raise located.fault(("engines", at, "name"), f"{entry.name!r} is taken")
        names.add(entry.name or "")
        if isinstance(entry, VllmEntry) and entry.port:
            last = entry.port + entry.replicas - 1
            if last > LAST_PORT:
                reason = (
                    f"{last} would be that of its last replica; there is none above {LAST_PORT}"
                )
                raise located.fault(("engines", at, "port"), reason)
        for model in entry.models:
            if model in models:
                reason = f"{model!r} is answered for by {models[model]} already"
                raise located.fault(("engines", at, "models"), reason)
            models[model] = f"engines[{at}]"
    for model in file.models or ():
        if model in models:
            reason = f"{model!r} is answered for by {models[model]} already"
            raise located.fault(("models", model), reason)
    bases = {source.base for source in (file.models or {}).values()}
    for model in file.replicas:
        if model not in (file.models or ()) and model not in bases:
            raise located.fault(("replicas", model), f"{model!r} is not among `models`")


def _check_machines(located: Located, file: PoolFile) -> None:
    names: set[str] = set()
    for at, machine in enumerate(file.machines or ()):
        where = ("machines", at)
        if machine.name in names:
            raise located.fault((*where, "name"), f"{machine.name!r} is taken")
        names.add(machine.name)
        if not machine.alone and (
            machine.gpus == "auto" or not (machine.gpus or machine.memory_gib)
        ):
            reason = (
                f"what {machine.host} has is not known here: say the GiB of its GPUs, as in [80]"
            )
            raise located.fault((*where, "gpus"), reason)
    if file.models is None:
        for field in ("machines", "window", "replicas"):
            if field in cast(dict[str, Any], located.data):
                raise located.fault((field,), "is for `models` to be placed, and there are none")


def _below(file: PoolFile, folder: Path) -> PoolFile:
    """The same with relative folders counted from where the file is, and replicas by model."""

    def inside(sources: dict[str, Source]) -> dict[str, Source]:
        return {name: _source_below(source, folder) for name, source in sources.items()}

    engines = [
        entry
        if isinstance(entry, ServedEntry)
        else entry.model_copy(update={"models": inside(entry.models)})
        for entry in file.engines
    ]
    models = None if file.models is None else inside(file.models)
    replicas = {
        model: file.replicas.get(model) or file.replicas.get(source.base, 1)
        for model, source in (file.models or {}).items()
    }
    return file.model_copy(
        update={"engines": tuple(engines), "models": models, "replicas": replicas}
    )


def _source_below(source: Source, folder: Path) -> Source:
    below = source.below(folder)
    # A packaged name is one wherever it stands.
    return below.model_copy(update={"base": source.base}) if source.base in PACKAGED else below
