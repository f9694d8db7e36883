"""The arithmetic of shared prefixes, against counting it the long way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefix_tree import distinct, least, shared

PROMPTS = st.lists(st.lists(st.integers(0, 2), max_size=12), max_size=8)


def nodes(prompts: list[list[int]]) -> int:
    """Every beginning of every prompt, each once."""
    return len({tuple(each[:end]) for each in prompts for end in range(1, len(each) + 1)})


def spelt_out(prompts: list[list[int]], block: int) -> int:
    """Each prompt against the beginnings of all before it, block by block."""
    seen: set[tuple[int, ...]] = set()
    computed = 0
    for prompt in prompts:
        ends = range(block, len(prompt), block)
        held = [end for end in ends if tuple(prompt[:end]) in seen]
        computed += len(prompt) - max(held, default=0)
        seen |= {tuple(prompt[:end]) for end in range(block, len(prompt) + 1, block)}
    return computed


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [([1, 2, 3], [1, 2, 4], 2), ([1, 2], [1, 2, 3], 2), ([1], [2], 0), ([], [1], 0), ([7], [7], 1)],
)
def test_shared(one, two, both):
    assert shared(one, two) == shared(two, one) == both


@given(PROMPTS)
def test_distinct_counts_the_nodes_of_the_tree(prompts):
    assert distinct(prompts) == nodes(prompts)


@given(PROMPTS, st.integers(1, 5))
def test_least_is_what_whole_blocks_leave(prompts, block):
    assert least(prompts, block) == spelt_out(prompts, block)


@given(PROMPTS)
def test_no_cache_computes_less_than_there_are_distinct_tokens(prompts):
    assert least(prompts, 1) >= distinct(prompts)


def test_seats_of_a_round_compute_what_they_share_once():
    common, block = list(range(300)), 128
    seats = [[*common, 1000 + seat, 1, 2] for seat in range(5)]
    assert distinct(seats) == 300 + 5 * 3
    assert least(seats, block) == 303 + 4 * (303 - 256)


def test_the_block_of_the_last_token_is_computed_again():
    assert least([[1, 2, 3, 4], [1, 2, 3, 4]], 2) == 4 + 2
    assert least([[1, 2, 3, 4], [1, 2, 3, 4, 5]], 2) == 4 + 1


def test_a_prompt_that_is_shorter_than_a_block_is_never_held():
    assert least([[1, 2], [1, 2]], 4) == 4


def test_no_prompts_and_no_block():
    assert distinct([]) == least([], 16) == 0
    with pytest.raises(ValueError, match="block is 0"):
        least([[1]], 0)
