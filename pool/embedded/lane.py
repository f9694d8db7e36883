"""All work of the embedded engine for one loaded model. Used by one thread alone."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from folkmoot.pool.embedded.decoding import Decoding, Line
from folkmoot.pool.embedded.detokenise import Pieces, detokenise
from folkmoot.pool.embedded.guided import Guides
from folkmoot.pool.embedded.prefill import Prefill, Prefilled
from folkmoot.pool.embedded.prefixes import BLOCK, Prefixes
from folkmoot.pool.embedded.requests import Request
from folkmoot.pool.models.loading import Loaded
from folkmoot.pool.models.torch_import import import_torch
from folkmoot.pool.scripted import ZERO
from folkmoot.records import EngineUnavailable

_JOIN_EVERY = 4
"""Steps between two joinings of a batch that is at work: each costs a copy of all its keys."""


class Lane:
    """Requests to one model, answered together.

    Args:
        loaded: the model.
        max_batch: replies written at once, and prompts computed at once.
        cache_mb: megabytes for prefixes.
    """

    def __init__(self, loaded: Loaded, max_batch: int, cache_mb: int) -> None:
        layers, two, heads, _, width = loaded.blank.shape
        block_bytes = loaded.blank.element_size() * BLOCK * layers * two * heads * width
        self.loaded = loaded
        self.guides = Guides(loaded)
        self.prefill = Prefill(loaded, Prefixes(cache_mb * 2**20 // block_bytes))
        self._decoding = Decoding(loaded)
        self._max_batch = max_batch
        self._waiting: deque[Request] = deque()
        self._writing: list[Request] = []
        self._since_join = 0

    @property
    def busy(self) -> bool:
        """Whether there is anything left to do."""
        return bool(self._waiting or self._writing)

    def add(self, requests: Iterable[Request]) -> None:
        """Take on requests."""
        self._waiting.extend(requests)

    def work(self) -> None:
        """Begin what waits, as far as there is room, and write one more token of every reply."""
        for request in [it for it in self._writing if it.cancelled]:
            self._leave(request)
            request.left()
        if self._waiting and (self._since_join >= _JOIN_EVERY or len(self._writing) < 4):
            self._since_join = 0
            admitted = self._admitted()
            try:
                self._begin(admitted)
            except Exception:
                self._waiting.extendleft(reversed(admitted))  # so that they hear of it too
                raise
        if self._writing:
            self._decoding.step()
            self._since_join += 1
            self._after(tuple(self._writing))

    def fail(self, error: EngineUnavailable) -> None:
        """Give up everything."""
        for request in (*self._waiting, *self._writing):
            request.fail(error)
        self._waiting.clear()
        self._writing.clear()
        self._decoding = Decoding(self.loaded)

    def _admitted(self) -> list[Request]:
        """What is begun now: replies as long as there are places; the rest needs none."""
        admitted: list[Request] = []
        left: deque[Request] = deque()
        places = self._max_batch - len(self._writing)
        for request in self._waiting:
            writes = request.call.op == "generate"
            if request.cancelled:
                request.left()
                continue
            if len(admitted) >= self._max_batch or (writes and not places):
                left.append(request)
                continue
            admitted.append(request)
            places -= writes
        self._waiting = left
        return admitted

    def _begin(self, requests: Sequence[Request]) -> None:
        asked = [request for request in requests if request.call.op != "embed"]
        if asked:
            prefilled = self.prefill([request.tokens for request in asked])
            self._answer(list(zip(asked, prefilled, strict=True)))
        for request in requests:
            if request.call.op == "embed":
                request.embedded(self._embed(request.tokens))

    def _answer(self, computed: Sequence[tuple[Request, Prefilled]]) -> None:
        opening: list[tuple[Request, Prefilled]] = []
        for request, prefilled in computed:
            request.cached = prefilled.cached
            if request.call.op == "choose":
                request.weighed(_weigh(prefilled.logits, request.options))
            else:
                opening.append((request, prefilled))
        if not opening:
            return
        for request, _ in opening:
            request.line = Line(request.call.sampling, len(request.tokens), request.guide)
            request.pieces = Pieces(self.loaded.tokenizer)
            self._writing.append(request)
        lines = [request.line for request, _ in opening if request.line is not None]
        self._decoding.join(lines, [prefilled for _, prefilled in opening])
        self._after([request for request, _ in opening])

    def _after(self, requests: Sequence[Request]) -> None:
        """After a token: show it, and answer what is finished."""
        for request in requests:
            request.show()
            if request.line is not None and request.line.finish is not None:
                self._leave(request)
                request.written(detokenise(self.loaded.tokenizer, request.line.tokens))

    def _leave(self, request: Request) -> None:
        self._writing.remove(request)
        if request.line is not None:
            self._decoding.leave(request.line)

    def _embed(self, tokens: Sequence[int]) -> tuple[float, ...]:
        """The mean of the last hidden states, at length 1."""
        torch, model = import_torch(), self.loaded.model
        with torch.inference_mode():
            ids = torch.tensor([tokens], device=model.device)
            out = model(ids, output_hidden_states=True, logits_to_keep=1)
            mean = out.hidden_states[-1][0].float().mean(dim=0)
            unit = mean / mean.norm()
        return tuple(round(number, 6) for number in unit.tolist())


def _weigh(logits: Any, options: Sequence[int]) -> tuple[float, ...]:
    """Log-probabilities of some tokens as the next one."""
    logs = logits.log_softmax(dim=0)[list(options)].tolist()
    return tuple(round(log, 6) if log > ZERO else ZERO for log in logs)
