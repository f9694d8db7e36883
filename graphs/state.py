"""The state of a running graph: one channel of frozen records with a strict keyed merge.

One channel closes what LangGraph leaves open: an undeclared state key vanishes without a word, a
list changed in place changes the result, and parallel nodes merge in the order of their names.
"""

from itertools import pairwise
from typing import Annotated, TypedDict

from folkmoot.records import MergeError, Record, key


def merge(left: tuple[Record, ...], right: tuple[Record, ...]) -> tuple[Record, ...]:
    """Both, sorted by key. Associative, commutative and idempotent.

    Raises:
        MergeError: two different records under one key; the message shows both.
    """
    if not right:
        return left
    # What is told is told in order: nearly every merge appends.
    appends = not left or key(left[-1]) < key(right[0])
    if appends and all(key(a) < key(b) for a, b in pairwise(right)):
        return (*left, *right)
    merged = {key(record): record for record in left}
    for record in right:
        stands = merged.setdefault(key(record), record)
        if stands != record:
            raise MergeError(
                f"two different records under {key(record)}: {stands!r} and {record!r}"
            )
    return tuple(merged[place] for place in sorted(merged))


class State(TypedDict):
    """All that a graph knows."""

    records: Annotated[tuple[Record, ...], merge]
