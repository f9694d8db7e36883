"""Nearness: which items of a development set are like a question, by words or by embeddings."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Literal

from folkmoot.eval.collaboration.answers import Item
from folkmoot.graphs.blocking import blocking
from folkmoot.pool import Pool
from folkmoot.protocols.filters.likeness import cosine
from folkmoot.protocols.words import Words
from folkmoot.records import Call, InputError, Segment
from folkmoot.records.base import Frozen

_ROUTER = "router"
"""Who asks for vectors: a seat of no panel."""


class Nearness(Frozen):
    """How like a question the items of a set are."""

    question: str
    by: Literal["words", "embeddings"]
    model: str | None = None
    """Whose embeddings."""
    figures: dict[str, float]
    """Item → cosine: 0 for items that share no telling word with the question, 1 for the same text."""
    why: str = ""
    """Why it is by words where embeddings were asked for."""

    def nearest(self, most: int, of: Collection[str]) -> tuple[str, ...]:
        """So many of these items at most, the nearest first; of equals the first by id. By words, only
        those that share one."""
        known = [item for item in self.figures if item in of]
        ranked = sorted(known, key=lambda item: (-self.figures[item], item))
        shared = [item for item in ranked if self.by == "embeddings" or self.figures[item] > 0]
        return tuple(shared[:most])


def near_by_words(question: str, items: Sequence[Item]) -> Nearness:
    """Nearness by shared words, the rarer the more (the cosine of tf-idf vectors). Words that more than
    half of the items have say nothing.

    Raises:
        InputError: there is no item, or one has no text.
    """
    texts = [question, *_texts(items)]
    # The question is one of the texts that have a word which it shares.
    words, most = Words.of(texts), max(2, len(items) // 2 + 1)
    figures = {item.id: words.likeness(0, place, most) for place, item in enumerate(items, start=1)}
    return Nearness(question=question, by="words", figures=figures)


async def near_by_embeddings(
    question: str, items: Sequence[Item], pool: Pool, model: str
) -> Nearness:
    """Nearness by the cosine of a model's embeddings; by words where it cannot embed.

    Args:
        pool: what answers. It is opened for the model if it is not open yet.
        model: one model for all texts. Its calls belong to no deliberation, and are in no record.

    Raises:
        InputError: there is no item, or one has no text; or no engine has the model.
    """
    texts = [question, *_texts(items)]
    calls = [
        Call(
            step=0,
            order=order,
            round=0,
            stage="route",
            seat=_ROUTER,
            model=model,
            op="embed",
            purpose="embed",
            segments=(Segment(role="user", text=text),),
        )
        for order, text in enumerate(texts)
    ]
    async with pool.held([model]):
        replies = await asyncio.gather(*(pool.answer(call) for call in calls))
    vectors = [reply.vector for reply in replies if reply.vector is not None]
    if len(vectors) < len(texts):
        missing = next(reply for reply in replies if reply.vector is None)
        why = f"{model!r} gave no vector: {missing.error or missing.state}"
        return near_by_words(question, items).model_copy(update={"why": why})
    figures = {
        item.id: cosine(vectors[0], vector) for item, vector in zip(items, vectors[1:], strict=True)
    }
    return Nearness(question=question, by="embeddings", model=model, figures=figures)


near_by_embeddings_sync = blocking(near_by_embeddings)
"""The same for code that has no event loop."""


def _texts(items: Sequence[Item]) -> list[str]:
    if not items:
        raise InputError("there is no development item to be near to", "give at least one")
    for item in items:
        if not item.question.strip():
            raise InputError(
                f"item {item.id!r} has no text to compare with", "give items their questions"
            )
    return [item.question for item in items]
