"""Plugins: what other installed distributions bring, by name.

A distribution declares entry points, each a name and where the thing is:

    [project.entry-points."folkmoot.stages"]
    proverb = "parley.stages:proverb"

Only the plugin that is asked for is imported, so a broken one is in nobody's way.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple

from folkmoot.records import GraphError

GROUPS: Mapping[str, str] = {
    "folkmoot.protocols": "protocol",
    "folkmoot.stages": "stage",
    "folkmoot.conditions": "condition",
    "folkmoot.filters": "filter",
    "folkmoot.topologies": "topology",
    "folkmoot.rules": "rule",
}
"""Group of entry points → what stands in it."""


class Installed(NamedTuple):
    """What is installed in a group."""

    found: dict[str, Any]
    """Name → what it is."""
    broken: tuple[str, ...]
    """One line for each plugin that cannot be used."""


def names(group: str) -> tuple[str, ...]:
    """The names in a group, in order; nothing is imported."""
    return tuple(sorted({each.name for each in entry_points(group=group)}))


def load(group: str, name: str) -> Any:
    """What stands under a name in a group.

    Raises:
        KeyError: nothing does.
        GraphError: it cannot be imported, or two distributions bring it.
    """
    found = {each.value: each for each in entry_points(group=group, name=name)}
    if not found:
        raise KeyError(name)
    (first, *others) = found.values()
    if others:
        brought = " and ".join(sorted(_brought(each) for each in found.values()))
        raise GraphError(
            (f"the {GROUPS[group]} {name!r} is brought twice: {brought}",), "uninstall one of them"
        )
    try:
        return first.load()
    except Exception as fault:  # whatever the code of a stranger raises
        raise GraphError(
            (
                f"the {GROUPS[group]} {name!r} cannot be loaded from {_brought(first)}: "
                f"{type(fault).__name__}: {_line(fault)}",
            ),
            "repair or uninstall it",
        ) from fault


def installed(group: str) -> Installed:
    """All that a group brings, and a line for what is broken in it."""
    found: dict[str, Any] = {}
    broken: list[str] = []
    for name in names(group):
        try:
            found[name] = load(group, name)
        except GraphError as fault:
            broken.append(fault.message)
    return Installed(found, tuple(broken))


def _brought(entry: EntryPoint) -> str:
    if entry.dist is None:
        return entry.value
    return f"{entry.value} ({entry.dist.name} {entry.dist.version})"


def _line(fault: Exception) -> str:
    return next(iter(str(fault).splitlines()), "no reason given")
