"""From labelled pairs to training examples: the very prompts that a clerk is asked with.

Nothing but the two texts is shown. Labels are evened out, so that no set's balance can be learned
in place of the task; some pairs are turned round, and some claims of debate motions are put as
questions, since that is how a deliberation puts them. Some claims are denied, so that "not" is read and not
passed over. Sets in which every pair is for or against get
pairs of texts on two topics, which are neither: else whatever reads like a debate is taken for one.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from folkmoot.agents import relation
from folkmoot.eval.clerk.sets import Pair
from folkmoot.eval.clerk.split import learned_by_label
from folkmoot.pool.training import Example
from folkmoot.records import Segment

_TURNED, _ASKED = 0.3, 0.3
"""How often a pair is turned round, and a claim put as a question."""

_STRANGERS = 0.1
"""How many pairs of two topics are added to a set without a pair that is neither, a pair of its own."""

_MANY = 2
"""A label is shown at most so many times as often as the rarest one of its set …"""
_LEAST = 300
"""… or this often."""

_DENIED = 0.15
"""How often the claim of a pair is denied, which turns an attack into a support and the reverse; and how
often it is set against its own denial."""

_SPOKEN = 0.25
"""How often a motion and what is said to it are put as people say them to each other, "It is right that …",
"No, …", rather than as a collection lists them."""

_OPENINGS = {
    "support": ("Yes, ", "I agree: ", "Indeed, "),
    "attack": ("No, ", "I disagree: ", "But "),
}

_TOGETHER = 4
"""Pairs with one first claim that are learned from in one step."""

_CLAUSE = re.compile(r"^(.{1,60}?) (should|must|can|will|would|is|are|does|do) (.+)$")


def examples(
    learned: Mapping[str, Sequence[Pair]], most: int = 4000, seed: int = 0
) -> tuple[Example, ...]:
    """Training examples, in a drawn order.

    Args:
        learned: file name → pairs.
        most: pairs of a file at most.
        seed: of everything that is drawn.
    """
    dice = random.Random(seed)
    made: list[Example] = []
    for name, pairs in learned.items():
        motions = {first for first, times in Counter(p.first for p in pairs).items() if times > 1}
        kept = _evened(pairs, most, dice)
        for label, pair in (*kept, *_strangers(kept, dice)):
            made += _of(label, pair, name, pair.first in motions, dice)
    dice.shuffle(made)
    return _grouped(made)


def as_question(claim: str) -> str:
    """A claim put as a question: "Cars should go" → "Should cars go?"."""
    said = claim.strip().rstrip(".")
    clause = _CLAUSE.match(said)
    if clause is None:
        return f"Is it true that {_lowered(said)}?"
    subject, verb, rest = clause.groups()
    return f"{verb.capitalize()} {_lowered(subject)} {rest}?"


def _grouped(made: Sequence[Example]) -> tuple[Example, ...]:
    """Pairs with one first claim side by side, a few together: what they share is computed once, and no
    step learns from one debate alone."""
    seen: Counter[str] = Counter()
    found: list[Example] = []
    for each in made:
        found.append(
            each.model_copy(update={"group": f"{each.group}:{seen[each.group] // _TOGETHER}"})
        )
        seen[each.group] += 1
    return tuple(found)


def as_denial(claim: str) -> str | None:
    """A claim denied: "Cars should go" → "Cars should not go", and the reverse; None where its words do not
    say how."""
    said = claim.strip()
    clause = _CLAUSE.match(said)
    if clause is None:
        return None
    subject, verb, rest = clause.groups()
    plain = re.sub(r"^not ", "", rest, flags=re.IGNORECASE)
    return f"{subject} {verb} {plain if plain != rest else f'not {rest}'}"


def _evened(pairs: Sequence[Pair], most: int, dice: random.Random) -> list[tuple[str, Pair]]:
    by_label: dict[str, list[Pair]] = defaultdict(list)
    for label, pair in learned_by_label(pairs):
        by_label[label].append(pair)
    if not by_label:
        return []
    cap = max(_LEAST, _MANY * min(map(len, by_label.values())))
    kept: list[tuple[str, Pair]] = []
    for label, found in by_label.items():
        dice.shuffle(found)
        kept += [(label, pair) for pair in found[:cap]]
    dice.shuffle(kept)
    return kept[:most]


def _strangers(kept: Sequence[tuple[str, Pair]], dice: random.Random) -> list[tuple[str, Pair]]:
    """Pairs of one topic's first text and another topic's second: neither for nor against."""
    if {label for label, _ in kept} - {"attack", "support"}:
        return []
    pairs = [pair for _, pair in kept if pair.group]
    drawn = [dice.sample(pairs, 2) for _ in range(int(_STRANGERS * len(pairs)))] if pairs else []
    return [
        ("neither", Pair(a.first, b.second, conflict=False, relation="neither", group=a.group))
        for a, b in drawn
        if a.group != b.group
    ]


def _of(label: str, pair: Pair, name: str, motion: bool, dice: random.Random) -> list[Example]:
    first, second = pair.first, pair.second
    group = f"{name}:{first}"
    if label in ("same", "other"):
        return [
            _example(relation.ask_same(first, second), "yes" if label == "same" else "no", group)
        ]
    made: list[Example] = []
    if pair.same is not None and dice.random() < 0.5:
        made.append(_example(relation.ask_same(first, second), "yes" if pair.same else "no", group))
    denial = as_denial(first)
    if denial is not None and label in _OPPOSITE:
        if dice.random() < _DENIED:
            said = _shouted(denial) if dice.random() < 0.5 else denial
            ends = (first, said) if dice.random() < 0.5 else (said, first)
            made.append(_example(relation.ask_relation(*ends), "attack", group))
        if dice.random() < _DENIED:
            first, label = denial, _OPPOSITE[label]
    # A claim that everybody's statement is held against is a debate's motion.
    if motion and dice.random() < _ASKED:
        first = as_question(first)
    elif motion and label in _OPENINGS and dice.random() < _SPOKEN:
        first, second = _spoken(first, second, label, dice)
    if dice.random() < _TURNED:
        first, second = second, first
    return [_example(relation.ask_relation(first, second), label, group), *made]


def as_judgement(claim: str) -> str:
    """A claim put as a judgement: "Cars should go" → "It is right that cars go"."""
    said = claim.strip().rstrip(".")
    clause = _CLAUSE.match(said)
    if clause is None or clause[2] != "should":
        return f"It is true that {_lowered(said)}."
    return f"It is right that {_lowered(clause[1])} {clause[3]}."


def _spoken(first: str, second: str, label: str, dice: random.Random) -> tuple[str, str]:
    """A motion and an answer as in a talk. One answer in two opens without saying its side, so that its
    matter is read."""
    if dice.random() < 0.5:
        return as_judgement(first), second
    return as_judgement(first), dice.choice(_OPENINGS[label]) + _lowered(second)


def _shouted(text: str) -> str:
    """With its "not" in capitals, as people write it."""
    return re.sub(r"\bnot\b", "NOT", text)


def _example(segments: tuple[Segment, ...], target: str, group: str) -> Example:
    texts = {role: "".join(s.text for s in segments if s.role == role) for role in _ROLES}
    return Example(
        system=texts["system"],
        user=texts["user"],
        prefix=texts["assistant"],
        target=f" {target}",
        group=group,
    )


_OPPOSITE = {"attack": "support", "support": "attack"}

_ROLES = ("system", "user", "assistant")


def _lowered(text: str) -> str:
    """Without its capital, unless that is a name's as far as one can tell."""
    word = text.split(" ", 1)[0]
    if word == "I" or (len(word) > 1 and word[1:] != word[1:].lower()):
        return text
    return text[:1].lower() + text[1:]
