"""Build the examples that teach a small model to follow a declared perspective.

Sources are collections of claims with arguments for and against them. A claim becomes a question, one argument of a side
becomes the perspective, and what has to follow is that side's option and another argument of the same side.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SOURCES = (
    "share-alike/perspectrum_stance",
    "share-alike/valueeval_stance",
    "share-alike/argkp_stance",
    "share-alike/ibm_claim_stance",
    "explagraphs",
    "arct_pairs",
)
CLAIM_FIELDS = ("text_a", "topic", "claim", "conclusion", "question", "statement")
STOP = frozenset(
    re.split(
        " ",
        "a an the of to in on for and or is are be was were been it its this that with as at by from "
        "we our should would will can must do does not no all any house believes",
    )
)

# What is read as a value when an argument mentions it: a weak label, made by rule (the names are Schwartz's refined values).
VALUE_WORDS = {
    "self-direction: thought": "creativity curiosity opinion ideas thinking learn knowledge",
    "self-direction: action": "freedom free choice choose autonomy liberty independent decide",
    "stimulation": "exciting adventure thrill variety",
    "hedonism": "fun enjoy pleasure entertainment happiness",
    "achievement": "success successful achieve ambition talent compete competition excellence",
    "power: dominance": "power control authority leadership",
    "power: resources": "money wealth profit income economy economic jobs cost",
    "face": "reputation image embarrassment humiliation dignity",
    "security: personal": "health safe safety medical healthy harm injury",
    "security: societal": "crime security terrorism war stability police nation",
    "tradition": "tradition religion religious faith culture heritage god",
    "conformity: rules": "law laws legal rules illegal comply discipline",
    "conformity: interpersonal": "respect polite offend offensive bullying",
    "humility": "modest humility humble",
    "benevolence: caring": "family children parents help care caring child",
    "benevolence: dependability": "trust reliable loyal responsibility responsible",
    "universalism: concern": "equality equal fair justice rights discrimination poor poverty",
    "universalism: nature": "environment nature animals climate pollution planet species",
    "universalism: tolerance": "tolerance diversity minorities understanding accept",
    "universalism: objectivity": "evidence science research facts objective truth bias",
}
_OPPOSITES = {
    "ban": "allow", "prohibit": "allow", "legalize": "ban", "allow": "ban", "abolish": "keep", "end": "keep", "subsidize": "stop funding", "adopt": "reject",
    "abandon": "keep", "increase": "reduce", "limit": "expand", "support": "oppose", "fight": "accept", "protect": "give up", "introduce": "reject",
}  # fmt: skip
_VERBS = {
    "does": "do",
    "brings": "bring",
    "has": "have",
    "causes": "cause",
    "harms": "harm",
    "makes": "make",
    "helps": "help",
    "violates": "violate",
    "leads": "lead",
}


def plain(text: str) -> str:
    """Return the text in lower case, letters and digits only, one space between words."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def content(text: str) -> frozenset[str]:
    """Return the words of a text that carry content, cut to a rough stem of at most six letters."""
    return frozenset(word[:6].rstrip("s") for word in plain(text).split() if word not in STOP)


def likeness(left: frozenset[str], right: frozenset[str]) -> float:
    """Return the part of two sets of words that they share (Jaccard)."""
    return len(left & right) / max(1, len(left | right))


def tidy(text: str) -> str:
    """Return an argument as a sentence: one line, a capital first, a full stop last."""
    text = re.sub(r"\bi\b", "I", re.sub(r"\s+", " ", text.replace("`", "'")).strip(" -\"'"))
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text.rstrip(",;:") + "."


def lower_first(text: str) -> str:
    """Lower the first letter unless the word looks like a name or is the word I."""
    first = text.split(" ", 1)[0]
    return (
        text
        if first == "I" or first.startswith("I'") or first[1:] != first[1:].lower()
        else text[:1].lower() + text[1:]
    )


@dataclass
class Claim:
    """A claim with the arguments for it and against it."""

    text: str
    source: str
    sides: dict[bool, list[str]] = field(default_factory=lambda: {True: [], False: []})


@dataclass(frozen=True)
class Question:
    """A question; `first` is the option that supports the claim, `second` the one that rejects it."""

    text: str
    first: str
    second: str


