"""What stands in a protocol's parameters for something of a user's own: the name of a plugin, or
`module:name`. Both are replaced by what they name, before the protocol is built."""

import importlib
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, cast

from pydantic import ValidationError

from folkmoot.graphs import plugins
from folkmoot.protocols import Rule, Topology
from folkmoot.records import GraphError, InputError

_GROUPS: Mapping[type, str] = {Rule: "folkmoot.rules", Topology: "folkmoot.topologies"}
"""What a field takes → where plugins for it stand."""
_FIELDS: Mapping[str, type[Rule] | type[Topology]] = {"rule": Rule, "topology": Topology}
_FUNCTIONS = ("rule", "topology", "function", "weight")
"""Fields that take functions: as parameters, and within a rule or a topology."""


def resolved(protocol: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with every function, rule or topology of a user's in the place of its name.

    Names of the library go first.

    Raises:
        InputError: something that is named cannot be imported, or a plugin is broken.
    """
    return {field: _resolved(protocol, field, given) for field, given in params.items()}


def imported(name: str) -> Any:
    """What `module:name` names.

    Raises:
        InputError: it cannot be imported.
    """
    module, _, path = name.partition(":")
    if "<" in path or module == "__main__":
        raise InputError(f"{name} cannot be imported: it is inside a function or a script")
    try:
        return attrgetter(path)(importlib.import_module(module))
    except Exception as fault:  # whatever the code of a stranger raises
        raise InputError(
            f"{name} cannot be imported: {type(fault).__name__}: {fault}",
            "install its module, or have its folder in PYTHONPATH",
        ) from fault


def stands_for(cls: type, name: str) -> Any:
    """What a name stands for where a rule or a topology is expected: itself if the library has it, what
    a plugin brings, or None.

    Raises:
        GraphError: the plugin is broken.
    """
    group = _GROUPS.get(cls)
    if group is None:
        return None
    try:
        cast(Any, cls).of(name)
    except ValidationError:
        return name  # it is the library's, and lacks a parameter
    except InputError:
        return plugins.load(group, name) if name in plugins.names(group) else None
    return name


def _resolved(protocol: str, field: str, given: Any) -> Any:
    if isinstance(given, Mapping):
        inner = cast(Mapping[str, Any], given)
        return {name: _resolved(protocol, name, each) for name, each in inner.items()}
    if isinstance(given, list | tuple):
        every = cast(Sequence[Any], given)
        return [_resolved(protocol, field, each) for each in every]
    if not isinstance(given, str) or field not in _FUNCTIONS:
        return given
    try:
        if ":" in given:
            return imported(given)
        found = stands_for(_FIELDS[field], given) if field in _FIELDS else None
        return given if found is None else found
    except (InputError, GraphError) as fault:
        raise InputError(f"protocol {protocol!r}: {field}: {fault.message}", fault.hint) from fault
