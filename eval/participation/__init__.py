"""Participation: whether a panel of contributed small models beats its members, and one model in their place."""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.eval.participation, not its folder")

from folkmoot.eval.participation.asking import ask
from folkmoot.eval.participation.emergence import Emergence, Regression, emergence, regression
from folkmoot.eval.participation.items import Item, parted, read_items
from folkmoot.eval.participation.sealed import Answer, Sealed, collect, sealed
from folkmoot.eval.participation.systems import System

__all__ = [
    "Answer",
    "Emergence",
    "Item",
    "Regression",
    "Sealed",
    "System",
    "ask",
    "collect",
    "emergence",
    "parted",
    "read_items",
    "regression",
    "sealed",
]
