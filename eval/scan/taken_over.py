"""Taken over: a seat says in another's words what it had heard from it."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.subject import QUOTED, Subject
from folkmoot.records.annotations import About

_WORD: Final = re.compile(r"\w+(?:['\u2019]\w+)*")

Gram = tuple[str, ...]


def taken_over(
    subject: Subject, *, n: int = 5, share: float = 0.5, least: int = 8
) -> Iterator[Found]:
    """Messages of which a large share stands, word for word, in messages of one other seat that the
    speaker had been shown.

    The share is that of the message's n-grams of words that occur there too (containment, Broder 1997).
    What stands in quotation marks is left out, and so is what the question or an option says.

    Args:
        n: words in a row.
        share: from which a message counts as taken over.
        least: n-grams that a message must have to be looked at.
    """
    common = {
        gram
        for text in (subject.opening.question, *(subject.opening.options or ()))
        for gram in _grams(text, n)
    }
    said: dict[Gram, list[tuple[str, str]]] = {}
    for turn in subject.said:
        heard = subject.heard.get(turn.call, frozenset())
        own = [gram for gram in _grams(QUOTED.sub(" ", turn.text), n) if gram not in common]
        if len(own) >= least and heard:
            yield from _sources(turn.id, turn.seat, own, heard, said, share)
        for gram in dict.fromkeys(own):
            said.setdefault(gram, []).append((turn.id, turn.seat))


def _sources(
    message: str,
    seat: str,
    own: list[Gram],
    heard: frozenset[str],
    said: dict[Gram, list[tuple[str, str]]],
    share: float,
) -> Iterator[Found]:
    # Words that the seat had said itself before anybody are its own.
    by_seat: Counter[str] = Counter()
    by_message: Counter[tuple[str, str]] = Counter()
    for gram in own:
        places = said.get(gram, ())[:_PLACES]
        if not places or places[0][1] == seat:
            continue
        shown = [place for place in places if place[0] in heard and place[1] != seat]
        by_seat.update({place[1] for place in shown})
        by_message.update(set(shown))
    for source, count in sorted(by_seat.items(), key=lambda each: (-each[1], each[0])):
        if count < share * len(own):
            continue
        places = [(n, m) for (m, s), n in by_message.items() if s == source]
        ids = [m for _, m in sorted(places, key=lambda each: -each[0])][:5]
        yield Found(
            label="words-taken-over",
            about=tuple(About(what="message", id=each) for each in (message, *ids)),
            value=round(count / len(own), 4),
            explanation=f"{count} of the {len(own)} runs of words of {seat} stand in what {source} said",
            severity=3 if count >= 0.8 * len(own) else 2,
        )


_PLACES: Final = 50
"""Of words that many say only so many places are looked at: nothing grows with the square."""


def _grams(text: str, n: int) -> Iterator[Gram]:
    words = [word.casefold() for word in _WORD.findall(text)]
    return (tuple(words[at : at + n]) for at in range(len(words) - n + 1))
