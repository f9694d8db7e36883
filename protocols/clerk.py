"""Clerk: a model judges how claims stand to each other: layers 3 and 4 of conflict detection.

It sees two texts and nothing else. It is asked through calls like any seat, so its answers are in
the journal, and what it cost has lines of its own in the ledger.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from folkmoot.agents import lot, relation
from folkmoot.protocols.claims import (
    CLERK,
    EMBED_CLAIM,
    Claim,
    claims,
    messages,
    nearest,
    whole,
)
from folkmoot.protocols.embed import vectors
from folkmoot.protocols.parts import Part, stages
from folkmoot.protocols.stage import WEIGHING
from folkmoot.records import Call, Record, Relation, Reply, Sampling, Segment, Span, Transcript
from folkmoot.records.base import Frozen

RELATION, RELATION_VOTES = "relation", "relation_votes"
"""Purposes of the calls: a small model weighs, a large one votes, and each has its own cost."""

NAMED_CLERK = f"a seat is named {CLERK!r}: so is whoever judges claims; name it otherwise"
"""What is wrong with such a panel."""

_SENTENCES = 3
"""Of a message that are compared with others' at most."""

_POLAR = re.compile(
    r"(should|shall|must|may|can|could|will|would|is|are|was|were|do|does|did|has|have|had|ought|"
    r"isn't|aren't|shouldn't|don't|doesn't)\b",
    re.IGNORECASE,
)

_CHOICE = re.compile(r"\bor\b(?! not\b)", re.IGNORECASE)
"""A question between two things is answered by neither yes nor no."""


class Judged(NamedTuple):
    """A pair that is put before the clerk."""

    first: Span | None
    """None: the question."""
    second: Span


class Clerk(Frozen):
    """One model judges messages against the question, and the nearest claims of different seats
    against each other.

    Without votes it weighs attack, support and neither, each pair in both orders, and the mean
    counts. With votes it writes its judgement in guided JSON, so many times, and the shares count:
    for a large model, of which no probabilities can be had.
    """

    model: str
    """Who judges: a model of the pool."""
    votes: int = Field(default=0, ge=0, le=99)
    """On each pair; 0: it is weighed."""
    pairs: int = Field(default=40, ge=0, le=2000)
    """Pairs of claims at most. Messages against a yes-or-no question come on top: two a seat."""
    name: str = CLERK

    @property
    def layer(self) -> Literal["clerk", "llm"]:
        """Which layer it is: a clerk that votes is a large model."""
        return "llm" if self.votes else "clerk"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls a pair; with votes so many `generate` calls."""
        return self._calls(seen, self._pairs(seen))

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every message had as many claims as are compared, all of full length."""
        turns = messages(seen)
        # A message has no more tokens than its seat may write, by another tokeniser perhaps twice as
        # many; of a text without blanks each letter may be one.
        most = max(party.sampling.max_tokens for party in seen.opening.parties)
        filler = "7" * min(relation.LONGEST, 2 * most)
        long = [Span(message=t.id, message_sha256="", start=0, end=1, exact=filler) for t in turns]
        asked = [Judged(None, each) for each in long] if polar(seen.opening.question) else []
        each = [(t.seat, s) for t, s in zip(turns, long, strict=True) for _ in range(_SENTENCES)]
        across = [
            Judged(a, b)
            for place, (mine, a) in enumerate(each)
            for yours, b in each[place + 1 :]
            if mine != yours
        ]
        return self._calls(seen, [*asked, *across[: self.pairs]])

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A relation for each pair of which something could be read."""
        times = self.votes or 2
        found: list[Record] = []
        for place, pair in enumerate(self._pairs(seen)):
            mine = replies[place * times : (place + 1) * times]
            read = relation.mean([self._read(each) for each in mine])
            if read is None:
                continue
            found.append(
                Relation(
                    step=seen.place.step,
                    order=len(found),
                    id=seen.next_id("r", len(found)),
                    first=pair.first,
                    second=pair.second,
                    probabilities={option: round(share, 6) for option, share in read.items()},
                    layer=self.layer,
                    model=self.model,
                    calls=tuple(each.call for each in mine),
                )
            )
        return tuple(found)

    def _read(self, reply: Reply) -> dict[str, float] | None:
        if self.votes:
            read = relation.voted(reply, RELATION, relation.RELATIONS)
        else:
            read = relation.read(reply, relation.RELATIONS)
        return None if read is None else dict(read)

    def _pairs(self, seen: Transcript) -> list[Judged]:
        turns = messages(seen)
        question: list[Judged] = []
        if polar(seen.opening.question):
            said = (whole(turn) for turn in turns)
            question = [Judged(None, each) for each in said if each is not None]
        near = nearest(claims(turns, _SENTENCES), self.pairs, vectors(seen, EMBED_CLAIM))
        return [*question, *(Judged(a.span, b.span) for a, b in near)]

    def _calls(self, seen: Transcript, pairs: Sequence[Judged]) -> tuple[Call, ...]:
        found: list[Call] = []
        asked_about = relation.as_claim(seen.opening.question)
        for pair in pairs:
            first = asked_about if pair.first is None else pair.first.exact
            ways = ((first, pair.second.exact), (pair.second.exact, first))
            for time in range(self.votes or len(ways)):
                a, b = ways[0] if self.votes else ways[time]
                asked = relation.ask_relation(a, b)
                found.append(self._call(seen, len(found), asked, pair.second.message))
        return tuple(found)

    def _call(
        self, seen: Transcript, order: int, segments: tuple[Segment, ...], about: str
    ) -> Call:
        place = seen.place
        seed = lot(seen.opening.seed, CLERK, place.step, order)
        return Call(
            step=place.step,
            order=order,
            round=place.round,
            stage=place.stage,
            seat=CLERK,
            model=self.model,
            op="generate" if self.votes else "choose",
            purpose=RELATION_VOTES if self.votes else RELATION,
            about=about,
            segments=segments[:-1] if self.votes else segments,
            options=() if self.votes else relation.continuations(relation.RELATIONS),
            json_schema=relation.vote_schema(RELATION, relation.RELATIONS) if self.votes else None,
            sampling=Sampling(max_tokens=relation.VOTE_TOKENS, seed=seed)
            if self.votes
            else WEIGHING,
        )


def polar(question: str) -> bool:
    """Whether a question asks for yes or no, so that a message can be for or against it."""
    return any(_POLAR.match(each) and not _CHOICE.search(each) for each in relation.asked(question))


def clerks(parts: Sequence[Part]) -> tuple[str, ...]:
    """The models that the stages of some parts ask beside the seats' own."""
    named = [getattr(each, "model", None) for each in stages(parts)]
    return tuple(dict.fromkeys(each for each in named if isinstance(each, str)))


__all__ = ["CLERK", "Claim", "Clerk", "Judged", "clerks", "polar"]
