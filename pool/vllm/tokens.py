"""Tokens as a vLLM server counts them: asked once for each text, then remembered."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from folkmoot.pool.fit import Fit, fit
from folkmoot.pool.rendering import messages, neutral
from folkmoot.pool.vllm.asked import prompt_body
from folkmoot.pool.vllm.transport import Transport
from folkmoot.pool.vllm.wire import read_tokens
from folkmoot.records import CallRefused, EngineUnavailable, Segment

_REMEMBERED = 4096
"""Texts whose tokens are kept; beyond, the oldest goes."""

_AROUND, _AROUND_EACH = 256, 32
"""More tokens than chat templates put around a prompt and around each message of it."""

_LAST_WORD = re.compile(r"\S+\s*$")


class Tokens:
    """Counts and token ids from a server's `/tokenize`.

    Args:
        http: the server.
        controls: control tokens of its tokenizer, where they are known.

    Attributes:
        estimated: whether there is no `/tokenize`, and a token is taken to be a byte: no tokeniser
            of the field makes more of a text.
    """

    def __init__(self, http: Transport, controls: Sequence[str] = ()) -> None:
        self._http = http
        self._controls = tuple(controls)
        self._ids: dict[tuple[object, ...], tuple[int, ...]] = {}
        self.estimated = False

    async def probe(self, served: str) -> None:
        """Find out whether the server counts tokens."""
        with suppress(EngineUnavailable):  # Whoever asks again hears why.
            try:
                self.estimated = not await self.of_text(served, "x")
            except CallRefused:
                self.estimated = True

    async def of_text(self, served: str, text: str) -> tuple[int, ...]:
        """Token ids of a text on its own, without special tokens."""
        body = {"model": served, "prompt": text, "add_special_tokens": False}
        return await self._asked((served, text), body)

    async def of_chat(self, served: str, segments: Sequence[Segment]) -> int:
        """How many tokens the segments are as a prompt, the chat template included. Exact, or no
        less."""
        if self.estimated:
            return sum(_bytes(segment.text) for segment in segments) + _template(segments)
        chat, opening = messages(segments, self._controls)
        known = (served, opening, *((each["role"], each["content"]) for each in chat))
        return len(await self._asked(known, prompt_body(served, chat, opening)))

    async def firsts(self, served: str, opening: str, options: Sequence[str]) -> tuple[int, ...]:
        """The first token of each option where it continues `opening`.

        Raises:
            CallRefused: an option is empty, or two begin with the same token.
        """
        found = tuple([await self._first(served, opening, option) for option in options])
        for at, first in enumerate(found):
            if first in found[:at]:
                one, two = options[found.index(first)], options[at]
                raise CallRefused(
                    f"the options {one!r} and {two!r} begin with the same token",
                    "let the options differ in their first word, or label them A, B, …",
                )
        return found

    async def fitted(self, served: str, model: str, segments: Sequence[Segment], room: int) -> Fit:
        """What of the segments fits into `room` tokens; see `fit`.

        The server is asked only if the prompt could be too long, a token being a byte at least;
        then for the longest segments first, until it is known to fit.

        Raises:
            CallRefused: what may not be dropped is longer than `room`.
        """
        size = sum(_bytes(segment.text) for segment in segments)
        if size + _template(segments) <= room:
            return Fit(tuple(segments), ())
        if self.estimated:
            counts = [_bytes(segment.text) for segment in segments]
            return fit(segments, counts, room, model, _template(segments))
        texts = [neutral(segment.text, self._controls) for segment in segments]
        counts = [_bytes(text) for text in texts]
        around = await self._around(served, segments)
        for at in sorted(range(len(texts)), key=lambda at: -counts[at]):
            if sum(counts) + around <= room:
                break
            # One more than counted: joined texts may split otherwise where they meet.
            counts[at] = min(counts[at], len(await self.of_text(served, texts[at])) + 1)
        else:
            if await self.of_chat(served, segments) > room:
                return fit(segments, counts, room, model, around)
        return Fit(tuple(segments), ())

    async def _first(self, served: str, opening: str, option: str) -> int:
        text = neutral(option, self._controls)
        # The word before decides how an option splits, as with tokenizers that mark word starts.
        found = _LAST_WORD.search(opening)
        before = found[0] if found else "\n"
        alone = await self.of_text(served, before)
        both = await self.of_text(served, before + text)
        if len(both) > len(alone) and both[: len(alone)] == alone:
            return both[len(alone)]
        if tokens := await self.of_text(served, text):
            return tokens[0]
        raise CallRefused("an option is empty", "give each option at least one word")

    async def _around(self, served: str, segments: Sequence[Segment]) -> int:
        """Tokens of the template around messages of these roles."""
        short = [segment.model_copy(update={"text": "x"}) for segment in segments]
        joined = [it for at, it in enumerate(short) if not at or short[at - 1].role != it.role]
        return await self.of_chat(served, joined) - len(joined)

    async def _asked(self, known: tuple[object, ...], body: dict[str, Any]) -> tuple[int, ...]:
        found = self._ids.get(known)
        if found is None:
            answer = await self._http.post("/tokenize", body)
            found = self._ids[known] = read_tokens(answer, self._http.address)
            if len(self._ids) > _REMEMBERED:
                del self._ids[next(iter(self._ids))]
        return found


def _template(segments: Sequence[Segment]) -> int:
    """More tokens than a chat template puts around these."""
    return _AROUND + _AROUND_EACH * len(segments)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
