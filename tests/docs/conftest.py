"""The modules beside the documentation are imported by name; replies are those of the protocols' tests."""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "docs"), str(Path(__file__).parent)]


def _replies() -> None:
    """The protocols' way of walking through without a graph, under the name that others use too."""
    name = "scripted_replies"
    path = ROOT / "tests" / "protocols" / "conftest.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])


if "scripted_replies" not in sys.modules:
    _replies()
