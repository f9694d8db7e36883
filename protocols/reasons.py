"""Why a seat changed its stance, as its words and those it named show: rule reasons/1.

A move is written down before the seat speaks again, with the reason that it declared. The audited
reason is read later, when conflicts are drawn up and the mover's own words are on record. It is what
the record shows, not what went on inside a model: a change of which nothing shows the reason is
`unexplained`, and is counted.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from folkmoot.protocols.standing import stands
from folkmoot.records import Move, Span, Transcript, Turn, first_sentence, sentences
from folkmoot.records.spans import span
from folkmoot.records.terms import Reason

_NOT_ITS_OWN: Final = ("candidate", "summary", "refutation")
"""Roles of messages in which a seat does not say what it thinks itself."""


class Why(NamedTuple):
    """The reason of a move and the words that show it.

    No words for `unexplained` and for `format_error`, which the stances show.
    """

    reason: Reason
    spans: tuple[Span, ...] = ()


def _cues(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{each})" for each in patterns), re.IGNORECASE)


_SAYS: Final = r"(?:says?|said|agrees?|knows?|recommends?|advises?|thinks?|believes?|confirms?)"
_SHOWS: Final = r"(?:shows?|showed|suggests?|indicates?|finds?|found|proves?|says?)"

_MAJORITY: Final = _cues(
    rf"\b(?:everyone|everybody) (?:else\b|here\b|seems\b|{_SAYS}\b)",
    r"\b(?:most|all|many|the rest|two|three|four|five|\d+) of (?:you|the (?:others|panel|group|seats))\b",
    r"\bmost of us\b",
    r"\bthe majority\b(?! of (?!us\b|you\b|the (?:panel|group|seats|others)\b))",
    r"\bthe (?:consensus|prevailing view)\b",
    r"\b(?:all|most) (?:the )?others\b",
    r"\b(?:the (?:others|rest|group|panel)|they|you) all (?:say|agree|think|hold|favou?r)\b",
    r"\bthe (?:others|group|panel) (?:agrees?|says?|thinks?|holds?|favou?rs?)\b",
    r"\b(?:outnumbered|in the minority|going along|go along)\b",
    rf"\b(?:nobody|no one) else (?:here\b|shares\b|{_SAYS}\b)",
)
_AUTHORITY: Final = _cues(
    r"\b(?:experts?|specialists?|professors?|scientists?|officials?|doctors?|physicians?|lawyers?"
    rf"|engineers?|authorit(?:y|ies)|moderator|chair|leader)(?: (?:in|of|at|on) \w+)? {_SAYS}\b",
    r"\b(?:knows|know) (?:better|best)\b",
    r"\bdefer(?:ring)? to\b",
    r"\bmore (?:experienced|qualified|knowledgeable)\b",
    r"\b(?:expert|professional) (?:opinion|advice|judge?ment|view)\b",
)
_INSTRUCTION: Final = _cues(
    r"\bas (?:instructed|requested|directed|told|asked|required)\b",
    r"\bI (?:was|am|have been|'m) (?:asked|told|instructed|directed|ordered|required)\b",
    r"\b(?:the|my|per|following|under) instructions?\b",
)
_OWN_EVIDENCE: Final = _cues(
    rf"\b(?:stud(?:y|ies)|data|evidence|research|figures|statistics|surveys?|trials?) {_SHOWS}\b",
    r"\baccording to\b",
    r"\b(?:new|this) evidence\b",
)
_PERSUASION: Final = _cues(
    r"\b(?:convinced|persuaded|swayed) (?:me|by)\b",
    r"\b(?:am|was|'m) (?:now )?(?:convinced|persuaded)\b",
    r"\b(?:good|strong|fair|valid|compelling|convincing|persuasive) (?:point|argument)s?\b",
    r"\b(?:is|are) right (?:that|about)\b",
)
_REFLECTION: Final = _cues(
    r"\bon (?:reflection|second thoughts?)\b",
    r"\bthinking (?:again|it over|about it|this over)\b",
    r"\bI was (?:wrong|mistaken|hasty|too hasty)\b",
    r"\breconsider(?:ed|ing)?\b",
    r"\bI (?:had |have )?(?:overlooked|misjudged|misread|underestimated|overestimated)\b",
    r"\bhaving (?:thought|weighed|reflected)\b",
    r"\bmy (?:earlier|first|previous|initial) (?:view|answer|position|stance|reasoning) (?:was|missed|ignored)\b",
)
_EVIDENCE: Final = _cues(
    r"\b(?:stud(?:y|ies)|data|evidence|research|figures|statistics|surveys?|trials?|measured)\b",
    r"\baccording to\b",
    r"\bfor (?:example|instance)\b",
    r"\b\d{2,}\b",
    r"\b\d+[.,]\d+\b",
    r"\b\d+ ?(?:%|percent|per cent)",
    r"[$\u20ac\u00a3] ?\d",
)
_DENIED: Final = re.compile(
    r"(?:\b(?:not|never|no|without|although|though|even if|regardless of|despite|whatever)|n['\u2019]t)"
    r"(?: \w+){0,3} ?$",
    re.IGNORECASE,
)

_OWN: Final[tuple[tuple[Reason, re.Pattern[str]], ...]] = (
    ("majority", _MAJORITY),
    ("authority", _AUTHORITY),
    ("instruction", _INSTRUCTION),
    ("new_evidence", _OWN_EVIDENCE),
    ("argument", _PERSUASION),
    ("self_reflection", _REFLECTION),
)
"""What the mover's own words show, in the order in which it is looked for: who says "on reflection,
most of you are right" followed the majority."""


