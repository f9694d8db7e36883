"""Filters: which of the messages that it could hear a seat is not shown, and why. One family a file."""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.protocols.filters, not its folder")

from folkmoot.protocols.filters.by_content import Diverse, Nearest, NoDuplicates
from folkmoot.protocols.filters.by_stance import Dar, DisagreeOnly, SupportOnly, TopK
from folkmoot.protocols.filters.filter import Everything, Filter, Kept, Successive, as_filter
from folkmoot.protocols.filters.noise import Noise
from folkmoot.protocols.filters.wording import Anonymise, Truncate

__all__ = [
    "Anonymise",
    "Dar",
    "DisagreeOnly",
    "Diverse",
    "Everything",
    "Filter",
    "Kept",
    "Nearest",
    "NoDuplicates",
    "Noise",
    "Successive",
    "SupportOnly",
    "TopK",
    "Truncate",
    "as_filter",
]
