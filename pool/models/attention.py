"""Attention of grouped heads over a cache, without copying the cache once for each head.

Where several query heads share a key-value head, transformers repeats keys and values before it
attends, and for every token written that copies the whole cache of the batch several times over.
Queries that share keys can as well stand side by side: the numbers are the same, nothing is copied.
"""

from typing import Any

from folkmoot.pool.models.torch_import import import_torch, import_transformers

NAME = "folkmoot_grouped"

_VARIANTS = ("softcap", "s_aux", "position_bias")
"""Arguments with which a model asks for attention of another kind."""


def register() -> str:
    """Make this attention known to transformers; returns the name to load a model with."""
    import_transformers().AttentionInterface.register(NAME, _attend)
    return NAME


def _attend(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    attention_mask: Any,
    scaling: float | None = None,
    **more: Any,
) -> tuple[Any, None]:
    """As transformers calls it: query [rows, heads, n, width], key and value [rows, fewer heads,
    columns, width], mask [rows, 1, n, columns] or None for a plain causal one.

    Raises:
        ValueError: the model asks for a variant of attention that this is not.
    """
    wanted = [name for name in _VARIANTS if more.get(name) is not None]
    if wanted:
        raise ValueError(f"its attention has {wanted[0]}, which the embedded engine has not")
    rows, heads, n, width = query.shape
    groups = key.shape[1]
    if attention_mask is None:
        columns = key.shape[2]
        attention_mask = query.new_ones((n, columns)).tril(columns - n).bool()[None, None]
    mask = attention_mask.unsqueeze(2).expand(-1, -1, heads // groups, -1, -1)
    out = import_torch().nn.functional.scaled_dot_product_attention(
        query.reshape(rows, groups, heads // groups * n, width),
        key,
        value,
        attn_mask=mask.reshape(mask.shape[0], 1, heads // groups * n, -1),
        scale=scaling,
    )
    return out.reshape(rows, heads, n, width).transpose(1, 2), None
