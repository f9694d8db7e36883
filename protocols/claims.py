"""Claims: the sentences that a clerk compares, and which pairs of them are worth comparing.

n claims make n² pairs. The nearest ones are found without asking a model for each: by the vectors
of an embedding model, or by the words that claims share, through an index of the rarer ones.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, zip_longest
from typing import NamedTuple

from folkmoot.protocols.stage import WEIGHING
from folkmoot.protocols.words import WORD, Words
from folkmoot.records import Call, Record, Reply, Segment, Span, Transcript, Turn
from folkmoot.records.acts import TurnRole
from folkmoot.records.base import Frozen
from folkmoot.records.spans import sentences, span

CLERK = "clerk"
"""Who asks for what a clerk judges: a seat of no panel, with its own lines in the ledger."""

EMBED_CLAIM = "embed_claim"
"""Purpose of the calls."""

OWN: tuple[TurnRole, ...] = ("statement", "draft", "critique", "revision", "refutation")
"""Roles of messages that say what their seat thinks. An act is a word on somebody's message."""

_LEAST_WORDS = 4
"""A sentence of fewer says too little to be compared."""

_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff]")
"""Letters of Chinese, Japanese, Thai and Lao."""

_COMMON = 64
"""A word that is in more claims than this says nothing of which are near."""


_Pair = tuple[int, int]


class Claim(NamedTuple):
    """A sentence of a message."""

    seat: str
    span: Span

    @property
    def id(self) -> str:
        """`M3:0-57`: the message, and where in it."""
        return f"{self.span.message}:{self.span.start}-{self.span.end}"


def messages(seen: Transcript) -> tuple[Turn, ...]:
    """The first and the latest message of each seat that speak for it, in the order of the record."""
    own = [turn for turn in seen.spoken() if turn.role in OWN]
    first = {turn.seat: turn for turn in reversed(own)}
    latest = {turn.seat: turn for turn in own}
    kept = {turn.id for turn in (*first.values(), *latest.values())}
    return tuple(turn for turn in own if turn.id in kept)


def claims(turns: Iterable[Turn], each: int) -> tuple[Claim, ...]:
    """The sentences of messages that say enough to be compared, so many of a message at most; of one
    that has none, the longest."""
    found: list[Claim] = []
    for turn in turns:
        pieces = sentences(turn.text)
        telling = [p for p in pieces if _words(turn.text[p[0] : p[1]]) >= _LEAST_WORDS]
        longest = sorted(pieces, key=lambda p: p[0] - p[1])[:1]
        found += [Claim(turn.seat, span(turn, *p)) for p in (telling[:each] or longest)]
    return tuple(found)


def _words(sentence: str) -> int:
    """How many words; of a script without blanks between them, two letters make one."""
    found = WORD.findall(sentence)
    return sum(max(1, len(_UNSPACED.findall(each)) // 2) for each in found)


def whole(turn: Turn) -> Span | None:
    """A message from its first sentence to its last; None where it says nothing."""
    pieces = sentences(turn.text)
    return span(turn, pieces[0][0], pieces[-1][1]) if pieces else None


def nearest(
    found: Sequence[Claim], most: int, vectors: Mapping[str, Sequence[float]] | None = None
) -> tuple[tuple[Claim, Claim], ...]:
    """The pairs of claims of different seats that are worth comparing, the nearest first.

    Any two seats take turns, each two get one pair at least if there are enough, and no seat is in
    more than its share of the pairs while others have any left: a message made of everybody's words is near to all, and must not hide what others say
    to each other.

    Args:
        found: claims, oldest first.
        most: pairs at most.
        vectors: claim id → vector. None, or a vector missing: nearness is by shared words, each
            weighed by its rarity (the cosine of tf-idf vectors).
    """
    if len(found) * (len(found) - 1) // 2 <= most:
        pairs: Iterable[tuple[int, int]] = combinations(range(len(found)), 2)
        near = dict.fromkeys(pairs, 0.0)
    elif vectors and all(each.id in vectors for each in found):
        near = _by_vectors([vectors[each.id] for each in found])
    else:
        near = _by_words([each.span.exact for each in found])
    seats = [each.seat for each in found]
    ranked = sorted(near, key=lambda pair: (-near[pair], pair))
    apart = [(a, b) for a, b in ranked if seats[a] != seats[b]]
    dealt = _dealt(apart, seats, most)
    return tuple((found[a], found[b]) for a, b in dealt)


def _dealt(ranked: Sequence[_Pair], seats: Sequence[str], most: int) -> list[_Pair]:
    """So many pairs: those of two seats in their order, the twos in turns, each seat up to its share;
    then one of every two seats that have none; then what is beyond the shares."""
    rows: dict[frozenset[str], list[_Pair]] = defaultdict(list)
    for pair in ranked:
        rows[frozenset(seats[place] for place in pair)].append(pair)
    turns = [pair for each in zip_longest(*rows.values()) for pair in each if pair is not None]
    share = math.ceil(2 * most / max(1, len(set(seats))))
    used: Counter[str] = Counter()
    within: list[_Pair] = []
    beyond: list[_Pair] = []
    for pair in turns:
        mine = [seats[place] for place in pair]
        fits = all(used[seat] < share for seat in mine)
        (within if fits else beyond).append(pair)
        used.update(mine if fits else ())
    # Two seats of whose claims none are near: of a script without blanks between words, all are so.
    first = {seat: place for place, seat in reversed(list(enumerate(seats)))}
    far = list(combinations(sorted(first.values()), 2))
    strangers = [(a, b) for a, b in far if frozenset((seats[a], seats[b])) not in rows]
    return [*within, *strangers, *beyond][:most]


def _by_words(texts: Sequence[str]) -> dict[tuple[int, int], float]:
    """Pairs that share a word that is not common, by the cosine of their tf-idf vectors."""
    words = Words.of(texts)
    near: dict[tuple[int, int], float] = defaultdict(float)
    for word, places in words.where.items():
        if len(places) > _COMMON:
            continue
        for a, b in combinations(places, 2):
            near[a, b] += words.shared(word, a, b)
    return {(a, b): value / (words.sizes[a] * words.sizes[b]) for (a, b), value in near.items()}


def _by_vectors(vectors: Sequence[Sequence[float]]) -> dict[tuple[int, int], float]:
    sizes = [math.sqrt(math.fsum(x * x for x in each)) or 1.0 for each in vectors]
    unit = [[x / size for x in each] for each, size in zip(vectors, sizes, strict=True)]
    return {
        (a, b): math.fsum(map(float.__mul__, unit[a], unit[b]))
        for a, b in combinations(range(len(unit)), 2)
    }


class EmbedClaims(Frozen):
    """A model embeds every claim that a clerk may compare. The vectors are the replies themselves."""

    model: str
    """Whose vectors they are."""
    sentences: int = 8
    """Of a message at most."""
    name: str = "embed_claims"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `embed` call for each claim."""
        place = seen.place
        return tuple(
            Call(
                step=place.step,
                order=order,
                round=place.round,
                stage=place.stage,
                seat=CLERK,
                model=self.model,
                op="embed",
                purpose=EMBED_CLAIM,
                about=claim.id,
                segments=(Segment(role="user", text=claim.span.exact, label=claim.id),),
                sampling=WEIGHING,
            )
            for order, claim in enumerate(claims(messages(seen), self.sentences))
        )

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """Nothing more: the replies are on record."""
        return ()
