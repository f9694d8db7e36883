"""The named protocols as LangGraph's studio opens them: one graph for each, by `langgraph.json`.

    "graphs": {"jury": {"path": "folkmoot.graphs.studio:jury", …}, …}

That list is `listed()`; a test holds the file to it.

A graph's input is a question, and options if it is a choice; its output is the answer and the whole
outcome. Who deliberates and what answers is configurable: the fields of `Settings`, or, where they
are not given, FOLKMOOT_PANEL and FOLKMOOT_POOL, each a file; else the starter panel and this process.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, NotRequired, cast

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict  # that of 3.11 has no JSON schema

from folkmoot.agents import Panel
from folkmoot.graphs.build import Graph
from folkmoot.graphs.nesting import as_node
from folkmoot.graphs.run import RECORDS
from folkmoot.pool import Pool
from folkmoot.protocols import catalogue, named


class Asked(TypedDict):
    """What a graph is given."""

    question: str
    options: NotRequired[list[str]]
    """The answers to choose from; absent for an open question."""


class Found(TypedDict):
    """What it comes to."""

    answer: str
    outcome: dict[str, Any]
    """As in `outcome.json`."""


class Both(Asked, Found):
    """All that it knows."""


class Settings(TypedDict, total=False):
    """What can be set for each run or assistant."""

    panel: str
    """A panel file."""
    pool: str
    """A pool file."""
    params: dict[str, Any]
    """Parameters of the protocol."""
    of_values: bool
    """Whether the questions are of values: nobody is made to win where seats differ."""
    record_dir: str
    """Where records are made."""


Factory = Callable[[RunnableConfig], Awaitable[Graph]]


def variable(name: str) -> str:
    """The name of this module's variable that opens a protocol: `jury` for "jury"."""
    return name.replace("-", "_")


def opens(name: str) -> Factory:
    """A function that makes the graph of a named protocol, as LangGraph's server calls it."""

    async def factory(config: RunnableConfig) -> Graph:
        # Files are read: the server's event loop is not held up for that.
        return await asyncio.to_thread(graph_of, name, config.get("configurable") or {})

    factory.__name__ = variable(name)
    factory.__doc__ = f"The graph of `{name}`."
    return factory


def graph_of(name: str, settings: dict[str, Any]) -> Graph:
    """The graph of a named protocol under these settings.

    Raises:
        InputError: a file or a parameter cannot be used.
    """
    with _panel_file(settings.get("panel") or os.environ.get("FOLKMOOT_PANEL")) as file:
        panel = Panel.from_yaml(file)
    pool_file = settings.get("pool") or os.environ.get("FOLKMOOT_POOL")
    pool = Pool.from_yaml(pool_file) if pool_file else Pool.embedded()
    params: dict[str, Any] = dict(settings.get("params") or {})
    if "seat" in next((each.params for each in catalogue() if each.name == name), {}):
        params.setdefault("seat", panel.agents[0].name)
    node = as_node(
        panel,
        named(name, **params),
        pool,
        options_key="options",
        of_values=bool(settings.get("of_values")),
        outcome_key="outcome",
        record_dir=settings.get("record_dir") or RECORDS,
    )
    graph = StateGraph(Both, context_schema=Settings, input_schema=Asked, output_schema=Found)
    graph.add_node("deliberate", cast(Any, node))
    graph.add_edge(START, "deliberate")
    graph.add_edge("deliberate", END)
    return graph.compile(name=name)


def listed() -> dict[str, dict[str, str]]:
    """The entries of `langgraph.json` under `graphs`: each named protocol, and where it opens."""
    return {
        each.name: {
            "path": f"{__name__}:{variable(each.name)}",
            "description": f"{' '.join(each.summary.split())}.",
        }
        for each in catalogue()
    }


@contextmanager
def _panel_file(given: str | None) -> Iterator[Path]:
    if given:
        yield Path(given)
        return
    with resources.as_file(resources.files("folkmoot") / "starter" / "panel.yaml") as starter:
        yield starter


# One factory for each named protocol: the server takes graphs from a module's own variables.
globals().update({variable(each.name): opens(each.name) for each in catalogue()})
