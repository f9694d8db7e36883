"""Token sequences that begin alike, packed into one tree.

A model that attends only from a token to its ancestors, at the position of its depth, sees in the tree exactly what it
would see in each sequence alone. A question with four perspectives and two tasks each is then computed once, not eight times.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from transformers import PreTrainedTokenizerBase

from folkmoot.pool.training.examples import Example


@dataclass(frozen=True)
class Tokens:
    """One tokenised example: `prompt` is given, `target` is learned."""

    prompt: tuple[int, ...]
    target: tuple[int, ...]
    weight: float


@dataclass
class Tree:
    """A tree of tokens; parents come before children.

    Attributes:
        tokens: Token of each node.
        parents: Index of each node's parent; -1 for a root.
        depths: Position of each node in its sequences.
        owners: Which sequence (its index) each learned token belongs to.
        at: Node whose output must predict the learned token.
        wanted: The learned token.
        weights: What the learned token counts.
        size: How many sequences the tree holds.
    """

    tokens: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    size: int = 0
    _children: dict[tuple[int, int], int] = field(default_factory=dict, repr=False)

    def add(self, sequence: Tokens) -> None:
        """Add one sequence, sharing every node it has in common with those already there."""
        node = -1
        for token in sequence.prompt:
            node = self._step(node, token)
        for number, token in enumerate(sequence.target):
            self.at.append(node)
            self.wanted.append(token)
            self.weights.append(sequence.weight)
            self.owners.append(self.size)
            if number + 1 < len(sequence.target):
                node = self._step(node, token)
        self.size += 1

    def _step(self, node: int, token: int) -> int:
        child = self._children.get((node, token))
        if child is None:
            child = len(self.tokens)
            self._children[node, token] = child
            self.tokens.append(token)
            self.parents.append(node)
            self.depths.append(self.depths[node] + 1 if node >= 0 else 0)
        return child

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """Return the additive attention mask, shape (1, 1, nodes, nodes): 0 towards ancestors and self, else the lowest number."""
        seen = torch.zeros(len(self.tokens), len(self.tokens), dtype=torch.bool)
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                seen[node] = seen[parent]
            seen[node, node] = True
        out = torch.full(seen.shape, torch.finfo(dtype).min, dtype=dtype)
        return out.masked_fill_(seen, 0.0)[None, None]


def tokenise(tokenizer: PreTrainedTokenizerBase, example: Example) -> Tokens:
    """Turn an example into tokens: the chat prompt with its opened assistant turn, and the target.

    Raises:
        ValueError: If the target becomes no token, or if it must close a turn and the tokenizer names no end.
    """
    turns = [{"role": "system", "content": example.system}] if example.system else []
    turns.append({"role": "user", "content": example.user})
    opened = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    end = str(tokenizer.special_tokens_map.get("eos_token", ""))
    if example.closes and not end:
        raise ValueError("the example closes its turn, but the tokenizer has no eos_token")
    prompt = tokenizer.encode(f"{opened}{example.prefix}", add_special_tokens=False)
    target = tokenizer.encode(
        example.target + (end if example.closes else ""), add_special_tokens=False
    )
    if not target:
        raise ValueError(f"the target {example.target!r} becomes no token")
    return Tokens(tuple(prompt), tuple(target), example.weight)


def trees(groups: Sequence[Sequence[Tokens]], nodes: int) -> Iterator[Tree]:
    """Pack groups of sequences, in order, into trees of about `nodes` nodes.

    Time and memory grow with the square of a tree, so that a group of many is split: what its sequences share is
    then computed once for each of its trees.

    Args:
        groups: Sequences that belong together.
        nodes: A tree is handed out as soon as it holds at least this many nodes.

    Yields:
        The trees; together they hold every sequence once, in order.
    """
    tree = Tree()
    for group in groups:
        for sequence in group:
            tree.add(sequence)
            if len(tree.tokens) >= nodes:
                yield tree
                tree = Tree()
    if tree.size:
        yield tree
