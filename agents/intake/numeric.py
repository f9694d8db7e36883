"""`numbers`: every weight is a number of a sane size, and the adapter changes something."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Fault, Unreadable, finding, not_asked, plain, shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.floats import FLOATS, floats
from folkmoot.agents.intake.headers import Tensor
from folkmoot.agents.intake.layers import split
from folkmoot.agents.intake.tree import Entry


class _Seen(NamedTuple):
    """What one tensor's numbers are like."""

    finite: bool
    largest: float


def check_numbers(case: Case) -> Finding:
    """All weights are finite and none is huge; not every product of an adapter is zero."""
    read = [entry for entry in case.weights if case.tensors(entry)]
    if not read or not case.small:
        why = "is over its limits, so they were not read" if read else "holds none that can be read"
        return not_asked("numbers", f"no weights were looked at: the folder {why}")
    faults: list[Fault] = []
    largest, count, skipped = 0.0, 0, 0
    for entry in read:
        tensors = case.tensors(entry)
        try:
            seen = {
                name: _seen(case, entry, tensor)
                for name, tensor in tensors.items()
                if tensor.dtype in FLOATS
            }
        except Unreadable as fault:
            faults.append(
                Fault(f"{shown(entry.path)} {fault}", "offer it again", plain(entry.path))
            )
            continue
        count, skipped = count + len(seen), skipped + len(tensors) - len(seen)
        largest = max([largest, *(each.largest for each in seen.values() if each.finite)])
        faults += _faults(case, entry, seen)
    if skipped:
        faults.append(
            Fault(
                f"{skipped} tensors are of types whose numbers were not read",
                f"save them in one of {', '.join(FLOATS)}, or tell the steward why not",
                fatal=False,
            )
        )
    return finding(
        "numbers",
        faults,
        f"the numbers of {count} tensors are finite, and the largest is {largest:.3g}",
        {"tensors": count, "largest": float(f"{largest:.6g}"), "not_read": skipped},
        f"at most {case.limits.magnitude:g} in absolute value",
    )


def _seen(case: Case, entry: Entry, tensor: Tensor) -> _Seen:
    largest = 0.0
    for part in floats(case.tree, entry, tensor):
        if not bool(np.isfinite(part).all()):
            return _Seen(False, 0.0)
        largest = max(largest, float(np.abs(part).max()))
    return _Seen(True, largest)


def _faults(case: Case, entry: Entry, seen: dict[str, _Seen]) -> Iterator[Fault]:
    where = plain(entry.path)
    for name, each in seen.items():
        if not each.finite:
            yield Fault(
                f"the tensor {shown(name, 100)} holds NaN or an infinity",
                "train it again, with a lower learning rate or in float32",
                where,
            )
        elif each.largest > case.limits.magnitude:
            yield Fault(
                f"the tensor {shown(name, 100)} holds {each.largest:.3g}",
                "train it again with weight decay or a lower learning rate",
                where,
            )
    layers = split(case.tensors(entry)).layers
    zero = {name for name, each in seen.items() if each.finite and each.largest == 0}
    if layers and all(zero & {layer.first.name, layer.second.name} for layer in layers):
        yield Fault(
            "it changes nothing: in every layer one of the two matrices is all zero",
            "train it before you offer it",
            where,
            fatal=False,
        )
