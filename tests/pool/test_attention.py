"""Attention without repeated keys gives what attention with repeated keys gives."""

import pytest
import torch

from folkmoot.pool.models import attention
from folkmoot.pool.models.loading import load


@pytest.mark.parametrize("shape", [(3, 6, 2, 5, 9), (2, 6, 6, 1, 7), (1, 8, 1, 4, 4)])
def test_grouped_heads_give_what_repeated_ones_give(shape):
    rows, heads, groups, n, columns = shape
    dice = torch.Generator().manual_seed(1)
    query = torch.randn(rows, heads, n, 8, generator=dice)
    key, value = (torch.randn(rows, groups, columns, 8, generator=dice) for _ in "kv")
    mask = torch.rand(rows, 1, n, columns, generator=dice) < 0.6
    mask[..., 0] = True
    found, _ = attention._attend(None, query, key, value, mask, scaling=0.3)
    repeated = [part.repeat_interleave(heads // groups, dim=1) for part in (key, value)]
    expected = torch.nn.functional.scaled_dot_product_attention(
        query, *repeated, attn_mask=mask, scale=0.3
    )
    torch.testing.assert_close(found, expected.transpose(1, 2))


def test_a_model_gives_what_it_gives_with_transformers_own_attention(tiny_model):
    model = load(str(tiny_model), "float32", "cpu", None).model
    tokens = torch.arange(3, 50)[None]
    with torch.inference_mode():
        found = model(tokens).logits
        model.set_attn_implementation("eager")
        expected = model(tokens).logits
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_other_kinds_of_attention_are_not_taken_for_this_one():
    part = torch.zeros(1, 2, 1, 8)
    with pytest.raises(ValueError, match="softcap"):
        attention._attend(None, part, part, part, None, softcap=50.0)
