"""How a clerk is asked about pairs of texts, and how its replies are read, whatever it is asked.

Without votes it weighs the answers, each pair in both orders, and the mean counts. With votes it writes
its answer in guided JSON, so many times, and the shares count.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from folkmoot.agents import lot, relation
from folkmoot.protocols.claims import CLERK
from folkmoot.protocols.stage import WEIGHING
from folkmoot.records import Call, Reply, Sampling, Segment, Transcript

_ORDERS = 2
"""In which a pair is weighed."""


class Asked(NamedTuple):
    """What a clerk is asked of a pair."""

    purpose: str
    """Of the calls in which it weighs; with votes `_votes` is added: each has its own cost."""
    prompt: Callable[[str, str], tuple[Segment, ...]]
    options: tuple[str, ...]


RELATION = Asked("relation", relation.ask_relation, relation.RELATIONS)
SAME = Asked("same", relation.ask_same, relation.SAME)


class Texts(NamedTuple):
    """A pair that is put before a clerk."""

    first: str
    second: str
    about: str
    """The message that the call is about."""


def clerk_calls(
    seen: Transcript, asked: Asked, model: str, votes: int, pairs: Sequence[Texts]
) -> tuple[Call, ...]:
    """Two `choose` calls a pair; with votes so many `generate` calls."""
    found: list[Call] = []
    for pair in pairs:
        ways = ((pair.first, pair.second), (pair.second, pair.first))
        for time in range(votes or _ORDERS):
            segments = asked.prompt(*(ways[0] if votes else ways[time]))
            found.append(_call(seen, asked, model, votes, segments, pair.about, len(found)))
    return tuple(found)


def judgement(
    asked: Asked, votes: int, replies: Sequence[Reply], place: int
) -> tuple[Mapping[str, float] | None, tuple[str, ...]]:
    """Of the pair at a place: answer → its share, None where nothing could be read; and the ids of the
    calls that it was read from."""
    times = votes or _ORDERS
    mine = replies[place * times : (place + 1) * times]
    read = [
        relation.voted(each, asked.purpose, asked.options)
        if votes
        else relation.read(each, asked.options)
        for each in mine
    ]
    return relation.mean(read), tuple(each.call for each in mine)


def _call(
    seen: Transcript,
    asked: Asked,
    model: str,
    votes: int,
    segments: tuple[Segment, ...],
    about: str,
    order: int,
) -> Call:
    place = seen.place
    seed = lot(seen.opening.seed, CLERK, place.step, order)
    return Call(
        step=place.step,
        order=order,
        round=place.round,
        stage=place.stage,
        seat=CLERK,
        model=model,
        op="generate" if votes else "choose",
        purpose=f"{asked.purpose}_votes" if votes else asked.purpose,
        about=about,
        segments=segments[:-1] if votes else segments,
        options=() if votes else relation.continuations(asked.options),
        json_schema=relation.vote_schema(asked.purpose, asked.options) if votes else None,
        sampling=Sampling(max_tokens=relation.VOTE_TOKENS, seed=seed) if votes else WEIGHING,
    )
