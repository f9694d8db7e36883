"""Placed servers as a configuration of Ray Serve LLM, and as workers of vllm-router. No I/O.

Ray Serve LLM (`ray[llm]`) starts vLLM on the machines of a Ray cluster, which Ray chooses, and
answers for all of them at one address; `serve deploy FILE` takes the file. vllm-router stands before
servers that run already. Both speak as a vLLM server does: pools ask them as `kind: served`.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from folkmoot.pool.placement.placed import Placed
from folkmoot.pool.ports import LOCAL
from folkmoot.pool.vllm.child import Serving, command
from folkmoot.records import PoolError

_STORES = ("s3://", "gs://", "abfss://", "azure://")
"""Where Ray Serve LLM can fetch adapters from."""

_VERSION = (0, 26)
"""Ray pins a vLLM of its own: nothing newer is asked of it than what Folkmoot needs at least."""

_NOT_RAYS = (
    "model",
    "served_model_name",
    "host",
    "port",
    "lora_modules",
    "disable_uvicorn_access_log",
    "worker_cls",
)
"""Arguments of a server of our own that Ray gives by itself, or that it has no use for. The worker
is ours, and Folkmoot need not be installed where Ray runs."""

_LISTS = ("lora_target_modules",)
"""Arguments that take several values, also where one is given."""

_WHOLE = 1.0


class Planned(NamedTuple):
    """A server to be, and how it would be started."""

    placed: Placed
    serving: Serving


def ray_serve_config(planned: Sequence[Planned], store: str | None = None) -> dict[str, Any]:
    """What `serve deploy` takes (Ray 2.60): one application, one LLM config for each engine.

    Copies of an engine become its replicas. Which machines they run on Ray decides: what was placed
    gives the sizes, and a GPU that several share is asked for in parts.

    Args:
        planned: every server of a pool file, as `vllm_plan.preview` would start it.
        store: where the adapters are, each in a folder with its model's name: `s3://bucket/folder`.

    Raises:
        PoolError: an adapter but no store, servers that take turns, or an argument of a server that
            cannot be said to Ray.
    """
    configs = [_llm_config(copies, planned, store) for copies in _engines(planned).values()]
    application = {
        "name": "folkmoot",
        "route_prefix": "/",
        "import_path": "ray.serve.llm:build_openai_app",
        "args": {"llm_configs": configs},
    }
    return {"applications": [application]}


def ray_serve_pool(planned: Sequence[Planned], url: str) -> dict[str, Any]:
    """The pool file of those who ask what Ray serves.

    Args:
        planned: as for `ray_serve_config`.
        url: of Ray Serve: `http://head:8000`.
    """
    models: dict[str, str] = {}
    for copies in _engines(planned).values():
        base = _model_id(copies[0].serving)
        for model in copies[0].placed.models:
            adapted = model in copies[0].serving.adapters
            models[model] = f"{base}:{_folder(model)}" if adapted else base
    return {"engines": [{"kind": "served", "name": "ray", "url": url, "models": models}]}


def router_command(urls: Sequence[str], host: str = LOCAL, port: int = 30000) -> list[str]:
    """The command line of vllm-router (0.1.17) before copies of one engine.

    It sends a prompt to the copy that has seen its beginning, unless that one is far busier.

    Args:
        urls: of the copies: `http://host:port`.
        host: the address that it listens on.
        port: its port.
    """
    where = ["--host", host, "--port", str(port)]
    return ["vllm-router", "--worker-urls", *urls, "--policy", "cache_aware", *where]


def _engines(planned: Sequence[Planned]) -> dict[str, list[Planned]]:
    """The copies of each engine, by the engine's name."""
    found: dict[str, list[Planned]] = {}
    for each in planned:
        if each.placed.turns is not None:
            raise PoolError(
                f"{each.placed.name!r} takes turns with others, which Ray Serve does not do",
                "give the pool machines on which all of its models fit beside each other",
            )
        found.setdefault(each.placed.replica_of or each.placed.name, []).append(each)
    return found


