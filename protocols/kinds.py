"""What kind a conflict is: rule kind/4, read from the words of the issue and the values of its sides.

Kinds follow stasis theory: what is so (factual), what a word means (definitional), how something is to
be read (interpretive), how to go on (procedural), what matters more (value), what is liked better
(preference). No model is asked; the cues below are all there is to it, and they are read in English
alone. What no cue tells is factual only where nothing speaks for values: a judge may resolve that.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from folkmoot.agents.values import SCHWARTZ_20, Vocabulary, values_in
from folkmoot.protocols.words import WORD
from folkmoot.records import Tension, sentences
from folkmoot.records.terms import ConflictKind


def _cues(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{each})" for each in patterns), re.IGNORECASE)


_GROUP: Final = r"(?:we|the (?:panel|group|committee|team|board|council|jury|meeting))"

_DEFINITIONAL: Final = _cues(
    r"\bdefin(?:e|es|ed|ing|ition|itions)\b",
    r"\bcounts? as\b",
    r"\b(?:qualif(?:y|ies)|class(?:ed|ified)|categori[sz]ed|classify|categori[sz]e) as\b",
    r"\bconsidered (?:to be )?an? \w+",
    r"\b(?:is|are|be) (?:\w+ ){0,5}an? (?:kind|type|form|sort|instance|species) of\b",
    r"\b(?:is|are) (?:\w+ ){0,5}an? (?:true|real|genuine|proper) \w+\?",
    r"\bthe (?:meaning|sense) of (?:the (?:word|term)|[\"\u201c'\u2018])",
    r"\b(?:word|term)s? [\"\u201c'\u2018]?\w+[\"\u201d'\u2019]? (?:means?|covers?|includes?|appl(?:y|ies))\b",
    r"^what (?:exactly )?(?:is|are) meant by\b",
    r"^what (?:does|do|did) (?:(?!\bfor\b).)*\bmean\b(?! (?:for|that|when|if)\b)",
    r"^what (?:is|are) (?:an? )?[a-z]+\?$",
)
_INTERPRETIVE: Final = _cues(
    r"\binterpret(?:s|ed|ing|ation|ations)?\b",
    r"\bbe (?:read|understood|taken|construed) (?:as|to mean|literally|that)\b",
    r"\b(?:read|understood|taken|construed) as (?:saying|meaning|implying|requiring|allowing)\b",
    rf"\b(?:should|must|ought|are|do) (?:{_GROUP}|one|you|I) (?:to )?(?:read|construe)\b",
    r"\b(?:intend(?:s|ed)?|intent|intention) (?:by|of|to say|behind|here|that)\b",
    r"\bimpl(?:y|ies|ied|ying|icitly)\b",
    r"\bambigu(?:ous|ity)\b",
    r"\b(?:antecedent|refers? to)\b",
    r"\bmeans? that\b",
    r"\bmean(?:s|t)? (?:for|by)\b",
    r"\bdid (?:\w+ ){1,4}mean\b",
    r"\bthe (?:spirit|letter) of the (?:law|rule|contract|text|policy|agreement)\b",
)
_PROCEDURAL: Final = _cues(
    r"\bwho (?:\w+ )?(?:decides?|judges|votes|speaks|goes first|chairs)\b",
    r"\bwho (?:should|shall|must|is to|may|can|gets to) (?:decide|judge|vote|speak|chair|go first)\b",
    r"\b(?:final|last) say\b",
    rf"\bhow (?:should|shall|do|are|can|must|ought) {_GROUP} (?:to )?"
    r"(?:decide|vote|choose between|settle|proceed|resolve|go (?:on|about)|reach|agree)\b",
    rf"\b(?:should|shall|must|do|can|may) {_GROUP} (?:first |now )?"
    r"(?:vote\b(?! (?:to|for|against|in)\b)|adjourn|take a vote|put (?:it|this) to|hear (?:from|all)"
    r"|stop here|reopen)\b",
    r"\b(?:by|take a|put to (?:a|the)|secret|show of hands|majority) (?:vote|ballot)\b",
    r"\b(?:which|what) (?:order|procedure|process|decision rule|voting rule)\b",
    r"\b(?:quorum|unanimity|unanimous)\b",
    r"\bconsensus (?:be )?(?:required|needed)\b",
    rf"\bbefore {_GROUP} (?:decides?|votes?)\b",
)
_MORAL: Final = _cues(
    r"\b(?:im)?moral(?:ly|ity)?\b",
    r"\b(?:un)?ethic(?:al|ally|s)\b",
    r"\b(?:un)?(?:fair|just)(?:ly|ness)? (?:to|that|for|if)\b",
    r"\b(?:is|are|was|were|be) (?:it |this |that )?(?:un)?(?:fair|just)\b(?! (?:an?|the|as|in|how)\b)",
    r"^(?:is|are|was|were) .*\b(?:un)?(?:fair|just)\?$",
    r"\b(?:evil|sinful|a sin|to blame)\b",
    r"\b(?:un(?:fair|just)(?:ly|ness)?|fairness|injustice|(?<!chief )justice|justif(?:y|ied|iable))\b",
    r"\b(?:right|wrong) (?:to|thing|for (?:\w+ ){1,4}to)\b(?<!the right to)",
    r"\b(?:deserves?|deserved|duty to|obliged|obligation|sacred|dignity)\b",
    r"\b(?:un)?acceptable\b",
    r"\bis it (?:ever )?(?:right|wrong|ok|okay)\b",
)
_NORMATIVE: Final = _cues(
    r"\b(?:should|shall|ought)\b",
    r"\bmust (?:we|I|one|society|everyone|the (?:state|government|company|hospital))\b",
    r"\b(?:we|I|society|everyone|the (?:state|government|company|hospital)) (?:must|have to|need to)\b",
    r"^(?:allow|permit|ban|legali[sz]e|abolish|prohibit|introduce) \w+",
    r"\b(?:favou?rites?|prefer(?:s|red|able|ence)?|nicer|lik(?:e|es) (?:better|more|best))\b",
    r"\b(?:better|best|worse|worst) (?:to|if|for (?:us|society|everyone|the)|way|option|choice|idea)\b",
    r"\b(?:is|are|be) (?:\w+ ){0,3}(?:better|preferable|nicer|worth(?:while)?|more important)\b",
    r"\bmatters? (?:more|most)\b",
    r"^may\b",
    r"\b(?:good|bad) (?:idea|thing)\b",
    r"^(?:is|are|do|does|has|have) .*\btoo (?:much|many|few|little|far|powerful)\b",
    r"\b(?:right|wrong|best)\?$",
)
_PRACTICAL: Final = _cues(
    r"\bwhat (?:do|would|will) (?:you|I|we|they|he|she) do\b",
    r"\b(?:can|could|would) you (?:please )?(?:help|write|draft|create|make)\b",
    r"\bhelp me\b",
    r"\bI(?: need| want| would like|['\u2019]d like)\b",
    r"^(?:please|write|draft|create)\b",
)
_AFTER_A_STORY: Final = _cues(r"^(?:do|would|will|can|could|shall) (?:you|I|we|they|he|she)\b")
_PERMITS: Final = _cues(r"\bmust\b", r"^(?:\w+ )?(?:may|can) (?:I|we|you|one|an?|the)\b")
_ENGLISH: Final = _cues(
    r"\b(?:the|is|are|were|does|did|of|what|which|who|how|why|where|when|has|had|have|can|could|would"
    r"|than|and|or|it|its|that|this|with|from|for|to|by|not|at|if|they|you|he|she|be|there|more|less"
    r"|years?|after|before)\b",
    r"^(?:do|will)\b",
)
"""Words of which a sentence in English has one, and one in another language hardly any."""
_CLAIM: Final = re.compile(r"^is the following (?:claim|statement) true or false\?", re.IGNORECASE)

_TEXT: Final = (
    r"(?:article|clause|contract|constitution|law|passage|phrase|poem|policy|rule|ruling|section|sentence"
    r"|statute|term|text|treaty|verse|will|word)s?"
)
_READ: Final = r"(?:read|understood|taken|construed|interpreted)"

_ONLY_A_MEANING: Final = _cues(
    r"^what (?:exactly )?(?:is|are) meant by\b",
    r"^what (?:does|do|did) (?:(?!\bfor\b).)*\bmean\b(?! (?:for|that|when|if)\b)",
    r"^what (?:is|are) (?:an? )?[a-z]+\?$",
    r"^what (?:is|are) the definition of\b",
    r"^what (?:is|are) the (?:meaning|sense) of (?:the (?:word|term)\b|[\"\u201c'\u2018]|[a-z]+\?$)",
    r"^how (?:should|shall|do|does|would|can|is|are) .*\bdefined?\b",
)
_ONLY_QUOTED: Final = _cues(r"^does [\"\u201c].*[\"\u201d] mean that [\"\u201c]")
_ONLY_A_READING: Final = _cues(
    r"^what (?:does|do|did) .*\b(?:mean|intend) by\b",
    rf"^how (?:should|shall|must|can|is|are) .*\bbe {_READ}\b",
    rf"^(?:should|shall|must|can|may) (?:\w+ ){{1,3}}{_TEXT} (?:\w+ ){{0,4}}be {_READ}\b",
)
_ONLY_A_PROCEDURE: Final = _cues(
    r"^who (?:\w+ )?(?:decides?|judges|speaks|goes first|chairs)\b",
    r"^who (?:should|shall|must|is to|may|can|gets to|has to) (?:decide|judge|speak|chair|go first)\b",
    r"^who (?:has|gets|should have) the (?:final|last) say\b",
    rf"^how (?:should|shall|do|are|can|must|ought) {_GROUP} (?:to )?"
    r"(?:decide|vote|choose between|settle|proceed|resolve|go (?:on|about)|reach|agree)\b",
    rf"^(?:should|shall|must|do|can|may) {_GROUP} (?:first |now )?"
    r"(?:vote|take a vote|adjourn|stop here|reopen)"
    r"(?: on (?:it|this|that|these|them|the (?:matter|question|motion|plans?|proposals?)))?"
    r"(?: (?:now|first|today|again|later|at all))?\?$",
    r"^(?:which|what) (?:order|procedure|process|decision rule|voting rule)\b",
)
"""Forms of questions that ask nothing but what a word means, how a text is to be read, who decides and
how: there the words of right and wrong, or the values of the sides, are not what is asked about."""

_Cues = tuple[tuple[ConflictKind, re.Pattern[str]], ...]

_ONLY_OF_WORDS: Final[_Cues] = (
    ("definitional", _ONLY_A_MEANING),
    ("interpretive", _ONLY_QUOTED),
)
"""Looked for before words of right and wrong: these are what is to be defined, or quoted."""
_ONLY: Final[_Cues] = (
    ("interpretive", _ONLY_A_READING),
    ("procedural", _ONLY_A_PROCEDURE),
)
"""Looked for after words of right and wrong, and before the values of the sides."""
_OF_WORDS: Final[_Cues] = (
    ("definitional", _DEFINITIONAL),
    ("interpretive", _INTERPRETIVE),
    ("procedural", _PROCEDURAL),
)
"""Looked for after both, in this order."""
_ASKING: Final = _cues(*(cues.pattern for _, cues in _OF_WORDS))


def kind(
    issue: str,
    tensions: Sequence[Tension] = (),
    texts: Sequence[str] = (),
    vocabulary: Vocabulary = SCHWARTZ_20,
) -> ConflictKind:
    """Rule kind/4: the first of these that fits what is asked, which is the issue's last question or,
    where it asks none, its first sentence.

    1. definitional: it asks nothing but what a word means; interpretive: it asks nothing but whether
       one quoted text means another;
    2. value: it says so in words of right and wrong;
    3. interpretive or procedural: it asks nothing but how a text is to be read, or who decides and how;
    4. value: it is about what to do or what is good, or has words of 5 and names a value, and at
       least two sides have values that no other side has (`tensions`; where nobody declared any, those
       that `texts` name, too);
    5. definitional, interpretive, procedural: it has words that ask what counts as what, how something
       is to be read or what it implies, or how to decide;
    6. preference: it is about what to do or what is good, and no more than one side has such values;
    7. where it names a value, asks for leave (may, can, must) or has no word of English: value if two
       sides declared values that no other side has, preference if one did or it is not English. Its kind
       cannot be told, and no judge is given a say for that;
    8. factual: everything else, and where nobody declared values whether a claim is true or false.

    Words of procedure, reading and definition thus never take a question of values away from those who
    hold them: a vote may resolve what they name.

    Args:
        issue: the question, or a claim.
        tensions: values of one side that no other side has.
        texts: what each side says, one text for each position.
        vocabulary: whose values are looked for in the issue and the texts.
    """
    declared = {each.position for each in tensions if each.source == "declared"}
    if _CLAIM.match(issue.strip()) and not declared:
        return "factual"
    issue = _CLAIM.sub("", issue.strip())
    asked, story = _asked(issue)
    only = _first(_ONLY_OF_WORDS, asked)
    if only is not None:
        return only
    if _MORAL.search(asked):
        return "value"
    only = _first(_ONLY, asked)
    if only is not None:
        return only
    practical = any(cues.search(asked) for cues in (_NORMATIVE, _PRACTICAL))
    practical = practical or (story and _AFTER_A_STORY.search(asked) is not None)
    of_words = _first(_OF_WORDS, asked)
    two_sided = _two_sided(tensions, texts, vocabulary)
    if of_words is not None:
        # Without the words that ask: `a kind of` names no kindness.
        matter = _ASKING.sub(" ", asked)
        weighs = practical or bool(values_in(matter, vocabulary))
        return "value" if weighs and two_sided else of_words
    if practical or (_two_sided(tensions) and _PRACTICAL.search(issue)):
        return "value" if two_sided else "preference"
    return _untold(asked, declared, vocabulary)


def _untold(asked: str, declared: Collection[str], vocabulary: Vocabulary) -> ConflictKind:
    """The kind of what no cue tells: factual, unless something in it speaks for values, since a judge may
    resolve what is factual.

    Args:
        asked: what the issue asks.
        declared: the positions that have declared values which no other has.
        vocabulary: whose values are looked for in what is asked.
    """
    unread = WORD.search(asked) is not None and _ENGLISH.search(asked) is None
    if not (unread or _PERMITS.search(asked) or values_in(asked, vocabulary)):
        return "factual"
    if len(declared) > 1:
        return "value"
    return "preference" if declared or unread else "factual"


def _first(kinds: _Cues, asked: str) -> ConflictKind | None:
    return next((found for found, cues in kinds if cues.search(asked)), None)


def _two_sided(
    tensions: Sequence[Tension],
    texts: Sequence[str] = (),
    vocabulary: Vocabulary = SCHWARTZ_20,
) -> bool:
    """Whether two sides have values that no other side has. What is said counts only where nobody
    declared any."""
    if len({tension.position for tension in tensions}) > 1:
        return True
    if any(tension.source == "declared" for tension in tensions):
        return False
    return sum(1 for own in apart([values_in(text, vocabulary) for text in texts]) if own) > 1


def _asked(issue: str) -> tuple[str, bool]:
    """What an issue asks, and whether anything is told before it."""
    pieces = [issue[start:end] for start, end in sentences(issue)]
    for at, piece in reversed(list(enumerate(pieces))):
        if piece.endswith("?"):
            return piece, at > 0
    return (pieces[0] if pieces else issue.strip()), False


def apart(sides: Sequence[Iterable[str]]) -> list[tuple[str, ...]]:
    """Of what each side has, in its order, what no other side has."""
    each = [tuple(side) for side in sides]
    return [
        tuple(
            value
            for value in own
            if not any(value in other for at, other in enumerate(each) if at != place)
        )
        for place, own in enumerate(each)
    ]
