"""The layers that a LoRA adapter changes: pairs of matrices, their ranks and their scales.

LoRA adds scale · B A to a layer's matrix, A of rank x inputs and B of outputs x rank (Hu et al. 2021,
arXiv 2106.09685); the scale is alpha / rank, or alpha / √rank with `use_rslora` (arXiv 2312.03732).
"""

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from folkmoot.agents.intake.headers import Tensor

PREFIX = "base_model.model."
_PAIR = re.compile(r"(?P<layer>.+)\.lora_(?P<half>[AB])\.weight")
_LITERAL = re.compile(r"[\w.-]+")


class Layer(NamedTuple):
    """A pair of matrices."""

    name: str
    """As in the base, without peft's prefix."""
    first: Tensor
    """A: rank x inputs."""
    second: Tensor
    """B: outputs x rank."""


class Split(NamedTuple):
    """The tensors of an adapter, sorted out."""

    layers: tuple[Layer, ...]
    """By name."""
    single: tuple[str, ...]
    """Halves of a pair without the other half."""
    others: tuple[str, ...]
    """Tensors that are no half of a pair, or not of two dimensions."""


def split(tensors: Mapping[str, Tensor]) -> Split:
    """Sort the tensors of an adapter into pairs and what is none."""
    halves: dict[str, dict[str, Tensor]] = {}
    others: list[str] = []
    for name, tensor in sorted(tensors.items()):
        match = _PAIR.fullmatch(name)
        if match is None or len(tensor.shape) != 2:
            others.append(name)
        else:
            halves.setdefault(match["layer"], {})[match["half"]] = tensor
    whole = {name: pair for name, pair in halves.items() if len(pair) == 2}
    return Split(
        layers=tuple(
            Layer(name.removeprefix(PREFIX), pair["A"], pair["B"]) for name, pair in whole.items()
        ),
        single=tuple(
            tensor.name for name in halves.keys() - whole.keys() for tensor in halves[name].values()
        ),
        others=tuple(others),
    )


def ranks(config: Mapping[str, Any], layer: str) -> tuple[int, ...]:
    """The ranks that the configuration allows a layer, one unless a pattern is left open.

    A pattern of peft's is a regular expression; only those without any operator are matched here,
    since a stranger's may take forever. The ranks of the others are allowed to every layer.
    """
    patterns = _patterns(config.get("rank_pattern"))
    known = {pattern: rank for pattern, rank in patterns.items() if _LITERAL.fullmatch(pattern)}
    for pattern, rank in known.items():
        if _ends(layer, pattern) and (exact := whole(rank)) is not None:
            return (exact,)
    open_ranks = (whole(rank) for name, rank in patterns.items() if name not in known)
    found = (whole(config.get("r")), *open_ranks)
    return tuple(dict.fromkeys(rank for rank in found if rank is not None))


def scale(config: Mapping[str, Any], layer: str, rank: int) -> float:
    """What a layer's product is multiplied by; 1 where the configuration does not say."""
    alphas = _patterns(config.get("alpha_pattern"))
    named = (alpha for pattern, alpha in alphas.items() if _ends(layer, pattern))
    alpha = next(named, config.get("lora_alpha"))
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not -1e9 < alpha < 1e9:
        return 1.0
    return float(alpha) / (math.sqrt(rank) if config.get("use_rslora") is True else rank)


def whole(value: Any) -> int | None:
    """A whole number from 1 to a million; None if it is anything else."""
    return value if type(value) is int and 1 <= value <= 1_000_000 else None


def _patterns(said: Any) -> dict[str, Any]:
    return cast(dict[str, Any], said) if isinstance(said, dict) else {}


def _ends(layer: str, pattern: str) -> bool:
    return layer == pattern or layer.endswith(f".{pattern}")
