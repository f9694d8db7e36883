"""Why a seat changed its stance, as its words and those it named show: rule reasons/2.

A move is written down before the seat speaks again, with the reason that it declared. The audited
reason is read later, when conflicts are drawn up and the mover's own words are on record. It is what
the record shows, not what went on inside a model: a change of which nothing shows the reason is
`unexplained`, and is counted.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from folkmoot.records import Move, Span, Transcript, Turn, first_sentence, sentences
from folkmoot.records.spans import span
from folkmoot.records.standing import stands
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

_SOME: Final = r"\b(?:all|most|many|both|two|three|four|five|\d+)(?: (?:two|three|four|five|\d+))?"

_MAJORITY: Final = _cues(
    rf"\b(?:everyone|everybody) (?:else\b|here\b|seems\b|{_SAYS}\b)",
    r"\b(?:most|all|many|the rest|two|three|four|five|\d+) of (?:you|the (?:others|panel|group|seats))\b",
    r"\bmost of us\b",
    rf"{_SOME} of (?:us|you|the (?:others|panel|group|seats))(?: here| all)?"
    rf" (?:{_SAYS}|holds?|favou?rs?|wants?|votes?|voted|are (?:for|against|agreed))\b",
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
    r"\bbecause (?:the )?(?!(?:data|evidence|research|stud(?:y|ies)|figures|statistics|surveys?|trials?)\b)"
    r"\w+ (?:says?|said|tells? (?:me|us)|told (?:me|us)) so\b",
    r"\b(?:knows|know) (?:better|best)\b",
    r"\bdefer(?:ring)? to\b",
    r"\bmore (?:experienced|qualified|knowledgeable)\b",
    r"\b(?:expert|professional) (?:opinion|advice|judge?ment|view)\b",
)
_INSTRUCTION: Final = _cues(
    r"\bas (?:instructed|requested|directed|told|asked|required)\b",
    r"\bI (?:was|am|have been|'m) (?:asked|told|instructed|directed|ordered|required)\b",
    r"\b(?:the|my|per|following|under) instructions?\b",
    r"\bI (?:\w+ ){0,2}(?:obey|comply|submit)\b",
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

_NEAR: Final = 120
"""How many codepoints before a cue are looked at for what denies it: more than four words have."""

_WENT_ALONG: Final[tuple[tuple[Reason, re.Pattern[str]], ...]] = (
    ("majority", _MAJORITY),
    ("authority", _AUTHORITY),
    ("instruction", _INSTRUCTION),
)
_OF_ITS_OWN: Final[tuple[tuple[Reason, re.Pattern[str]], ...]] = (
    ("new_evidence", _OWN_EVIDENCE),
    ("argument", _PERSUASION),
    ("self_reflection", _REFLECTION),
)
"""What the mover's own words show, in the order in which it is looked for: who says "on reflection,
most of you are right" followed the majority, whatever message it names."""


def reason_of(seen: Transcript, move: Move) -> Why:
    """Rule reasons/2: the first of these that the record shows.

    1. The seat's own words in that round name the others' number (majority), somebody's standing
       (authority) or what it was told to do (instruction). A cue that is denied ("not because everyone
       says so") is none.
    2. It named messages that moved it: new_evidence if these, or its own words, bring evidence (a
       study, data, a source, an example, a figure), else argument; majority where they say nothing
       but how many think so, which is no evidence. A message without words shows nothing.
    3. Its own words name evidence, another's argument, or its own mistake (self_reflection).
    4. Its stance could not be read between the two: format_error.
    5. unexplained.

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
    shown = shown_by(own, [seen.turn(message) for message in move.cites])
    return shown or Why("format_error" if _unread(seen, move) else "unexplained")


def shown_by(own: Sequence[Turn], cited: Sequence[Turn]) -> Why | None:
    """The reason that a mover's own words, and the messages that it named, show: rule reasons/2 without
    its last two, which words do not show; None where they show none."""
    return _worded(own, _WENT_ALONG) or _named(own, cited) or _worded(own, _OF_ITS_OWN)


def _worded(own: Sequence[Turn], cues: Sequence[tuple[Reason, re.Pattern[str]]]) -> Why | None:
    found = (Why(reason, _shown(own, each)) for reason, each in cues)
    return next((why for why in found if why.spans), None)


def _named(own: Sequence[Turn], cited: Sequence[Turn]) -> Why | None:
    """What the messages show that a seat named; None where it named none, or none with words."""
    says = [each for each in map(first_sentence, cited) if each is not None]
    if not says:
        return None
    evidence = _shown((*cited, *own), _EVIDENCE, unless=_MAJORITY)
    if evidence:
        return Why("new_evidence", evidence)
    matter = next((each for each in says if not _MAJORITY.search(each.exact)), None)
    if matter is None:
        return Why("majority", (says[0],))
    return Why("argument", (matter,))


def _shown(
    turns: Iterable[Turn], cues: re.Pattern[str], unless: re.Pattern[str] | None = None
) -> tuple[Span, ...]:
    """The first sentence that has a cue, not denied; none that has one of the others."""
    for turn in turns:
        for start, end in sentences(turn.text):
            said = turn.text[start:end]
            if _has(said, cues) and (unless is None or not unless.search(said)):
                return (span(turn, start, end),)
    return ()


def _has(sentence: str, cues: re.Pattern[str]) -> bool:
    return any(
        not _DENIED.search(sentence, max(0, found.start() - _NEAR), found.start())
        for found in cues.finditer(sentence)
    )


def _unread(seen: Transcript, move: Move) -> bool:
    """Whether a stance of the seat was unreadable since the last valid one before the move."""
    unread = False
    for stance in stands(seen, move.seat):
        if stance.round >= move.round and stance.state == "valid":
            return unread
        unread = stance.state == "unreadable" or (unread and stance.state != "valid")
    return unread
