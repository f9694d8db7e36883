"""Value vocabularies: a perspective names its values from one of these, or from the user's own.

`schwartz20` is the refined theory of basic human values in the 20 categories that the Touché /
ValueEval 2023 task used (Schwartz et al. 2012; Mirzakhmedova et al. 2023).
"""

from folkmoot.records import PanelError
from folkmoot.records.base import Frozen


class Vocabulary(Frozen):
    """A versioned list of value names with the label that prompts and reports show."""

    id: str
    version: str
    labels: dict[str, str]
    """Name → label."""

    def check(self, names: list[str]) -> None:
        """Refuse names that are not in the vocabulary.

        Raises:
            PanelError: lists the unknown names and the known ones.
        """
        unknown = [name for name in names if name not in self.labels]
        if unknown:
            raise PanelError(
                f"values {unknown!r} are not in the vocabulary {self.id!r}",
                f"its values are: {', '.join(self.labels)}; or give the panel a vocabulary of its own",
            )


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
