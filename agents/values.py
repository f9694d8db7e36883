"""Value vocabularies: a perspective names its values from one of these, or from the user's own.

`schwartz20` is the refined theory of basic human values in the 20 categories that the Touché /
ValueEval 2023 task used (Schwartz et al. 2012; Mirzakhmedova et al. 2023).
"""

from collections.abc import Iterable

from folkmoot.records.base import Frozen
from folkmoot.records.opening import VocabularyRef


class Vocabulary(Frozen):
    """A versioned list of value names with the label that prompts and reports show."""

    id: str
    version: str
    labels: dict[str, str]
    """Name → label."""

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

SCHWARTZ_20 = Vocabulary(id="schwartz20", version="touche23", labels=dict(_SCHWARTZ_20))
"""The vocabulary that a panel uses unless it brings its own."""
