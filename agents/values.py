"""Value vocabularies: a perspective names its values from one of these, or from the user's own.

`schwartz20` is the refined theory of basic human values in the 20 categories that the Touché /
ValueEval 2023 task used (Schwartz et al. 2012; Mirzakhmedova et al. 2023). Which words name a value
in a text is part of a vocabulary, so that anyone can look it up.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import Field

from folkmoot.records.base import Frozen
from folkmoot.records.opening import VocabularyRef


class Vocabulary(Frozen):
    """A versioned list of value names with the label that prompts and reports show."""

    id: str
    version: str
    labels: dict[str, str]
    """Name → label."""
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Name → words and phrases that name the value in a text; a star stands for any ending. A value
    without any is named by its label."""

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are not in the vocabulary, in the order given."""
        return [name for name in names if name not in self.labels]

    def ref(self, names: Iterable[str]) -> VocabularyRef:
        """The vocabulary as the record holds it, with the labels of these names.

        Raises:
            KeyError: a name is not in the vocabulary.
        """
        labels = {name: self.labels[name] for name in names}
        return VocabularyRef(id=self.id, version=self.version, labels=labels)


_SCHWARTZ_20 = (
    ("self-direction-thought", "self-direction: thought"),
    ("self-direction-action", "self-direction: action"),
    ("stimulation", "stimulation"),
    ("hedonism", "hedonism"),
    ("achievement", "achievement"),
    ("power-dominance", "power: dominance"),
    ("power-resources", "power: resources"),
    ("face", "face"),
    ("security-personal", "security: personal"),
    ("security-societal", "security: societal"),
    ("tradition", "tradition"),
    ("conformity-rules", "conformity: rules"),
    ("conformity-interpersonal", "conformity: interpersonal"),
    ("humility", "humility"),
    ("benevolence-caring", "benevolence: caring"),
    ("benevolence-dependability", "benevolence: dependability"),
    ("universalism-concern", "universalism: concern"),
    ("universalism-nature", "universalism: nature"),
    ("universalism-tolerance", "universalism: tolerance"),
    ("universalism-objectivity", "universalism: objectivity"),
)

_WORDS = {
    "self-direction-thought": "creativ*, curio*, imagination, free speech, freedom of speech, "
    "freedom of thought, freedom of expression, express*, open mind*, own opinion*, own view*, "
    "own ideas, think for *, new ideas, original ideas",
    "self-direction-action": "freedom, freedoms, free to, autonom*, independen*, liberty, liberties, "
    "choose, chooses, choosing, choice, choices, own decision*, decide for *, privacy, private, "
    "self-determination, consent*, personal decision*, control over *, their own li*, own path",
    "stimulation": "excit*, adventur*, thrill*, novelty, variety, challenging, boring, boredom, "
    "new experience*, try new, daring",
    "hedonism": "fun, pleasur*, enjoy*, entertain*, indulg*, happiness, leisure, relax*",
    "achievement": "achiev*, succe*, ambitio*, talent*, excel*, skill*, competen*, accomplish*, "
    "intelligen*, educat*, learn*, career*, efficien*, productiv*, performance, merit*, progress*, "
    "potential, abilit*, student*",
    "power-dominance": "power, powers, powerful, dominan*, dominat*, authority over, influence over, "
    "superior*, sovereign*, in charge, leverage, bargaining",
    "power-resources": "wealth*, money, rich, profit*, income*, earn*, fortune, econom*, financ*, "
    "afford*, market value, lucrative, cost*, expens*, debt*, invest*",
    "face": "reputation*, dignity, humiliat*, shame, ashamed, embarrass*, prestige, public image, "
    "self-esteem, respected, stigma*, honour*, honor*, bully*, bullie*",
    "security-personal": "safe, safer, safety, health*, well-being, wellbeing, stability, stable, "
    "secure, security, protect*, harm*, risk*, danger*, disease*, injur*, suffer*, illness*, pain, "
    "family, families, home, homes, job, jobs, poverty, basic needs, mental, debt*, depress*",
    "security-societal": "crime*, criminal*, terror*, national security, public safety, war, wars, "
    "border*, social order, stability of *, law and order, society, violen*, militar*, weapon*, "
    "economy, public health, threat*, attack*",
    "tradition": "tradition*, religio*, faith*, custom, customs, heritage, ancest*, sacred, church*, "
    "god, marriage, culture, cultural, preserv*, holy, way of life",
    "conformity-rules": "law, laws, legal, legally, illegal*, rule, rules, obey*, complian*, comply, "
    "regulation*, regulat*, enforce*, crime*, criminal*, prohibit*, disciplin*, duty, duties, "
    "breaking the, murder*, wrong",
    "conformity-interpersonal": "polite*, manners, courte*, offend*, offensive, considerate, rude, "
    "upset others, disturb*, hurtful, bully*, bullie*",
    "humility": "humble*, humility, modest*, arrogan*, boast*, vanity, pride, selfish*, greed*",
    "benevolence-caring": "care, cares, cared, caring, help, helps, helped, helping, kind, kindness, "
    "compassion*, love*, loving, friend*, support*, family, families, child*, parent*, kids, "
    "comfort*, welfare, assist*, foster*",
    "benevolence-dependability": "trust*, loyal*, reliab*, dependab*, promis*, faithful*, "
    "commitment*, responsib*, keep one's word, betray*, friendship*, rely on, count on",
    "universalism-concern": "justice, fair, fairer, fairness, fairly, unfair*, equal*, inequal*, "
    "rights, human right*, unjust*, poor, poverty, discriminat*, vulnerable, disadvantage*, "
    "oppress*, innocent, peace*, victim*, exploit*, minorit*, inhuman*, right to, underprivileged",
    "universalism-nature": "environment*, nature, climate, pollut*, ecolog*, animal*, wildlife, "
    "planet, sustainab*, species, emission*, carbon, biodiversity, conservation",
    "universalism-tolerance": "toleran*, accept others, accepting, diversity, diverse, inclusi*, "
    "mutual understanding, different cultures, different opinion*, different people, respect for *, "
    "open to other*, multicultur*, language*",
    "universalism-objectivity": "truth*, objectiv*, evidence, scien*, fact, facts, factual, logic*, "
    "rational*, unbiased, bias, biased, accura*, misinform*, fake news, research*, honest*, "
    "information, proven, transparen*",
}

SCHWARTZ_20 = Vocabulary(
    id="schwartz20",
    version="touche23",
    labels=dict(_SCHWARTZ_20),
    words={name: tuple(words.split(", ")) for name, words in _WORDS.items()},
)
"""The vocabulary that a panel uses unless it brings its own. Its word list is the library's."""


def values_in(text: str, vocabulary: Vocabulary = SCHWARTZ_20) -> Mapping[str, tuple[int, int]]:
    """The values that a text names, by the vocabulary's words, in the vocabulary's order.

    Whole words, in any case. What is named may be denied or feared: "unsafe" names no safety, but
    "not safe" does. A list of words finds what is said, not what is meant.

    Returns:
        Value → where its first word stands: codepoints from–to, the end exclusive.
    """
    found = {
        name: pattern.search(text)
        for name, pattern in _patterns(
            tuple(
                (n, vocabulary.words.get(n) or (label,)) for n, label in vocabulary.labels.items()
            )
        )
    }
    return {name: match.span() for name, match in found.items() if match is not None}


@lru_cache(maxsize=32)
def _patterns(
    words: tuple[tuple[str, tuple[str, ...]], ...],
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    def one(word: str) -> str:
        return r"\s+".join(re.escape(part).replace(r"\*", r"\w*") for part in word.split())

    return tuple(
        (name, re.compile(rf"\b(?:{'|'.join(map(one, each))})\b", re.IGNORECASE))
        for name, each in words
    )
