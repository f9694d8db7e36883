"""Seeds and orders: everything that is drawn by lot in a run is drawn here, from the run's seed."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def lot(seed: int, *where: object) -> int:
    """A number of 31 bits, fixed by the run's seed and the place it is drawn for.

    The place is named by values with a stable text form (seat names, step numbers). SHA-256 makes
    neighbouring seeds independent, and the result the same on every machine.
    """
    place = "\x1f".join(str(part) for part in (seed, *where))
    return int.from_bytes(hashlib.sha256(place.encode()).digest()[:4]) >> 1


def shuffled(items: Sequence[Item], seed: int, *where: object) -> tuple[Item, ...]:
    """The items in the seeded order of a place. One order per round is shared by all readers."""
    order = list(items)
    random.Random(lot(seed, *where)).shuffle(order)
    return tuple(order)
