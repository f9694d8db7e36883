"""Clerk: a model judges how claims stand to each other: layers 3 and 4 of conflict detection.

It sees two texts and nothing else. It is asked through calls like any seat, so its answers are in
the journal, and what it cost has lines of its own in the ledger.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from folkmoot.agents import relation
from folkmoot.protocols.claims import (
    CLERK,
    EMBED_CLAIM,
    Claim,
    claims,
    messages,
    nearest,
    whole,
)
from folkmoot.protocols.clerk_calls import RELATION, Texts, clerk_calls, judgement
from folkmoot.protocols.embed import vectors
from folkmoot.protocols.parts import Part, stages
from folkmoot.records import Call, Record, Relation, Reply, Span, Transcript
from folkmoot.records.base import Frozen

NAMED_CLERK = f"a seat is named {CLERK!r}: so is whoever judges claims; name it otherwise"
"""What is wrong with such a panel."""

_SENTENCES = 8
"""Of a message that are compared with others' at most."""

_POLAR = re.compile(
    r"(should|shall|must|may|can|could|will|would|is|are|were|do|does|did|has|have|had|ought|"
    r"isn't|aren't|shouldn't|don't|doesn't)\b",
    re.IGNORECASE,
)
"""How English questions begin that ask for yes or no, whatever comes after."""

_OPEN = re.compile(
    # English has them behind a preposition too, "In which town …".
    r"(?:\W*(?:\w+ ){0,2}?(?:what|which|who|whom|whose|when|where|why|how)\b)|"
    r"(?:\W*(?:welche[rsnm]?|wer|wen|wem|wann|wo|warum|wieso|wie|"
    r"quoi|quel(?:le)?s?|qui|quand|où|pourquoi|comment|combien|"
    r"qué|cuál(?:es)?|quién(?:es)?|cuándo|dónde|cómo|cuánt[oa]s?|"
    r"quale|quali|chi|quando|dove|perché|qual|quais|quem|onde|"
    r"wat|welke?|wanneer|waar|waarom|hoe)\b)|"
    # German asks "Was soll …"; "Was the …" is English and asks for yes or no.
    r"was (?:soll|ist|sind|war|wird|kann|muss|darf|tun|macht|machen|hat|haben)",
    re.IGNORECASE,
)
"""How questions begin that ask for more than yes or no, in seven languages."""

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
        question = relation.as_claim(seen.opening.question)
        pairs = [
            Texts(question if a is None else a.exact, b.exact, b.message)
            for a, b in self._pairs(seen)
        ]
        return clerk_calls(seen, RELATION, self.model, self.votes, pairs)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every message had as many claims as are compared, all of full length."""
        asked: list[Texts] = []
        if polar(seen.opening.question):
            question = relation.as_claim(seen.opening.question)
            asked = [Texts(question, _filler(seen), turn.id) for turn in messages(seen)]
        pairs = [*asked, *longest_pairs(seen)[: self.pairs]]
        return clerk_calls(seen, RELATION, self.model, self.votes, pairs)

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A relation for each pair of which something could be read."""
        found: list[Record] = []
        for place, pair in enumerate(self._pairs(seen)):
            read, calls = judgement(RELATION, self.votes, replies, place)
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
                    calls=calls,
                )
            )
        return tuple(found)

    def _pairs(self, seen: Transcript) -> list[Judged]:
        turns = messages(seen)
        question: list[Judged] = []
        if polar(seen.opening.question):
            said = (whole(turn) for turn in turns)
            question = [Judged(None, each) for each in said if each is not None]
        near = nearest(claims(turns, _SENTENCES), self.pairs, vectors(seen, EMBED_CLAIM))
        return [*question, *(Judged(a.span, b.span) for a, b in near)]


def longest_pairs(seen: Transcript) -> list[Texts]:
    """Every pair of claims of different seats, if every message had as many claims as are compared, all
    of full length."""
    filler = _filler(seen)
    each = [(turn.seat, turn.id) for turn in messages(seen) for _ in range(_SENTENCES)]
    return [
        Texts(filler, filler, about)
        for place, (mine, _) in enumerate(each)
        for yours, about in each[place + 1 :]
        if mine != yours
    ]


def _filler(seen: Transcript) -> str:
    """A text as long as any that a seat can write. A message has no more tokens than its seat may
    write, by another tokeniser perhaps twice as many; of a text without blanks each letter may be one."""
    most = max(party.sampling.max_tokens for party in seen.opening.parties)
    return "7" * min(relation.LONGEST, 2 * most)


def polar(question: str) -> bool:
    """Whether a question asks for yes or no, so that a message can be for or against it: it asks, and
    neither for what, who, where and the like nor between two things."""
    return any(
        (_POLAR.match(each) or not _OPEN.match(each)) and not _CHOICE.search(each)
        for each in relation.asked(question)
    )


def clerks(parts: Sequence[Part]) -> tuple[str, ...]:
    """The models that the stages of some parts ask beside the seats' own."""
    named = [getattr(each, "model", None) for each in stages(parts)]
    return tuple(dict.fromkeys(each for each in named if isinstance(each, str)))


__all__ = ["CLERK", "Claim", "Clerk", "Judged", "clerks", "polar"]
