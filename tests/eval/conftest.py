"""Controls with a scripted pool: seats that lean, and texts of known length."""

import random
from collections.abc import Callable
from typing import Any

import pytest

import tests.protocols.conftest as replies
from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.pool import Pool
from folkmoot.records import Call, Sampling

STATEMENTS = {
    "ann": "I look after the sick.",
    "bo": "I pay for it.",
    "cy": "I want to know more.",
    "di": "I keep the law.",
}


def panel_of(*names: str, **models: str) -> Panel:
    """Agents of these names, each with a perspective of its own; models by name, else `m`."""
    return Panel(
        Agent(
            name,
            model=models.get(name, "m"),
            perspective=Perspective(statement=STATEMENTS[name]),
            sampling=Sampling(max_tokens=12),
        )
        for name in names
    )


_ITS_OWN = ("question", "perspective", "task")


class Talk:
    """What seats say, drawn by prompt and seed: texts of 4 to 12 words that begin with an option.

    What they hold is drawn by question and perspective: what they hear moves nobody.

    Attributes:
        calls: all that was asked.
    """

    def __init__(self, lot: int = 0) -> None:
        self.lot = lot
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> str | list[float]:
        self.calls.append(call)
        hears = call.op == "generate"
        shown = "".join(s.text for s in call.segments if hears or s.label in _ITS_OWN)
        draw = random.Random(f"{self.lot}/{call.sampling.seed}/{call.options}/{shown}")
        if call.op == "generate":
            words = [draw.choice(("rain", "tea", "salt", "wood", "iron")) for _ in range(12)]
            return " ".join((draw.choice(("yes", "no")), *words[: draw.randint(3, 11)]))
        first = draw.uniform(0.05, 0.95)
        rest = (1 - first) / (len(call.options) - 1)
        return [first, *[rest] * (len(call.options) - 1)]


@pytest.fixture
def panel() -> Callable[..., Panel]:
    return panel_of


@pytest.fixture
def talk() -> type[Talk]:
    return Talk


@pytest.fixture
def pool_of() -> Callable[[Any], Pool]:
    return Pool.scripted


@pytest.fixture(scope="session")
def walk() -> Any:
    return replies.Walk


@pytest.fixture(scope="session")
def begin() -> Any:
    return replies.opening_of


@pytest.fixture(scope="session")
def anything() -> Any:
    return replies.Anything


@pytest.fixture(scope="session")
def prompt() -> Any:
    return replies.prompt_of


@pytest.fixture(scope="session")
def seats() -> Any:
    return replies.Seats


@pytest.fixture(scope="session")
def weigh_by() -> Any:
    return replies.weighed
