"""`folkmoot pool plan --ray-serve`: the placed servers as a file for `serve deploy`."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from folkmoot.pool.placement.assembly import gpu_flags
from folkmoot.pool.placement.ray_serve import Planned, ray_serve_config, ray_serve_pool
from folkmoot.pool.placement.values import Placement
from folkmoot.pool.vllm.plan import preview

_URL = "http://127.0.0.1:8000"
"""Where Ray Serve answers unless it is told otherwise."""


def ray_serve_file(places: Placement, store: str | None) -> str:
    """The file, headed by how a pool asks what Ray serves. Blocks.

    Args:
        places: what is placed.
        store: where the adapters are, in cloud storage.

    Raises:
        PoolError: Ray cannot serve it; the message says why.
    """
    planned = [
        Planned(each, preview(each, (*gpu_flags(each), *each.flags))) for each in places.placed
    ]
    config = _yaml(ray_serve_config(planned, store))
    asked = _yaml(ray_serve_pool(planned, _URL)).splitlines()
    head = ["For `serve deploy` (Ray 2.60). The pool file of those who ask it:", "", *asked]
    return "".join(f"# {line}".rstrip() + "\n" for line in head) + config


def _yaml(value: dict[str, Any]) -> str:
    out = StringIO()
    YAML().dump(value, out)
    return out.getvalue()