def _llm_config(
    copies: Sequence[Planned], planned: Sequence[Planned], store: str | None
) -> dict[str, Any]:
    placed, serving = copies[0]
    count = len(copies)
    config: dict[str, Any] = {
        "model_loading_config": {
            "model_id": _model_id(serving),
            "model_source": _where(copies[0]),
        },
        "engine_kwargs": engine_kwargs(command(serving._replace(version=_VERSION))),
        "deployment_config": {"autoscaling_config": {"min_replicas": count, "max_replicas": count}},
        "placement_group_config": {"bundle_per_worker": _bundle(placed, planned)},
    }
    if serving.adapters:
        config["lora_config"] = {
            "dynamic_lora_loading_path": _checked(store, serving),
            "max_num_adapters_per_replica": len(serving.adapters),
        }
    if not serving.gpu:
        gib = str(max(1, int(placed.kv_cache_gib)))
        config["runtime_env"] = {"env_vars": {"VLLM_CPU_KVCACHE_SPACE": gib}}
    return config


def _where(planned: Planned) -> str:
    """The base model: its hub id, which any machine can fetch, else its folder."""
    sources = tuple(planned.placed.models.values())
    merged = not planned.serving.adapters and any(source.adapter for source in sources)
    hub_id = "/" in sources[0].base and not sources[0].base.startswith("/")
    return sources[0].base if hub_id and not merged else str(planned.serving.folder)


def _model_id(serving: Serving) -> str:
    """One name for the base model: Ray takes what is before a colon for the base's."""
    return serving.names[0].replace(":", "-")


def _folder(model: str) -> str:
    return model.replace("/", "--")


def _bundle(placed: Placed, planned: Sequence[Planned]) -> dict[str, float]:
    """What each worker of an engine needs of a machine."""
    if not placed.gpus:
        return {"CPU": 1}
    others = (each.placed for each in planned if each.placed.name != placed.name)
    shared = any(
        other.machine == placed.machine and set(other.gpus) & set(placed.gpus) for other in others
    )
    return {"CPU": 1, "GPU": round(placed.share or _WHOLE, 4) if shared else _WHOLE}


def _checked(store: str | None, serving: Serving) -> str:
    if store is None or not store.startswith(_STORES):
        first = next(iter(serving.adapters))
        raise PoolError(
            f"Ray Serve LLM fetches adapters, such as that of {first!r}, from cloud storage alone",
            f"say where each is, in a folder with its model's name: {' or '.join(_STORES)}…",
        )
    return store.rstrip("/")


def engine_kwargs(line: Sequence[str]) -> dict[str, Any]:
    """A server's command line as the keyword arguments that Ray Serve LLM takes for vLLM.

    Raises:
        PoolError: an argument cannot be said so.
    """
    found: dict[str, list[str]] = {}
    for word in line[line.index("--model") :]:
        if word.startswith("--"):
            name, equals, value = word.removeprefix("--").partition("=")
            found[name] = [value] if equals else []
        elif found:
            found[next(reversed(found))].append(word)
    named = {name.replace("-", "_"): values for name, values in found.items()}
    return dict(_said(name, values) for name, values in named.items() if name not in _NOT_RAYS)


def _said(name: str, values: list[str]) -> tuple[str, Any]:
    if "." in name:
        raise PoolError(
            f"the argument '--{name.replace('_', '-')}' cannot be said to Ray Serve LLM",
            "write it as JSON: --a '{\"b\": 1}' for --a.b 1",
        )
    if not values:
        return (name.removeprefix("no_"), False) if name.startswith("no_") else (name, True)
    several = [_value(value) for value in values]
    return name, several if len(several) > 1 or name in _LISTS else several[0]


def _value(word: str) -> Any:
    """Numbers and JSON as what they are; anything else is text."""
    try:
        return json.loads(word)
    except ValueError:
        return word
