"""The command line with stubs where a pool's vLLM servers would be. Run it like `folkmoot`."""

import runpy
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import folkmoot.commands.pool_detached
from folkmoot.cli import main

STUB_VLLM = Path(__file__).parents[1] / "stub_vllm.py"


def put(name: str, value: Any) -> None:
    """Replace what is at this dotted name, for good."""
    mock.patch(name, value).start()


if __name__ == "__main__":
    runpy.run_path(str(STUB_VLLM))["patch"](put)
    folkmoot.commands.pool_detached.PROGRAM = (sys.executable, __file__)
    sys.exit(main())
