"""pool.yaml: which engines there are and which models each answers for.

engines:
  - kind: embedded                  # transformers, in this process
    models: [smollm2]
  - kind: vllm                      # a vLLM server that the pool starts and stops
    models: {nurse: org/nurse-7b}   # what panels call it: packaged name, folder or hub id
  - kind: served                    # a server that is there already
    url: http://127.0.0.1:8000
    models: {doctor: served-name}   # what panels call it: what the server calls it
    key_env: MY_KEY                 # the environment variable with its API key
patience_s: 60                      # how long an engine may be gone
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import AfterValidator, BeforeValidator, Field

from folkmoot.pool.embedded import Embedded
from folkmoot.pool.engine import Engine
from folkmoot.pool.vllm_client import VllmEngine
from folkmoot.pool.vllm_server import VllmServer
from folkmoot.records import PoolError, located_yaml
from folkmoot.records.base import Frozen
from folkmoot.records.located_yaml import Located

PATIENCE_S = 60.0
"""Seconds for which an engine may be gone before its calls are given up."""


class Settings(NamedTuple):
    """A pool file, read."""

    engines: tuple[Engine, ...]
    patience_s: float


def read_pool(path: str | Path) -> Settings:
    """The engines of a pool file. Nothing is started.

    Raises:
        PoolError: the file cannot be used; one line for each fault, `file:line: field: reason`.
    """
    file = located_yaml.load(path, PoolError)
    settings = file.check(_PoolFile)
    _check_names(file, settings.engines)
    names = _names(settings.engines)
    engines = [_engine(entry, name) for entry, name in zip(settings.engines, names, strict=True)]
    return Settings(tuple(engines), settings.patience_s)


def _same_names(models: Any) -> Any:
    """A list of models stands for a mapping of each to itself."""
    if not isinstance(models, list):
        return models
    names = cast(list[Any], models)
    return {name: name for name in names} if all(isinstance(name, str) for name in names) else names


def _http(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no address such as http://127.0.0.1:8000")
    return url


def _some(several: Any) -> Any:
    if not several:
        raise ValueError("is empty")
    return several


_Models = Annotated[dict[str, str], BeforeValidator(_same_names), AfterValidator(_some)]
_Count = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(gt=0)]


class _Embedded(Frozen):
    kind: Literal["embedded"]
    name: str | None = None
    models: Annotated[tuple[str, ...], AfterValidator(_some)]
    max_batch: _Count = 32
    cache_mb: Annotated[int, Field(ge=0)] = 512
    dtype: Literal["float32", "bfloat16", "float16"] | None = None
    device: str | None = None


class _Vllm(Frozen):
    kind: Literal["vllm"]
    name: str | None = None
    models: _Models
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    window: _Count | None = None
    connections: _Count = 64
    kv_cache_gib: _Count = 2
    flags: tuple[str, ...] = ()
    start_s: _Seconds = 600.0


class _Served(Frozen):
    kind: Literal["served"]
    name: str | None = None
    url: Annotated[str, AfterValidator(_http)]
    models: _Models
    key_env: str | None = None
    connections: _Count = 64
    seeds: bool | None = None
    timeout_s: _Seconds = 600.0


_Entry = _Embedded | _Vllm | _Served


class _PoolFile(Frozen):
    engines: Annotated[
        tuple[Annotated[_Entry, Field(discriminator="kind")], ...], AfterValidator(_some)
    ]
    patience_s: _Seconds = PATIENCE_S


def _check_names(file: Located, entries: Sequence[_Entry]) -> None:
    """Each model in one engine, each name once: a reply says which engine gave it."""
    models: dict[str, int] = {}
    names: set[str] = set()
    for at, entry in enumerate(entries):
        if entry.name is not None and entry.name in names:
            raise file.fault(("engines", at, "name"), f"{entry.name!r} is taken")
        names.add(entry.name or "")
        for model in entry.models:
            if model in models:
                where = f"engines[{models[model]}]"
                raise file.fault(
                    ("engines", at, "models"), f"{model!r} is answered for by {where} already"
                )
            models[model] = at


def _names(entries: Sequence[_Entry]) -> list[str]:
    """Each engine's own name, or its kind, numbered where there are several of one kind."""
    kinds = Counter(entry.kind for entry in entries if entry.name is None)
    taken: Counter[str] = Counter()
    names: list[str] = []
    for entry in entries:
        taken[entry.kind] += entry.name is None
        numbered = f"{entry.kind}-{taken[entry.kind]}" if kinds[entry.kind] > 1 else entry.kind
        names.append(entry.name or numbered)
    return names


def _engine(entry: _Entry, name: str) -> Engine:
    given = entry.model_dump(exclude={"kind", "name"})
    if isinstance(entry, _Embedded):
        return Embedded(name=name, **given)
    if isinstance(entry, _Vllm):
        return VllmServer(name, **given)
    return VllmEngine(name, **given)
