"""What was computed for the beginnings of prompts, kept so that it is computed once.

A prompt is cut into blocks of `BLOCK` tokens. A block is known by all tokens up to its end, so two
prompts share exactly the blocks that they begin with in common. The least recently used go first.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

BLOCK = 16
"""Tokens of a block."""


def block_keys(tokens: Sequence[int]) -> list[bytes]:
    """The keys of the whole blocks that may be taken from the store for a prompt.

    The last token is never among them: its computation is what gives the next token.
    """
    keys: list[bytes] = []
    key = b""
    for start in range(0, (len(tokens) - 1) // BLOCK * BLOCK, BLOCK):
        text = ",".join(map(str, tokens[start : start + BLOCK]))
        key = blake2b(key + text.encode(), digest_size=16).digest()
        keys.append(key)
    return keys


class Prefixes:
    """A bounded store of key-value blocks, each of shape [layers, 2, heads, BLOCK, width].

    Args:
        most: blocks it holds at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._blocks: OrderedDict[bytes, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._blocks)

    def known(self, keys: Sequence[bytes]) -> int:
        """How many blocks from the beginning are here."""
        for count, key in enumerate(keys):
            if key not in self._blocks:
                return count
        return len(keys)

    def take(self, keys: Sequence[bytes]) -> list[Any]:
        """The blocks of these keys, all of which must be here; marks them as used."""
        for key in reversed(keys):  # the beginning of a prompt is its most used part: it goes last
            self._blocks.move_to_end(key)
        return [self._blocks[key] for key in keys]

    def put(self, keys: Sequence[bytes], computed: Any) -> None:
        """Keep the blocks of a prompt.

        Args:
            keys: of the prompt's blocks, from its beginning.
            computed: its keys and values, [layers, 2, heads, at least BLOCK * len(keys), width].
        """
        for at in range(min(len(keys), self._most) - 1, -1, -1):
            if keys[at] not in self._blocks:
                block = computed[..., at * BLOCK : (at + 1) * BLOCK, :]
                self._blocks[keys[at]] = block.clone()  # a view would keep the whole prompt alive
            self._blocks.move_to_end(keys[at])
        while len(self._blocks) > self._most:
            self._blocks.popitem(last=False)


def shared(prompts: Sequence[Sequence[bytes]], store: Prefixes) -> list[tuple[int, int]]:
    """Beginnings that two or more prompts have in common and the store does not hold.

    Args:
        prompts: the block keys of each prompt.

    Returns:
        Pairs of a prompt's place and a number of blocks: each distinct beginning once, by the first
        prompt that has it, and only where no longer one of the same prompt is shared.
    """
    seen: dict[bytes, int] = {}
    for keys in prompts:
        for key in keys:
            seen[key] = seen.get(key, 0) + 1
    found: dict[bytes, tuple[int, int]] = {}
    for place, keys in enumerate(prompts):
        depth = sum(1 for key in keys if seen[key] > 1)  # shared blocks come first, by their keys
        if depth > store.known(keys):
            found.setdefault(keys[depth - 1], (place, depth))
    return list(found.values())
