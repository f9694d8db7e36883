"""Asking a clerk: calls to its model, one or a few for each pair of claims."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from folkmoot.agents import relation
from folkmoot.eval.clerk.sets import Pair, Relation
from folkmoot.pool import Pool
from folkmoot.records import Call, Reply, Sampling, Segment

Heard = Callable[[int, int], None]
"""Hears how many of the pairs have an answer, and how many there are."""


class Answer(NamedTuple):
    """What a clerk says of a pair. What could not be read is None."""

    conflict: float | None
    """The probability that the second claim attacks the first."""
    relation: Relation | None = None
    """The likeliest one."""
    same: float | None = None
    """The probability that they make the same point; None where it was not asked."""
    support: float | None = None
    """The probability that the second claim supports the first."""


class Clerk(NamedTuple):
    """Which model, and how it is asked.

    With no votes the three relations are weighed by their probability. With votes the model writes its
    answer in guided JSON, so many times, and the share of votes stands for the probability: that suits
    a large model of which no probabilities can be had.
    """

    model: str
    votes: int = 0
    both_ways: bool = False
    """Whether each pair is asked in either order and the mean counts: twice the calls."""

    def calls(self, pairs: Sequence[Pair], same: bool = True) -> Iterator[tuple[int, Call]]:
        """The calls of each pair, by its place.

        Args:
            same: whether pairs of which people said so are asked for the same point, too.
        """
        number = 0
        for place, pair in enumerate(pairs):
            for way in ((pair.first, pair.second), (pair.second, pair.first)):
                for call in self._of(pair, way, same):
                    yield place, call.model_copy(update={"order": number})
                    number += 1
                if not self.both_ways:
                    break

    def _of(self, pair: Pair, way: tuple[str, str], same: bool) -> Iterator[Call]:
        if pair.conflict is not None or pair.relation is not None or pair.same is None:
            yield from self._asked("relation", relation.ask_relation(*way), relation.RELATIONS)
        if same and pair.same is not None:
            yield from self._asked("same", relation.ask_same(*way), relation.SAME)

    def _asked(
        self, purpose: str, segments: tuple[Segment, ...], options: tuple[str, ...]
    ) -> Iterator[Call]:
        given: dict[str, Any] = {
            "step": 0,
            "order": 0,
            "round": 0,
            "stage": "clerk",
            "seat": "clerk",
            "model": self.model,
            "purpose": purpose,
            "segments": segments,
        }
        if not self.votes:
            weighed = relation.continuations(options)
            yield Call.model_validate({**given, "op": "choose", "options": weighed})
            return
        schema = relation.vote_schema(purpose, options)
        sampling = Sampling(max_tokens=relation.VOTE_TOKENS)
        written = {**given, "op": "generate", "segments": segments[:-1]}
        for _ in range(self.votes):
            yield Call.model_validate({**written, "json_schema": schema, "sampling": sampling})


async def judged(
    pairs: Sequence[Pair],
    pool: Pool,
    clerk: Clerk,
    *,
    same: bool = True,
    heard: Heard | None = None,
) -> tuple[Answer, ...]:
    """What a clerk says of each pair. The pool is open for its model.

    Args:
        same: whether pairs of which people said so are asked for the same point, too.
        heard: hears how far it is.
    """
    asked = list(clerk.calls(pairs, same))
    left = [0] * len(pairs)
    for place, _ in asked:
        left[place] += 1
    free = asyncio.Semaphore(_AT_ONCE)
    done = 0

    async def ask(place: int, call: Call) -> tuple[int, Call, Reply]:
        nonlocal done
        async with free:
            reply = await pool.answer(call)
        left[place] -= 1
        if left[place] == 0:
            done += 1
            if heard is not None:
                heard(done, len(pairs))
        return place, call, reply

    found: list[dict[str, list[dict[str, float] | None]]] = [{} for _ in pairs]
    for place, call, reply in await asyncio.gather(*(ask(*each) for each in asked)):
        found[place].setdefault(call.purpose, []).append(_read(call, reply))
    return tuple(_answer(each) for each in found)


_AT_ONCE = 256


def _read(call: Call, reply: Reply) -> dict[str, float] | None:
    options = relation.RELATIONS if call.purpose == "relation" else relation.SAME
    if call.op == "choose":
        read = relation.read(reply, options)
    else:
        read = relation.voted(reply, call.purpose, options)
    return None if read is None else dict(read)


def _answer(read: dict[str, list[dict[str, float] | None]]) -> Answer:
    means = {purpose: relation.mean(each) for purpose, each in read.items()}
    related, same = means.get("relation"), means.get("same")
    return Answer(
        conflict=None if related is None else related["attack"],
        relation=None
        if related is None
        else cast(Relation, max(related, key=lambda each: related[each])),
        same=None if same is None else same["yes"],
        support=None if related is None else related["support"],
    )
