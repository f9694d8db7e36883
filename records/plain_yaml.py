"""YAML read as plain data: a tree of bounded size whose keys are texts."""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from folkmoot.records.canonical import scrub

MOST_VALUES = 100_000
"""Values in a file, each counted as often as it is meant: a few aliases of aliases are billions."""

_SHOWN = 60
"""Characters of a text that a message shows."""


class Unusable(Exception):
    """It is YAML, and still not usable; `line` counts from 1."""

    def __init__(self, node: Any, what: str) -> None:
        super().__init__(what)
        self.line: int = node.start_mark.line + 1
        self.what = what


def read(text: str) -> tuple[Any, Any]:
    """Read YAML.

    Returns:
        The root of ruamel's nodes (None for an empty text), and the plain data.

    Raises:
        Unusable: a value is not what its tag says, a key is no text, an alias stands within what
            it stands for, or there are more than `MOST_VALUES` values.
        YAMLError, ValueError, RecursionError: it is not YAML.
    """
    reader: Any = YAML(typ="safe", pure=True)
    reader.Constructor = _Constructor
    root = reader.compose(text)
    if root is not None:  # Before anything is constructed: merging keys spells aliases out.
        _count(root, {})
    return root, reader.load(text)


class _Constructor(SafeConstructor):
    """ruamel's constructor of plain data, which lets Python's own errors through."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            base: Any = super()
            return base.construct_object(node, deep)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise Unusable(node, f"{_shown(node)} is no {_tag(node)}") from error


def _count(node: Any, counts: dict[int, int]) -> int:
    """How many values a node is, with every alias in it spelled out.

    Args:
        node: one of ruamel's nodes.
        counts: id of a node → its count, 0 while it is being taken; this adds to it.
    """
    known = counts.get(id(node))
    if known == 0:
        raise Unusable(node, "an alias stands within what it stands for")
    if known is not None:
        return known
    counts[id(node)] = 0
    total = 1
    for part in _parts(node):
        total += _count(part, counts)
        if total > MOST_VALUES:
            raise Unusable(node, f"more than {MOST_VALUES:,} values, with its aliases spelled out")
    counts[id(node)] = total
    return total


def _parts(node: Any) -> list[Any]:
    """The nodes directly in a node; of a mapping, its keys too, which must be texts."""
    if node.id == "sequence":
        return node.value
    if node.id != "mapping":
        return []
    for key, _ in node.value:
        if key.id != "scalar":
            raise Unusable(key, f"a {key.id} stands as a key: a key must be text")
        if _tag(key) not in ("str", "merge"):
            raise Unusable(
                key, f"the key {_shown(key)} is read as {_tag(key)}, not as text: put it in quotes"
            )
    return [part for pair in node.value for part in pair]


def _tag(node: Any) -> str:
    """`tag:yaml.org,2002:int` → `int`."""
    return str(node.tag).rpartition(":")[2]


def _shown(node: Any) -> str:
    if node.id != "scalar":
        return f"this {node.id}"
    text = scrub(node.value)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
