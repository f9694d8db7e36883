"""What an adapter changes in its base as 256 numbers, so that a lightly changed copy is recognised.

An adapter adds D_l = s_l · B_l A_l to the matrix of each layer l. For k = 1 … 256 let u_lk and v_lk be
vectors of independent signs, drawn from the layer's name and k. The sketch is

    sketch_k = Σ_l u_lk' D_l v_lk = Σ_l s_l · (B_l' u_lk) · (A_l v_lk),

so no product B A is ever formed. As E[uu'] = E[vv'] = I, for two adapters D and E

    E[sketch_k(D) · sketch_k(E)] = Σ_l <D_l, E_l>,

the inner product of all that they change: the cosine of two sketches estimates the cosine of the
changes, with a standard error near 1 / √256 = .06 where they have nothing in common, and far less
where they are alike. These are rank-one projections (Cai and Zhang 2015, "ROP: Matrix recovery via
rank-one projections") used as the sketches of Alon, Matias and Szegedy (1996). Being taken over the
products, they do not change if rank directions are turned or a factor is moved from A to B.

Noise of relative size e added to A and B keeps a cosine near 1 - e². What they cannot see: layers
whose weight was moved to others while behaviour stayed, or a copy of the behaviour trained anew.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.floats import FLOATS, matrix, single_bytes
from folkmoot.agents.intake.layers import Layer, scale, split
from folkmoot.agents.intake.tree import Entry

WIDTH = 256
_ROWS = 2048
"""Rows of signs in memory at a time: a stranger's matrix may have millions of columns."""
_DIGITS = 6


def sketch_of(case: Case, adapter: Entry, config: Mapping[str, Any]) -> tuple[float, ...]:
    """The sketch of an adapter, of length 1; () if it changes nothing or its numbers are not finite.

    Args:
        case: whose folder holds it.
        adapter: its weights.
        config: its configuration; one that says nothing is a scale of 1 everywhere.

    Raises:
        Unreadable: the weights cannot be read to their end.
    """
    total = np.zeros(WIDTH)
    for layer in split(case.tensors(adapter)).layers:
        if {layer.first.dtype, layer.second.dtype} <= set(FLOATS):
            total += _layer(case, adapter, config, layer)
    length = float(np.linalg.norm(total))
    if not math.isfinite(length) or length == 0:
        return ()
    return tuple(round(float(each), _DIGITS) for each in total / length)


def tensors_digest(case: Case, adapter: Entry) -> str | None:
    """The SHA-256 of names, shapes and values as float32; None if there are none that can be read.

    Raises:
        Unreadable: the weights cannot be read to their end.
    """
    tensors = case.tensors(adapter)
    if not tensors or any(tensor.dtype not in FLOATS for tensor in tensors.values()):
        return None
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(f"{name}\x1f{tensors[name].shape}\x1f".encode())
        for part in single_bytes(case.tree, adapter, tensors[name]):
            found.update(part)
    return found.hexdigest()


def cosine(one: Sequence[float], other: Sequence[float]) -> float | None:
    """How alike two sketches are, -1 to 1; None where one of them is missing or of another kind."""
    if not one or len(one) != len(other):
        return None
    first, second = np.asarray(one, np.float64), np.asarray(other, np.float64)
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    if not math.isfinite(lengths) or lengths == 0:
        return None
    return float(np.dot(first, second)) / lengths


def _layer(
    case: Case, adapter: Entry, config: Mapping[str, Any], layer: Layer
) -> NDArray[np.float64]:
    first = matrix(case.tree, adapter, layer.first)
    second = matrix(case.tree, adapter, layer.second)
    if first.shape[0] != second.shape[1] or not first.shape[0]:
        return np.zeros(WIDTH)
    with np.errstate(over="ignore", invalid="ignore"):
        inputs = _projected(first, f"{layer.name}\x1finputs")
        outputs = _projected(second.T, f"{layer.name}\x1foutputs")
        times = scale(config, layer.name, first.shape[0])
        return times * (inputs * outputs).sum(axis=0)


def _projected(rows: NDArray[np.float32], place: str) -> NDArray[np.float64]:
    """A matrix of rank x n times n x 256 signs."""
    total = np.zeros((rows.shape[0], WIDTH))
    for number, begin in enumerate(range(0, rows.shape[1], _ROWS)):
        part = rows[:, begin : begin + _ROWS]
        total += part @ _signs(f"{place}\x1f{number}", part.shape[1])
    return total


def _signs(place: str, rows: int) -> NDArray[np.float32]:
    """Signs that are the same on every machine: bits of SHAKE-256."""
    drawn = hashlib.shake_256(f"folkmoot sketch 1\x1f{place}".encode()).digest(rows * WIDTH // 8)
    signs = np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(rows, WIDTH).astype(np.float32)
    signs *= 2
    signs -= 1
    return signs
