"""Kinds: what a protocol file can name, of the library and of what is installed beside it."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from inspect import isabstract
from types import MappingProxyType
from typing import Any, Literal

import folkmoot.protocols
from folkmoot.graphs import plugins
from folkmoot.protocols.condition import Look
from folkmoot.protocols.written import kebab
from folkmoot.records.base import Frozen

Sort = Literal["stage", "condition", "value"]
"""value: whatever a field of these takes, such as a filter or a topology."""

_GROUPS: Mapping[Sort, tuple[str, ...]] = {
    "stage": ("folkmoot.stages",),
    "condition": ("folkmoot.conditions",),
    "value": (
        "folkmoot.filters",
        "folkmoot.topologies",
        "folkmoot.rules",
        "folkmoot.conditions",
        "folkmoot.stages",
    ),
}


def kinds(sort: Sort) -> Mapping[str, type[Frozen]]:
    """The library's own, by name in kebab case."""
    return MappingProxyType({name: cls for name, cls in _library().items() if _is(cls, sort)})


def known(sort: Sort) -> tuple[str, ...]:
    """Every name of a sort, those of plugins too."""
    beside = (name for group in _GROUPS[sort] for name in plugins.names(group))
    return tuple(sorted({*kinds(sort), *beside}))


def kind(sort: Sort, name: str) -> Any:
    """A class of frozen values, a value, or a function: the library's, else a plugin's.

    Raises:
        KeyError: nothing of this sort has the name.
        GraphError: a plugin has it, and is broken.
    """
    own = kinds(sort)
    if name in own:
        return own[name]
    for group in _GROUPS[sort]:
        if name in plugins.names(group):
            return plugins.load(group, name)
    raise KeyError(name)


def beside(name: str) -> bool:
    """Whether a plugin brings a value of this name that a field may take."""
    return any(name in plugins.names(group) for group in _GROUPS["value"])


@cache
def _library() -> Mapping[str, type[Frozen]]:
    """Every public frozen class of the protocols' modules, by the module that defines it."""
    return MappingProxyType({kebab(cls.__name__): cls for cls in _classes()})


def _classes() -> Iterator[type[Frozen]]:
    room = folkmoot.protocols
    for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        module = importlib.import_module(found.name)
        for name, thing in vars(module).items():
            if (
                isinstance(thing, type)
                and issubclass(thing, Frozen)
                and thing.__module__ == module.__name__
                and not name.startswith("_")
                and not isabstract(thing)
                and thing is not Look
            ):
                yield thing


def _is(cls: type[Frozen], sort: Sort) -> bool:
    if sort == "stage":
        return hasattr(cls, "ask") and hasattr(cls, "tell")
    return hasattr(cls, "look") if sort == "condition" else not hasattr(cls, "parts")
