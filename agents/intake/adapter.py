"""`adapter`: it is a plain LoRA adapter that a vLLM beside others can serve, on the declared base.

What vLLM serves is as its version 0.32 decides (`lora/peft_helper.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from folkmoot.agents.contribution_file import FILE
from folkmoot.agents.intake.case import ADAPTER, ADAPTER_CONFIG, Case
from folkmoot.agents.intake.faults import Fault, Unreadable, field, finding, not_asked, plain, shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.floats import FLOATS
from folkmoot.agents.intake.layers import Layer, Split, ranks, scale, split, whole
from folkmoot.agents.intake.lora_config import MERGE, config_faults
from folkmoot.agents.intake.tree import within

LARGEST_SCALE = 64.0
"""Of alpha / rank; trained adapters have 1 to 4."""


class _Read(NamedTuple):
    """An adapter that could be read."""

    config: Mapping[str, Any]
    parts: Split
    tensors: Mapping[str, Any]


def check_adapter(case: Case) -> Finding:
    """A LoRA adapter in the peft layout, of a rank that is served, on the base that is declared."""
    faults = list(_base(case))
    threshold = f"rank at most {case.limits.rank}; alpha / rank at most {LARGEST_SCALE:g}"
    if case.offered.file.adapter is None:
        faults += _undeclared(case)
        if faults:
            return finding("adapter", faults, "", {"base": case.offered.file.base}, threshold)
        return not_asked("adapter", "it brings no adapter", base=case.offered.file.base)
    try:
        read = _read(case)
    except Unreadable as fault:
        faults.append(
            Fault(
                f"there is no adapter that can be read: {fault}",
                f"`adapter` names a folder with {ADAPTER_CONFIG} and {ADAPTER}, as peft's "
                "save_pretrained writes them",
                field(case.offered, "adapter"),
            )
        )
        return finding("adapter", faults, "", threshold=threshold)
    where = _path(case, ADAPTER_CONFIG)
    faults += config_faults(read.config, case.limits, where)
    faults += _tensors(case, read)
    faults += _agrees(case, read.config, where)
    evidence = {
        "layers": len(read.parts.layers),
        "rank": whole(read.config.get("r")),
        "base": case.offered.file.base,
    }
    return finding(
        "adapter",
        faults,
        f"a LoRA adapter of rank {evidence['rank']} for {evidence['layers']} layers",
        evidence,
        threshold,
    )


def _read(case: Case) -> _Read:
    try:
        config = case.adapter_config()
    except Unreadable as fault:
        raise Unreadable(f"{ADAPTER_CONFIG} {fault}") from fault
    if case.adapter is None:
        raise Unreadable(f"{ADAPTER} is no file")
    header = case.headers[case.adapter.path]
    if isinstance(header, Unreadable):
        raise Unreadable(f"{ADAPTER} {header}")
    tensors = case.tensors(case.adapter)
    return _Read(config, split(tensors), tensors)


def _base(case: Case) -> Iterator[Fault]:
    served, base = case.limits.bases, case.offered.file.base
    if served is not None and not any(_same(case, base, each) for each in served):
        yield Fault(
            f"the pool does not serve the base {shown(base)}",
            f"build on one of these: {', '.join(served) or 'none is served'}; or ask the pool's "
            "steward to serve it",
            field(case.offered, "base"),
        )


def _undeclared(case: Case) -> Iterator[Fault]:
    for entry in case.tree.files:
        if entry.name in (ADAPTER, ADAPTER_CONFIG):
            folder = entry.path.rpartition("/")[0] or "."
            yield Fault(
                f"{shown(entry.path)} is there, and no field names an adapter",
                f"write `adapter: {plain(folder)}` into {FILE}, or delete it",
                plain(entry.path),
                fatal=False,
            )


def _tensors(case: Case, read: _Read) -> Iterator[Fault]:
    where = _path(case, ADAPTER)
    for name in read.parts.others:
        yield Fault(f"the tensor {shown(name, 100)} is no half of a LoRA pair", MERGE, where)
    for name in read.parts.single:
        yield Fault(
            f"the tensor {shown(name, 100)} lacks its other half",
            "save the adapter again with peft's save_pretrained",
            where,
        )
    if not read.parts.layers:
        yield Fault("it changes no layer", "train it before you offer it", where)
    for name, tensor in read.tensors.items():
        if tensor.dtype not in FLOATS:
            yield Fault(
                f"the tensor {shown(name, 100)} is of type {tensor.dtype}",
                f"save it in one of {', '.join(FLOATS)}",
                where,
            )
    for layer in read.parts.layers:
        yield from _layer(read.config, layer, where)
    beside = [
        entry
        for entry in case.weights
        if case.adapter is not None and _folder(entry.path) == _folder(case.adapter.path)
    ]
    for entry in beside:
        if entry.name != ADAPTER and case.base_folder != case.adapter_folder:
            yield Fault(
                f"other weights lie beside the adapter: {shown(entry.path)}",
                "delete them: a loader may take them for the adapter's",
                plain(entry.path),
            )


def _layer(config: Mapping[str, Any], layer: Layer, where: str) -> Iterator[Fault]:
    inner, outer = layer.first.shape[0], layer.second.shape[1]
    allowed = ranks(config, layer.name)
    # Experts in one tensor are stacked along the rank (peft's target_parameters).
    stacked = bool(inner and config.get("target_parameters")) and any(
        inner % rank == 0 for rank in allowed
    )
    if inner != outer or not (inner in allowed or stacked):
        said = " or ".join(map(str, allowed)) or "none"
        yield Fault(
            f"the matrices of {shown(layer.name, 100)} meet in {inner} and {outer}, and its rank is {said}",
            f"offer the {ADAPTER_CONFIG} that was saved with these weights",
            where,
        )
    elif abs(times := scale(config, layer.name, allowed[0])) > LARGEST_SCALE:
        yield Fault(
            f"what {shown(layer.name, 100)} learned is multiplied by {times:g}",
            f"train it with an alpha of at most {LARGEST_SCALE:g} times its rank",
            where,
            fatal=False,
        )


def _agrees(case: Case, config: Mapping[str, Any], where: str) -> Iterator[Fault]:
    """Whether the adapter was trained on the declared base, as far as it says."""
    said, base = config.get("base_model_name_or_path"), case.offered.file.base
    if not isinstance(said, str) or not said:
        yield Fault(
            "it does not say on which base it was trained",
            f"write the base into base_model_name_or_path of {ADAPTER_CONFIG}",
            where,
            fatal=False,
        )
    elif not _same(case, said, base):
        yield Fault(
            f"it says that it was trained on {shown(said)}, and the declared base is {shown(base)}",
            f"write the base that it was trained on as `base` into {FILE}, and the same, as a hub "
            f"id, into base_model_name_or_path of {ADAPTER_CONFIG}",
            field(case.offered, "base"),
            fatal=False,
        )


def _same(case: Case, one: str, other: str) -> bool:
    names = [case.limits.aliases.get(name, name).rstrip("/").casefold() for name in (one, other)]
    return names[0] == names[1]


def _path(case: Case, name: str) -> str:
    return plain(within(case.adapter_folder or ".", name))


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
