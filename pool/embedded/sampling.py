"""Drawing tokens, each row by its own temperature, nucleus and seed."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from random import Random
from typing import Any

from folkmoot.pool.models.torch_import import import_torch
from folkmoot.records import Sampling

_CANDIDATES = 256
"""Tokens looked at first: sorting the whole vocabulary for every token would cost as much as the
model. Where they do not fill the nucleus, all are looked at."""


def draw(logits: Any, settings: Sequence[Sampling], sources: Sequence[Random]) -> list[int]:
    """One token for each row; what a row draws does not depend on its neighbours.

    Args:
        logits: [rows, vocabulary], float32.
        settings: temperature 0 takes the likeliest token.
        sources: of chance, one a row.
    """
    torch = import_torch()
    heats = [[setting.temperature if setting.temperature > 0 else 1.0] for setting in settings]
    scaled = logits / torch.tensor(heats, device=logits.device)
    total = torch.logsumexp(scaled, dim=1, keepdim=True)
    best = torch.topk(scaled, min(_CANDIDATES, scaled.shape[1]), dim=1)
    climbed = torch.exp(best.values - total).double().cumsum(dim=1).tolist()
    tokens = best.indices.tolist()
    drawn: list[int] = []
    for row, (setting, source) in enumerate(zip(settings, sources, strict=True)):
        if setting.temperature <= 0:
            drawn.append(tokens[row][0])
            continue
        steps, names = climbed[row], tokens[row]
        if steps[-1] < setting.top_p and len(steps) < scaled.shape[1]:
            whole = torch.sort(scaled[row], descending=True)
            steps = torch.exp(whole.values - total[row]).double().cumsum(dim=0).cpu().numpy()
            names = whole.indices
        drawn.append(int(names[_pick(steps, setting.top_p, source)]))
    return drawn


def _pick(climbed: Any, top_p: float, source: Random) -> int:
    """A place drawn from the first ones that together reach `top_p`.

    Args:
        climbed: running sums of descending probabilities, a list or an array.
    """
    last = min(bisect_left(climbed, top_p), len(climbed) - 1)
    return bisect_right(climbed, source.random() * climbed[last], hi=last)
