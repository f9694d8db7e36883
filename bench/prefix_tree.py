"""What prompts share: distinct tokens, and the least that a prefix cache could compute.

Pure arithmetic over token ids. A prompt is a sequence of token ids, in the order in which it was
sent; where two prompts begin alike, a prefix cache computes what they share once.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

Prompt = Sequence[int]


def shared(one: Prompt, two: Prompt) -> int:
    """How many tokens two prompts have in common at their beginning."""
    for at, (left, right) in enumerate(zip(one, two, strict=False)):
        if left != right:
            return at
    return min(len(one), len(two))


def distinct(prompts: Iterable[Prompt]) -> int:
    """Nodes of the prefix tree of all prompts: what a cache of single tokens would compute.

    In lexical order, what a prompt shares with any before it, it shares with the one just before.
    """
    ordered = sorted(tuple(prompt) for prompt in prompts)
    first = len(ordered[0]) if ordered else 0
    return first + sum(len(two) - shared(one, two) for one, two in pairwise(ordered))


def least(prompts: Iterable[Prompt], block: int) -> int:
    """Tokens that an endless cache of whole blocks computes, the prompts coming in this order.

    Of each prompt, all but the longest run of whole blocks that an earlier prompt began with. Its
    last token is always computed (the first token of the reply comes of it), and with it its block.

    Args:
        prompts: in the order in which they were sent.
        block: tokens in a block of the cache.

    Raises:
        ValueError: a block has no tokens.
    """
    if block < 1:
        raise ValueError(f"block is {block}; it must be at least 1")
    # A run of blocks is known by a number: that of the run without its last block, and that block.
    runs: dict[tuple[int, tuple[int, ...]], int] = {}
    computed = 0
    for prompt in prompts:
        tokens, known, run, held = tuple(prompt), True, 0, 0
        for start in range(0, len(tokens) - block + 1, block):
            link = (run, tokens[start : start + block])
            known = known and link in runs
            run = runs.setdefault(link, len(runs) + 1)
            if known and start + block < len(tokens):
                held = start + block
        computed += len(tokens) - held
    return computed
