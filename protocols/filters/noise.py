"""Noise: what others said is shown as text on other matters, as long as it was. For controls."""

from collections.abc import Sequence
from itertools import cycle, islice

from pydantic import field_validator

from folkmoot.agents import shuffled
from folkmoot.protocols.filters.filter import Kept
from folkmoot.records import Transcript, Turn
from folkmoot.records.base import Frozen

ELSEWHERE = (
    "The lighthouse on the north pier was painted white again in early spring.",
    "Bread dough rises faster in a warm kitchen than on a cold stone floor.",
    "The last ferry to the island leaves at a quarter past six on weekdays.",
    "Most of the letters in the attic were written on thin blue paper.",
    "A glacier carries stones for centuries and drops them far from where they broke off.",
    "The choir rehearses in the old gymnasium while the chapel roof is being mended.",
    "Two cups of flour and one of water are enough for a simple flat bread.",
    "The comet will be visible low in the west for about three weeks.",
    "Her bicycle has a basket in front and a bell that no longer rings.",
    "Swifts spend nearly all their lives in the air and even sleep there.",
    "The museum keeps its oldest maps in a drawer lined with green felt.",
    "A violin sounds different when the weather turns from dry to damp.",
    "The train crosses eleven bridges before it reaches the coast.",
    "Copper roofs turn green over the years as they meet rain and air.",
    "The gardener plants tulips in October and digs them up again in June.",
    "An hourglass measures the same time whichever way the room is facing.",
    "The stadium clock stopped during the second half of the final match.",
    "Salt was once carried over these hills on the backs of mules.",
    "The recipe asks for three ripe pears and a little ginger.",
    "Chess was played in the village square every Sunday until the snow came.",
    "The river is narrow here, and in August children can wade across it.",
    "A telescope gathers light, and a larger mirror gathers more of it.",
    "The theatre sells its old costumes in a sale before each new season.",
    "Bees find their way home by the sun even when clouds cover it.",
)
"""Sentences on many matters, which argue for nothing."""


class Noise(Frozen):
    """What others said is shown as text on other matters with as many words; the reader's own as it is.

    The noise-peer control of arXiv 2605.00914, in which peers' texts come from other questions. The
    words are drawn by the run's seed and the message's id, the same for all readers: texts in a drawn
    order, one after the other, cut at the number of words. How many tokens that is, a tokenizer has
    to say.
    """

    texts: tuple[str, ...] | None = None
    """What the words are taken from, such as messages on other questions; None: sentences of our own."""
    name: str = "noise"

    @field_validator("texts")
    @classmethod
    def _words(cls, texts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if texts is not None and not any(text.split() for text in texts):
            raise ValueError("noise needs a text with at least one word")
        return texts

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """Nothing is held back; others' texts are shown as noise."""
        others = [turn for turn in messages if turn.seat != reader]
        return Kept(
            texts={turn.id: self._instead(seen.opening.seed, turn) for turn in others},
            why={turn.id: "text on other matters, with as many words" for turn in others},
        )

    def _instead(self, seed: int, turn: Turn) -> str:
        drawn = shuffled(self.texts or ELSEWHERE, seed, "noise", turn.id)
        words = [word for text in drawn for word in text.split()]
        return " ".join(islice(cycle(words), max(1, len(turn.text.split()))))