def reason_of(seen: Transcript, move: Move) -> Why:
    """Rule reasons/1: the first of these that the record shows.

    1. The seat named messages that moved it: new_evidence if these, or its own words in that round,
       bring evidence (a study, data, a source, an example, a figure), else argument.
    2. Its own words in that round name the others' number (majority), somebody's standing
       (authority), what it was told to do (instruction), evidence, another's argument, or its own
       mistake (self_reflection). A cue that is denied ("not because everyone says so") is none.
    3. Its stance could not be read between the two: format_error.
    4. unexplained.

    Args:
        seen: the record, with what the seat said in the round of the move.
        move: a change of stance on the question.
    """
    own = [
        turn
        for turn in seen.spoken(move.round)
        if turn.seat == move.seat
        and turn.role not in _NOT_ITS_OWN
        and turn.answer in (None, move.to_choice)
    ]
    if move.cites:
        cited = [seen.turn(message) for message in move.cites]
        evidence = _shown((*cited, *own), _EVIDENCE)
        if evidence:
            return Why("new_evidence", evidence)
        quoted = (first_sentence(turn) for turn in cited)
        return Why("argument", tuple(each for each in quoted if each is not None)[:1])
    for reason, cues in _OWN:
        shown = _shown(own, cues)
        if shown:
            return Why(reason, shown)
    return Why("format_error" if _unread(seen, move) else "unexplained")


def _shown(turns: Iterable[Turn], cues: re.Pattern[str]) -> tuple[Span, ...]:
    """The first sentence that has a cue."""
    for turn in turns:
        for start, end in sentences(turn.text):
            if any(not _DENIED.search(before) for before in _before(turn.text[start:end], cues)):
                return (span(turn, start, end),)
    return ()


def _before(sentence: str, cues: re.Pattern[str]) -> Iterator[str]:
    return (sentence[: found.start()] for found in cues.finditer(sentence))


def _unread(seen: Transcript, move: Move) -> bool:
    """Whether a stance of the seat was unreadable since the last valid one before the move."""
    unread = False
    for stance in stands(seen, move.seat):
        if stance.round >= move.round and stance.state == "valid":
            return unread
        unread = stance.state == "unreadable" or (unread and stance.state != "valid")
    return unread
