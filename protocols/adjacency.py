"""Fixed shapes of a topology: for each seat the seats that it reads, itself left aside.

All are over the seats in the panel's order. Lots are fixed by the run's seed.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from folkmoot.agents import lot, shuffled

Near = dict[str, set[str]]
"""Reader → those it reads. Whether a seat reads itself is the topology's own field."""
Groups = tuple[tuple[str, ...], ...]


def complete(seats: Sequence[str]) -> Near:
    """Everyone reads everyone."""
    return {seat: set(seats) for seat in seats}


def ring(seats: Sequence[str]) -> Near:
    """Each reads its two neighbours, the first and the last being neighbours (arXiv 2406.11776)."""
    return {seat: {seats[at - 1], seats[(at + 1) % len(seats)]} for at, seat in enumerate(seats)}


def directed_ring(seats: Sequence[str]) -> Near:
    """Each reads the one before it, the first the last."""
    return {seat: {seats[at - 1]} for at, seat in enumerate(seats)}


def chain(seats: Sequence[str]) -> Near:
    """Each reads the one before it, the first nobody."""
    return {seat: set(seats[max(at - 1, 0) : at]) for at, seat in enumerate(seats)}


def star(seats: Sequence[str], hub: str) -> Near:
    """The hub reads all, the others read the hub only."""
    return {seat: set(seats) if seat == hub else {hub} for seat in seats}


def wheel(seats: Sequence[str], hub: str) -> Near:
    """A star whose rim is a ring as well."""
    rim = ring([seat for seat in seats if seat != hub])
    return {seat: near | rim.get(seat, set()) for seat, near in star(seats, hub).items()}


def tree(seats: Sequence[str]) -> Near:
    """Each reads its two children; the children of the i-th seat, from 0, are 2i+1 and 2i+2."""
    return {seat: set(seats[2 * at + 1 : 2 * at + 3]) for at, seat in enumerate(seats)}


def layers(seats: Sequence[str], groups: Groups) -> Near:
    """Each layer reads the layer before it, whole (arXiv 2406.04692, 2406.07155)."""
    near: Near = {seat: set() for seat in seats}
    for before, layer in pairwise(groups):
        near |= {seat: set(before) for seat in layer}
    return near


def bipartite(seats: Sequence[str], groups: Groups) -> Near:
    """Two sides, such as solvers and critics; each side reads the other, whole."""
    one, other = groups
    return {seat: set(other if seat in one else one if seat in other else ()) for seat in seats}


def grouped(seats: Sequence[str], groups: Groups, delegates: Sequence[str]) -> Near:
    """Within a group everyone reads everyone; delegates read each other (arXiv 2409.14051)."""
    near: Near = {seat: set() for seat in seats}
    for group in groups:
        near |= {seat: set(group) for seat in group}
    return {
        seat: read | (set(delegates) if seat in delegates else set()) for seat, read in near.items()
    }


def chunks(seats: Sequence[str], size: int) -> Groups:
    """The seats in groups of so many, in the panel's order; the last may be smaller."""
    return tuple(tuple(seats[at : at + size]) for at in range(0, len(seats), size))


def k_regular(seats: Sequence[str], k: int, seed: int, draw: int) -> Near:
    """Each reads k others and is read by k others: the next k in a seeded order, taken as a circle."""
    order = shuffled(seats, seed, "topology", "k-regular", draw)
    k = min(k, len(order) - 1)
    return {
        seat: {order[(at + step) % len(order)] for step in range(1, k + 1)}
        for at, seat in enumerate(order)
    }


def random(seats: Sequence[str], p: float, seed: int, draw: int) -> Near:
    """Each ordered pair is an edge with probability p, independently (directed Erdős–Rényi)."""
    return {
        reader: {read for read in seats if lot(seed, "topology", reader, read, draw) < p * 2**31}
        for reader in seats
    }


def turned(near: Near) -> Near:
    """Every edge the other way round."""
    return {seat: {reader for reader in near if seat in near[reader]} for seat in near}


PLAIN: Mapping[str, Callable[[Sequence[str]], Near]] = {
    "complete": complete,
    "ring": ring,
    "directed-ring": directed_ring,
    "chain": chain,
    "tree": tree,
}
CENTRED: Mapping[str, Callable[[Sequence[str], str], Near]] = {"star": star, "wheel": wheel}
SIDED: Mapping[str, Callable[[Sequence[str], Groups], Near]] = {
    "layers": layers,
    "bipartite": bipartite,
}
