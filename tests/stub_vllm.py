"""Stubs where a pool's vLLM servers would be: processes, guard, restart and state stay real.

Read with `runpy`: tests cannot import each other. What a server's command line is to be instead may
be given in the environment variable STUB_LINE.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from folkmoot.pool.vllm.child import Serving
from folkmoot.pool.vllm.plan import Plan
from folkmoot.records import ModelRef

STUB = Path(__file__).parents[1] / "bench" / "stub_server.py"


def plan(name: str, sources: Mapping[str, Any], port: int, window: int | None, *_: Any) -> Plan:
    """What a real plan would say, with digests of nothing."""
    serving = Serving(
        folder=STUB.parent,
        names=tuple(sources),
        adapters={},
        port=port,
        window=window,
        version=(0, 32),
        gpu=False,
        dtype="float32",
        flags=(),
    )
    pins = {model: ModelRef(name=model, source="folder", weights_sha256="ab") for model in sources}
    return Plan(serving, pins, ("<|quiet|>",))


def command(serving: Serving) -> list[str]:
    """The stub's command line, or the one that the test gives."""
    given = shlex.split(os.environ.get("STUB_LINE", ""))
    line = [sys.executable, str(STUB), "--port", str(serving.port)]
    return given or line


def patch(set_attribute: Callable[[str, Any], None]) -> None:
    """Put the stub in the place of vLLM."""
    set_attribute("folkmoot.pool.vllm.wanted.vllm_available", lambda: None)
    set_attribute("folkmoot.pool.vllm.wanted.plan", plan)
    set_attribute("folkmoot.pool.vllm.prepared.command", command)
