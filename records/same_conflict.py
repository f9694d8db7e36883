"""Which conflicts of two records are the same one, by what they say: ids count anew in every run.

A conflict says: what it is over (the issue), what of the messages is quoted on its sides, and which seats
stand there. Two conflicts are the same where, in this order,

1. all three are equal;
2. the issue and the seats are;
3. the issue is;
4. their words are alike: of the words of the issue and of the quotations, and the seats, at least half are
   in both (the index of Jaccard 1901). The most alike go together first.

One over the question itself is never one over a claim. Texts are compared as `wording` has them, without
regard to case. Of several that are equal the first goes with the first. Each is paired once at most, and who
is paired with whom does not depend on which record is named first.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from folkmoot.records.acts import QUESTION
from folkmoot.records.conflicts import Conflict
from folkmoot.records.wording import wording

LIKE: Final = Fraction(1, 2)
"""The least share of words that two conflicts have in common and are the same one."""

_FEW: Final = 250_000
"""Pairs of conflicts that may be compared without more."""

_COMMON: Final = 64
"""Where there are more, a word that more conflicts than this have is no ground for comparing two."""

By = Literal["content", "issue and seats", "issue", "words"]

_WORD = re.compile(r"\w+")


class Pair(NamedTuple):
    """Two conflicts that are the same one."""

    first: int
    """Its place among the conflicts of the first record."""
    second: int
    by: By
    likeness: float
    """The share of words and seats that both have."""


def paired(first: Sequence[Conflict], second: Sequence[Conflict]) -> tuple[Pair, ...]:
    """The conflicts of two records that are the same, in the order of the first record."""
    ours, theirs = [_said(each) for each in first], [_said(each) for each in second]
    left, right = dict.fromkeys(range(len(ours))), dict.fromkeys(range(len(theirs)))
    found: list[Pair] = []
    for by, keyed in _EQUAL.items():
        for i, j in _equal(ours, theirs, (left, right), keyed):
            found.append(Pair(i, j, by, float(_likeness(ours[i].marks, theirs[j].marks))))
            del left[i], right[j]
    for likeness, i, j in _alike(ours, theirs, left, right):
        if i in left and j in right:
            found.append(Pair(i, j, "words", float(likeness)))
            del left[i], right[j]
    return tuple(sorted(found))


class _Said(NamedTuple):
    """What of a conflict is compared."""

    asked: bool
    """Whether it is over the question itself."""
    issue: str
    quoted: tuple[str, ...]
    seats: tuple[str, ...]
    marks: frozenset[str]
    """Words, and the seats behind a sign that no word has."""


_EQUAL: Final[Mapping[By, Callable[[_Said], Hashable]]] = {
    "content": lambda each: (each.asked, each.issue, each.quoted, each.seats),
    "issue and seats": lambda each: (each.asked, each.issue, each.seats),
    "issue": lambda each: (each.asked, each.issue),
}


def _said(conflict: Conflict) -> _Said:
    issue = wording(conflict.issue).casefold()
    spans = (span.exact for position in conflict.positions for span in position.spans)
    quoted = tuple(sorted({wording(exact).casefold() for exact in spans}))
    seats = tuple(sorted({seat for each in conflict.positions for seat in each.parties}))
    words = {word for text in (issue, *quoted) for word in _WORD.findall(text)}
    marks = frozenset((*words, *(f"@{seat}" for seat in seats)))
    return _Said(conflict.about == QUESTION, issue, quoted, seats, marks)


def _equal(
    ours: Sequence[_Said],
    theirs: Sequence[_Said],
    left: tuple[Mapping[int, None], Mapping[int, None]],
    keyed: Callable[[_Said], Hashable],
) -> list[tuple[int, int]]:
    """Those of one key, the first with the first."""
    waiting: dict[Hashable, list[int]] = {}
    for j in left[1]:
        waiting.setdefault(keyed(theirs[j]), []).append(j)
    for those in waiting.values():
        those.reverse()
    found: list[tuple[int, int]] = []
    for i in left[0]:
        if those := waiting.get(keyed(ours[i])):
            found.append((i, those.pop()))
    return found


def _alike(
    ours: Sequence[_Said],
    theirs: Sequence[_Said],
    left: Mapping[int, None],
    right: Mapping[int, None],
) -> list[tuple[Fraction, int, int]]:
    """Pairs that are alike enough, the most alike first; the order is the same from both sides."""
    often = Counter(mark for i in left for mark in ours[i].marks)
    often.update(mark for j in right for mark in theirs[j].marks)
    most = sum(often.values()) if len(left) * len(right) <= _FEW else _COMMON
    having: dict[str, list[int]] = {}
    for j in right:
        for mark in _telling(theirs[j].marks, often, most):
            having.setdefault(mark, []).append(j)
    found: list[tuple[Fraction, int, int]] = []
    for i in left:
        near = {j for mark in _telling(ours[i].marks, often, most) for j in having.get(mark, ())}
        for j in near:
            likeness = _likeness(ours[i].marks, theirs[j].marks)
            if likeness >= LIKE and ours[i].asked == theirs[j].asked:
                found.append((likeness, i, j))
    return sorted(found, key=lambda each: (-each[0], each[1] + each[2], abs(each[1] - each[2])))


def _telling(marks: frozenset[str], often: Mapping[str, int], most: int) -> Iterator[str]:
    """The rarest marks, so many that two conflicts that are alike share one of them: so only those
    need be compared (prefix filtering: Chaudhuri, Ganti and Kaushik 2006). Without those that more
    than `most` conflicts have."""
    rarest = sorted(marks, key=lambda mark: (often[mark], mark))
    enough = len(marks) - -(-len(marks) * LIKE.numerator // LIKE.denominator) + 1
    yield from (mark for mark in rarest[:enough] if often[mark] <= most)


def _likeness(ours: frozenset[str], theirs: frozenset[str]) -> Fraction:
    every = len(ours | theirs)
    return Fraction(len(ours & theirs), every) if every else Fraction(1)
