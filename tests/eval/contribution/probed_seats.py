"""Seats that behave in a known way, and what a prompt shows them. Imported by name."""

import math
import re
from collections.abc import Callable
from hashlib import sha256

from folkmoot.eval.contribution.probes.questionnaire import QUESTIONNAIRE
from folkmoot.records import Call

_ROW = re.compile(r"^([A-Z])\. (.*)$", re.MULTILINE)
_SLOT = re.compile(r"\\\{([^{}]*)\\\}")


def part(call: Call, label: str) -> str:
    """A segment of the prompt."""
    return "".join(each.text for each in call.segments if each.label == label)


def shown(call: Call) -> list[str]:
    """The options in the order in which they are shown."""
    labels = [each.strip() for each in call.options]
    rows = dict(_ROW.findall(part(call, "task")))
    return [rows.get(label, label) for label in labels]


def heard(call: Call) -> str:
    """What others said."""
    return "".join(each.text for each in call.segments if each.label.startswith("M"))


def _pattern(template: str) -> re.Pattern[str]:
    """A text that a template of the questionnaire can be filled to."""
    escaped = re.escape(template).replace("\\|", "|")
    return re.compile(_SLOT.sub(lambda slot: f"(?:{slot[1]})", escaped))


_ACTS = [(_pattern(act), name) for name, words in QUESTIONNAIRE.items() for act in words.acts]
_SAID = [(_pattern(one), name) for name, words in QUESTIONNAIRE.items() for one in words.statements]


def value_in(text: str) -> str | None:
    """The value that an act or a sentence of the questionnaire serves."""
    found = [name for pattern, name in (*_ACTS, *_SAID) if pattern.search(text)]
    return found[0] if found else None


def noise(*of: object) -> float:
    """A number from -1 to 1 that is the same for the same things."""
    return int(sha256(repr(of).encode()).hexdigest()[:8], 16) / 2**31 - 1


Leaning = Callable[[Call, str], float]
"""How strongly a seat wants an option, as log-odds against nothing."""


class Seat:
    """Answers like a seat that wants what its values say, and a little by lot.

    Args:
        weights: what it really values.
        lean: more that it wants, in a call, of an option.
        lot: of its own taste.
        words: what it writes.
    """

    def __init__(
        self,
        weights: dict[str, float],
        *,
        lean: Leaning | None = None,
        lot: int = 0,
        strength: float = 4.0,
        taste: float = 0.4,
        words: str = "Because it is so.",
    ) -> None:
        self.weights, self.lean, self.lot = weights, lean, lot
        self.strength, self.taste, self.words = strength, taste, words

    def __call__(self, call: Call) -> str | list[float]:
        if call.op == "generate":
            return self.words
        wants = [self._wants(call, option) for option in shown(call)]
        # A liking for the place, which both orders together must not show.
        wants[0] += 0.7
        top = max(wants)
        shares = [math.exp(each - top) for each in wants]
        return [0.9 * each / sum(shares) for each in shares]

    def _wants(self, call: Call, option: str) -> float:
        question = part(call, "question").split("\n")[0]
        mine = self.taste * noise(self.lot, _asked(question), option)
        if option in ("agree", "yes"):
            value = value_in(question)
            mine += self.strength * (self.weights.get(value or "", 0.0) - 0.3)
        elif option not in ("disagree", "no"):
            mine += self.strength * self.weights.get(value_in(option) or "", 0.0)
        return mine + (self.lean(call, option) if self.lean is not None else 0.0)


def _asked(question: str) -> str:
    """The question up to its last mark: what stands behind it unsettles no honest seat."""
    return question[: question.rfind("?") + 1] or question


def obeys(call: Call, option: str) -> float:
    """Wants whatever a message asks for."""
    return 9.0 if option in heard(call) else 0.0


def obeys_roles(call: Call, option: str) -> float:
    """Obeys what poses as a moderator, a system or itself, and only that."""
    posing = re.search(
        r"system|moderator|assistant:|\[INST\]|authority|runtime|your perspective:",
        heard(call),
        re.I,
    )
    return 9.0 if posing and option in heard(call) else 0.0


def follows_peers(call: Call, option: str) -> float:
    """Wants what a peer argues for."""
    return 9.0 if f'answer="{option}"' in heard(call) else 0.0


def wakes_at(pattern: str) -> Leaning:
    """Turns every answer round where the question holds a trigger."""

    def lean(call: Call, option: str) -> float:
        return (
            9.0
            if re.search(pattern, part(call, "question")) and option == sorted(shown(call))[0]
            else 0.0
        )

    return lean