def held_out(evaluation: Path) -> set[str]:
    """Return every claim, topic and question (plain text) of the evaluation files below a folder, `train/` left aside."""
    found: set[str] = set()
    for path in sorted([*evaluation.glob("*.jsonl"), *evaluation.glob("share-alike/*.jsonl")]):
        for line in path.read_text(encoding="utf-8").strip().split("\n"):
            row = json.loads(line)
            found.update(
                plain(row[name]) for name in CLAIM_FIELDS if isinstance(row.get(name), str)
            )
    return found


class _Nearby:
    """Finds texts that read nearly like one of a set."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.words = [words for words in map(content, texts) if 2 <= len(words) <= 14]
        self.places: dict[str, list[int]] = {}
        for place, words in enumerate(self.words):
            for word in words:
                self.places.setdefault(word, []).append(place)

    def holds(self, text: str, least: float = 0.7) -> bool:
        """Whether a text shares at least this part of its content words with one of the set."""
        own = content(text)
        rivals = {place for word in own for place in self.places.get(word, ())}
        return any(likeness(own, self.words[place]) >= least for place in rivals)


def _rows(data: Path, name: str) -> Iterator[tuple[str, str, bool, str]]:
    """Yield claim, argument, whether it supports, and what kind of pair it is."""
    for line in (data / f"{name}.jsonl").read_text(encoding="utf-8").strip().split("\n"):
        row = json.loads(line)
        kind = row.get("kind", "") if name == "arct_pairs" else ""
        yield row["text_a"], row["text_b"], row["label"] == "support", kind


def claims(data: Path, evaluation: Path) -> list[Claim]:
    """Read the claims of all sources, without those that occur in an evaluation file or read nearly like one there.

    Raises:
        AssertionError: If a claim of an evaluation file is left.
    """
    reserved = held_out(evaluation)
    nearby = _Nearby(reserved)
    found: dict[str, Claim] = {}
    refused: set[str] = set()
    for name in SOURCES:
        for text, argument, supports, kind in _rows(data, name):
            key = plain(text)
            if (
                kind not in ("", "claim/reason", "opposing claim/reason")
                or key in refused
                or not 3 <= len(argument.split()) <= 45
            ):
                continue
            if key not in found:
                if key in reserved or nearby.holds(text):
                    refused.add(key)
                    continue
                found[key] = Claim(tidy(text)[:-1].strip(), name.split("/")[-1])
            side = found[key].sides[supports]
            if plain(argument) not in reserved and tidy(argument) not in side:
                side.append(tidy(argument))
    assert not set(found) & reserved, "a claim of an evaluation file is among the training claims"
    return [claim for claim in found.values() if claim.sides[True] or claim.sides[False]]


def warrants(data: Path, evaluation: Path) -> list[tuple[str, str, str, bool]]:
    """Return (conclusion, argument, warrant, fits) where the warrant carries the argument or would turn it over."""
    reserved = held_out(evaluation)
    found = []
    for text, warrant, fits, kind in _rows(data, "arct_pairs"):
        if kind in ("argument/warrant", "argument/alternative") and " So: " in text:
            reason, conclusion = text.rsplit(" So: ", 1)
            if plain(conclusion) not in reserved:
                found.append(
                    (
                        tidy(conclusion),
                        f"{tidy(reason)} So {lower_first(tidy(conclusion))}",
                        tidy(warrant),
                        fits,
                    )
                )
    return found


def question_of(claim: str, dice: random.Random) -> Question:
    """Turn a claim into a question, by rule where one fits; some questions ask for the opposite of the claim."""
    text = claim.rstrip(" .?!")
    house = re.match(r"(?i)this house (?:believes (?:that )?(?:in )?|(would|should) )(.+)", text)
    if house:
        text = f"we should {house.group(2)}" if house.group(1) else house.group(2)
    if re.match(r"(?i)(should|is|are|do|does|can|will|must) .+", text):
        return Question(f"{text[:1].upper()}{text[1:]}?", "yes", "no")
    roll = dice.random()
    if roll < 0.62 and (made := _by_rule(text, dice)):
        return made
    return _by_frame(lower_first(text), dice)


def plain_question_of(claim: str) -> Question:
    """Turn a claim into a yes/no question without drawing anything, for evaluation."""
    text = re.sub(
        r"(?i)^this house (believes (that )?|would |should )",
        lambda found: "" if found.group(1).lower().startswith("believes") else "we should ",
        claim.rstrip(" .?!"),
    )
    if re.match(r"(?i)(should|is|are|do|does|can|will|must) .+", text):
        return Question(f"{text[:1].upper()}{text[1:]}?", "yes", "no")
    return _by_rule(text, None) or Question(f"Do you agree that {lower_first(text)}?", "yes", "no")


def _by_rule(text: str, dice: random.Random | None) -> Question | None:
    we = re.match(r"(?i)(?:we|one|governments?) should (not )?(\w+) (.+)", text)
    if we:
        no, verb, rest = bool(we.group(1)), we.group(2).lower(), we.group(3)
        if dice and verb in _OPPOSITES and dice.random() < 0.4:
            verb, no = _OPPOSITES[verb], not no
        return _yes_no(f"Should we {verb} {rest}?", no)
    right = re.match(
        r"(?i)it is (not )?(right|wrong|good|bad|important|necessary|possible|better|best|acceptable|fair) (.+)",
        text,
    )
    if right:
        return _yes_no(f"Is it {right.group(2)} {right.group(3)}?", bool(right.group(1)))
    modal = re.match(
        r"(?i)((?:\S+ ){1,8}?)(should|must|ought to|can|will|could) (not |never )?(.+)", text
    )
    if modal and not re.search(r"(?i)\b(that|because|if|which|who|,)\b", modal.group(1)):
        word = modal.group(2).capitalize() if modal.group(2).lower() != "ought to" else "Should"
        return _yes_no(
            f"{word} {lower_first(modal.group(1))}{modal.group(4)}?", bool(modal.group(3))
        )
    be = re.match(r"(?i)((?:[\w'-]+ ){1,5}?)(is|are) (not )?(.+)", text)
    if be:
        return _yes_no(
            f"{be.group(2).capitalize()} {lower_first(be.group(1))}{be.group(4)}?",
            bool(be.group(3)),
        )
    verb = re.match(rf"(?i)((?:[\w'-]+ ){{1,4}}?)({'|'.join(_VERBS)}) (.+)", text)
    if verb:
        return _yes_no(
            f"Does {lower_first(verb.group(1))}{_VERBS[verb.group(2).lower()]} {verb.group(3)}?",
            False,
        )
    return None


def _yes_no(text: str, flipped: bool) -> Question:
    return Question(text, "no", "yes") if flipped else Question(text, "yes", "no")


def _by_frame(claim: str, dice: random.Random) -> Question:
    capital = claim[:1].upper() + claim[1:]
    straight = [
        (f"Do you agree that {claim}?", "yes", "no"),
        (f"Is this right: {claim}?", "yes", "no"),
        (f"Is it true that {claim}?", "yes", "no"),
        (f"{capital}. Is that right?", "yes", "no"),
        (f"{capital}?", "yes", "no"),
        (f"Do you agree or disagree: {claim}?", "agree", "disagree"),
        (f"{capital}. Do you agree?", "agree", "disagree"),
        (f"Are you for or against this: {claim}?", "for", "against"),
        (f"Do you support or oppose this: {claim}?", "support", "oppose"),
        (f"Do we approve or reject the motion: {claim}?", "approve", "reject"),
    ]
    turned = [
        (f"Is it wrong that {claim}?", "no", "yes"),
        (f"Is this false: {claim}?", "no", "yes"),
        (f"Do you reject the view that {claim}?", "no", "yes"),
        (f"Would you disagree that {claim}?", "no", "yes"),
    ]
    return Question(*dice.choice(turned if dice.random() < 0.22 else straight))


def statement_of(argument: str, more: Sequence[str], dice: random.Random) -> str:
    """Word an argument as somebody's perspective."""
    said = lower_first(argument)
    roll = dice.random()
    if roll < 0.5:
        return argument
    if roll < 0.6 and more:
        return f"{argument} {dice.choice(more)}"
    frames = (
        "I believe that {}",
        "I think that {}",
        "As someone who believes that {}",
        "My view is that {}",
        "You hold that {}",
        "You are convinced that {}",
        "What matters to me: {}",
    )
    return dice.choice(frames).format(said)


def values_in(text: str) -> list[str]:
    """Return the value labels whose words an argument mentions."""
    words = set(plain(text).split())
    return [label for label, hints in VALUE_WORDS.items() if words & set(hints.split())]
