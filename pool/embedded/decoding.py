"""Writing replies: a batch of lines that grows by one token at a time; lines join and leave it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from folkmoot.pool.embedded.cache import Rows, as_cache
from folkmoot.pool.embedded.prefill import Prefilled
from folkmoot.pool.embedded.sampling import draw
from folkmoot.pool.models.loading import Loaded
from folkmoot.pool.models.torch_import import import_torch
from folkmoot.records import Sampling


@dataclass(eq=False)
class Line:
    """A reply as it is written.

    Attributes:
        tokens: drawn so far, the stop token not among them.
        drawn: how many tokens were drawn, a stop token included.
        finish: `stop` or `length`; None while it is being written.
    """

    sampling: Sampling
    prompt: int
    """Tokens of the prompt."""
    guide: Any = None
    """What bars tokens that would break a JSON schema; None where the text is free."""
    tokens: list[int] = field(default_factory=list[int])
    drawn: int = 0
    finish: str | None = None
    source: Random = field(init=False)

    def __post_init__(self) -> None:
        self.source = Random(self.sampling.seed)

    def take(self, token: int, stops: frozenset[int]) -> None:
        """Add a token; sets `finish` where it is the last."""
        self.drawn += 1
        if token in stops:
            self.finish = "stop"
            return
        self.tokens.append(token)
        if self.guide is not None:
            self.guide.take(token)
        if self.drawn >= self.sampling.max_tokens:
            self.finish = "length"

    @property
    def left(self) -> int:
        """Tokens it may still draw."""
        return self.sampling.max_tokens - self.drawn


class Decoding:
    """The lines being written by one model.

    Attributes:
        lines: all unfinished.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.lines: list[Line] = []
        self._loaded = loaded
        self._rows: Rows | None = None
        self._cache: Any = None
        self._torch = import_torch()

    def join(self, lines: Sequence[Line], prompts: Sequence[Prefilled]) -> None:
        """Begin lines, each behind its computed prompt: their first tokens are drawn."""
        self._draw(lines, self._torch.stack([prompt.logits for prompt in prompts]))
        going = [(line, it.kv) for line, it in zip(lines, prompts, strict=True) if not line.finish]
        if not going:
            return
        old = self._rows
        used = max([kv.shape[3] for _, kv in going] + ([old.used] if old else []))
        everyone = self.lines + [line for line, _ in going]
        rows = Rows(self._loaded.blank, len(everyone), used + max(line.left for line in everyone))
        if old is not None:
            rows.data[:, :, : old.count, :, used - old.used : used] = old.data[..., : old.used, :]
            rows.valid[: old.count, used - old.used : used] = old.valid[:, : old.used]
        for row, (_, kv) in enumerate(going, start=len(self.lines)):
            rows.set(row, [kv], used)
        rows.used = used
        self.lines, self._rows, self._cache = everyone, rows, as_cache(rows)

    def step(self) -> None:
        """Draw one more token for every line."""
        rows, torch = self._rows, self._torch
        if rows is None:
            return
        device = self._loaded.model.device
        rows.valid[:, rows.used] = True
        ids = torch.tensor([[line.tokens[-1]] for line in self.lines])
        places = torch.tensor([[line.prompt + len(line.tokens) - 1] for line in self.lines])
        with torch.inference_mode():
            out = self._loaded.model(
                ids.to(device),
                attention_mask=rows.valid[:, None, None, : rows.used + 1],
                position_ids=places.to(device),
                past_key_values=self._cache,
                use_cache=True,
            )
        rows.used += 1
        self._draw(self.lines, out.logits[:, -1].float())

    def leave(self, line: Line) -> None:
        """Remove a line, finished or not; one that never joined is not missed."""
        if line not in self.lines or self._rows is None:
            return
        row = self.lines.index(line)
        self._rows.drop(row)
        self.lines[row] = self.lines[-1]
        self.lines.pop()
        if not self.lines:
            self._rows = self._cache = None

    def _draw(self, lines: Sequence[Line], logits: Any) -> None:
        for row, line in enumerate(lines):
            if line.guide is not None:
                line.guide.bar(logits[row])
        tokens = draw(logits, [line.sampling for line in lines], [line.source for line in lines])
        for line, token in zip(lines, tokens, strict=True):
            line.take(token, self._loaded.stops)
