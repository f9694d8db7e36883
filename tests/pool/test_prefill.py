"""Prompts computed in batches behind stored beginnings give what each gives alone."""

import random

import pytest
import torch

from folkmoot.pool.embedded.prefill import Prefill, batches
from folkmoot.pool.embedded.prefixes import BLOCK, Prefixes
from folkmoot.pool.models.loading import Loaded, load


@pytest.fixture(scope="module")
def loaded(tiny_model) -> Loaded:
    return load(str(tiny_model), "float32", "cpu", None)


def text(seed: int, length: int) -> list[int]:
    return random.Random(seed).choices(range(3, 250), k=length)


def alone(loaded: Loaded, tokens: list[int]):
    """The model's own answer: one prompt, no cache, no padding."""
    with torch.inference_mode():
        out = loaded.model(torch.tensor([tokens]))
    return out.logits[0, -1].float()


def test_a_batch_of_different_lengths_gives_what_each_prompt_gives_alone(loaded):
    prompts = [text(seed, length) for seed, length in enumerate((1, 5, 16, 17, 40, 100))]
    for prompt, done in zip(prompts, Prefill(loaded, Prefixes(0))(prompts), strict=True):
        torch.testing.assert_close(done.logits, alone(loaded, prompt), atol=1e-4, rtol=1e-4)
        assert done.cached == 0
        assert done.kv.shape[3] == len(prompt)


def test_stored_beginnings_change_no_logit_and_are_counted(loaded):
    prefill = Prefill(loaded, Prefixes(100))
    common = text(1, 70)
    first = common + text(2, 9)
    assert prefill([first])[0].cached == 0
    prompts = [common + text(3, 30), common + text(4, 3), text(5, 20), first]
    done = prefill(prompts)
    for prompt, each in zip(prompts, done, strict=True):
        torch.testing.assert_close(each.logits, alone(loaded, prompt), atol=1e-4, rtol=1e-4)
    assert [each.cached for each in done] == [64, 64, 0, 64]
    again = [each.cached for each in prefill(prompts)]
    assert again == [96, 64, 16, 64], "all whole blocks but the one with the last token"


def test_what_a_batch_shares_is_computed_once_and_charged_to_the_first(loaded):
    prefill = Prefill(loaded, Prefixes(100))
    common, pair = text(1, 64), text(2, 32)
    prompts = [
        common + text(3, 10),
        common + pair + text(4, 10),
        common + pair + text(5, 11),
        common + text(6, 8),
    ]
    done = prefill(prompts)
    for prompt, each in zip(prompts, done, strict=True):
        torch.testing.assert_close(each.logits, alone(loaded, prompt), atol=1e-4, rtol=1e-4)
    assert [each.cached for each in done] == [0, 64, 96, 64]
    asked = sum(map(len, prompts))
    assert prefill.computed == asked - sum(each.cached for each in done)
    assert prefill.computed == 64 + 32 + 10 + 10 + 11 + 8


@pytest.mark.parametrize("most", [0, 1, 3, 1000])
def test_any_bound_on_the_store_gives_the_same_logits(loaded, most):
    dice = random.Random(most)
    store = Prefixes(most)
    prefill = Prefill(loaded, store)
    asked = cached = 0
    for _ in range(6):
        prompts = [
            text(dice.randrange(2), 48) + text(dice.randrange(3), 33) + text(dice.randrange(9), 7)
            for _ in range(4)
        ]
        done = prefill(prompts)
        for prompt, each in zip(prompts, done, strict=True):
            torch.testing.assert_close(each.logits, alone(loaded, prompt), atol=1e-4, rtol=1e-4)
        asked += sum(map(len, prompts))
        cached += sum(each.cached for each in done)
        assert len(store) <= most
    assert prefill.computed >= asked - cached
    if most == 1000:
        assert prefill.computed == asked - cached
        assert cached > asked / 2


def test_equal_prompts_share_all_but_the_end(loaded):
    prefill = Prefill(loaded, Prefixes(100))
    prompt = text(1, 3 * BLOCK)
    assert [each.cached for each in prefill([prompt] * 3)] == [0, 2 * BLOCK, 2 * BLOCK]


def test_batches_waste_little_and_lose_nothing():
    needs = [1, 900, 40, 42, 41, 3, 2, 4000, 4096, 5000]
    groups = batches(needs)
    assert sorted(at for group in groups for at in group) == list(range(len(needs)))
    for group in groups:
        padded = len(group) * max(needs[at] for at in group)
        assert padded <= 1.5 * sum(needs[at] for at in group)
        assert padded <= 4096 or len(group) == 1
