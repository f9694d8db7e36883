"""What the scripts of `examples/contributions` bring, as modules."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

CONTRIBUTIONS = Path(__file__).parents[2] / "examples/contributions"


@pytest.fixture(scope="session")
def contributions() -> Path:
    """The folder that they ship in."""
    return CONTRIBUTIONS


@pytest.fixture(scope="session")
def script() -> Iterator[Callable[[str], ModuleType]]:
    """A module beside `make_lessons.py`, by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(CONTRIBUTIONS))
        yield importlib.import_module
