"""Runs with a scripted pool. The replies that seats give are those of the protocols' tests."""

from collections.abc import Callable

import pytest

import tests.protocols.conftest as replies
from folkmoot.agents import Agent, Panel
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation, catalogue, named


def panel_of(*names: str, stated: str = "", **fields) -> Panel:
    """Agents of these names; the one named `stated` states its stance."""
    how = {name: "stated" if name == stated else "probabilities" for name in names}
    return Panel(Agent(name, model="m", stance=how[name], **fields) for name in names)


def build_named(name: str, seat: str) -> Deliberation:
    """A protocol of the catalogue, with a seat where it needs one."""
    params = next(entry.params for entry in catalogue() if entry.name == name)
    return named(name, **({"seat": seat} if "seat" in params else {}))


@pytest.fixture(scope="session")
def panel() -> Callable[..., Panel]:
    return panel_of


@pytest.fixture(scope="session")
def protocol() -> Callable[[str, str], Deliberation]:
    return build_named


@pytest.fixture(scope="session")
def leaning() -> Callable[..., Pool]:
    """A pool whose seats lean: `leaning(ann=0.9, bo=[0.1, 0.9])`."""
    return lambda **yes: Pool.scripted(replies.Seats(**yes))


@pytest.fixture(scope="session")
def seats() -> type:
    return replies.Seats


@pytest.fixture(scope="session")
def anything() -> type:
    return replies.Anything
