"""Computing prompts: what is known is taken, what is shared is computed once, the rest in batches."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from folkmoot.pool.embedded.cache import Rows, as_cache
from folkmoot.pool.embedded.prefixes import BLOCK, Prefixes, block_keys, shared
from folkmoot.pool.models.loading import Loaded
from folkmoot.pool.models.torch_import import import_torch

MOST_TOKENS = 4096
"""Tokens of one forward pass, padding included."""

_WASTE = 1.5
"""A batch may be this many times as large, padding included, as what it computes."""


class Prefilled(NamedTuple):
    """A prompt, computed."""

    kv: Any
    """Keys and values of every token, [layers, 2, heads, tokens, width]."""
    logits: Any
    """Of the next token, [vocabulary], float32."""
    cached: int
    """Tokens that were taken from the store. What several prompts of one batch share is computed
    once and counts as computed for the first of them."""


class _Job(NamedTuple):
    tokens: Sequence[int]
    keys: Sequence[bytes]


class Prefill:
    """Computes prompts for one model, with a store of prefixes.

    Args:
        loaded: the model.
        store: what was computed before.

    Attributes:
        computed: prompt tokens computed so far.
    """

    def __init__(self, loaded: Loaded, store: Prefixes) -> None:
        self.computed = 0
        self._loaded = loaded
        self._store = store
        self._torch = import_torch()

    def __call__(self, prompts: Sequence[Sequence[int]]) -> list[Prefilled]:
        """Compute prompts, each of at least one token."""
        jobs = [_Job(tokens, block_keys(tokens)) for tokens in prompts]
        return self._run(jobs, self._share(jobs))

    def _share(self, jobs: Sequence[_Job]) -> set[bytes]:
        """Compute what several jobs begin with; returns the keys of the blocks computed."""
        common = [
            _Job(jobs[place].tokens[: depth * BLOCK], jobs[place].keys[:depth])
            for place, depth in shared([job.keys for job in jobs], self._store)
        ]
        if not common:
            return set()
        fresh = self._share(common)
        left = [job for job in common if self._store.known(job.keys) < len(job.keys)]
        fresh = fresh.union(*(job.keys[self._store.known(job.keys) :] for job in left))
        self._run(left, set())
        return fresh

    def _run(self, jobs: Sequence[_Job], fresh: set[bytes]) -> list[Prefilled]:
        known = [self._known(job) for job in jobs]
        needs = [len(job.tokens) - n * BLOCK for job, n in zip(jobs, known, strict=True)]
        cached = [_charge(job.keys[:n], fresh) for job, n in zip(jobs, known, strict=True)]
        done: dict[int, Prefilled] = {}
        for group in batches(needs):
            blocks = [self._store.take(jobs[at].keys[: known[at]]) for at in group]
            tails = [jobs[at].tokens[-needs[at] :] for at in group]
            rows, logits = self._forward(blocks, tails)
            for row, at in enumerate(group):
                done[at] = Prefilled(rows.row(row), logits[row], cached[at])
        for at, job in enumerate(jobs):  # only now: keeping one may push out what another needs
            self._store.put(job.keys, done[at].kv)
        self.computed += sum(needs)
        return [done[at] for at in range(len(jobs))]

    def _known(self, job: _Job) -> int:
        """Blocks to take: never all of a prompt, its last token has to be computed."""
        return min(self._store.known(job.keys), (len(job.tokens) - 1) // BLOCK)

    def _forward(
        self, blocks: Sequence[Sequence[Any]], tails: Sequence[Sequence[int]]
    ) -> tuple[Rows, Any]:
        """One pass over tails of different lengths behind beginnings of different lengths.

        Columns: beginnings right-aligned in the first `past`, then tails right-aligned.
        """
        torch, device = self._torch, self._loaded.model.device
        past, wide = BLOCK * max(map(len, blocks)), max(map(len, tails))
        rows = Rows(self._loaded.blank, len(tails), past + wide)
        ids = torch.zeros((len(tails), wide), dtype=torch.long)
        places = torch.zeros((len(tails), wide), dtype=torch.long)
        for at, (begin, tail) in enumerate(zip(blocks, tails, strict=True)):
            rows.set(at, begin, past)
            rows.valid[at, past + wide - len(tail) :] = True
            ids[at, wide - len(tail) :] = torch.tensor(tail)
            first = BLOCK * len(begin)
            places[at, wide - len(tail) :] = torch.arange(first, first + len(tail))
        rows.used = past
        column = torch.arange(past + wide, device=device)
        causal = column[None, :] <= column[past:, None]
        itself = column[None, :] == column[past:, None]  # padding must attend to something
        mask = (causal[None] & rows.valid[:, None, :]) | itself[None]
        with torch.inference_mode():
            out = self._loaded.model(
                ids.to(device),
                attention_mask=mask[:, None],
                position_ids=places.to(device),
                past_key_values=as_cache(rows),
                use_cache=True,
                logits_to_keep=1,
            )
        rows.used = past + wide
        return rows, out.logits[:, -1].float()


def batches(needs: Sequence[int]) -> list[list[int]]:
    """Places grouped so that padding to the longest of a group wastes little."""
    groups: list[list[int]] = []
    real = 0
    for at in sorted(range(len(needs)), key=needs.__getitem__):
        real += needs[at]
        padded = needs[at] * (len(groups[-1]) + 1) if groups else 0
        if groups and padded <= min(_WASTE * real, MOST_TOKENS):
            groups[-1].append(at)
        else:
            groups.append([at])
            real = needs[at]
    return groups


def _charge(keys: Sequence[bytes], fresh: set[bytes]) -> int:
    """Tokens of these blocks that cost nothing; those that did are charged to the first taker."""
    paid = fresh.intersection(keys)
    fresh -= paid
    return BLOCK * (len(keys) - len(paid))
