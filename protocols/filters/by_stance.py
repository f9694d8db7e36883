"""Filters by what messages argue for, and by how sure their speakers were.

A message that argues for no option, such as any on an open question, cannot be told apart so: it is
shown. So is everything to a reader that has taken no stance.
"""

from collections import Counter
from collections.abc import Sequence

from pydantic import Field

from folkmoot.protocols.filters.filter import Kept
from folkmoot.records import Transcript, Turn
from folkmoot.records.base import Frozen


class TopK(Frozen):
    """Of each round, the k messages of which the speakers were surest, for all readers the same.

    Certainty is the probability that the speaker's stance gave to the option that the message
    argues for. Where it was not measured it comes after all that were; of equals the earlier stays.
    """

    k: int = Field(default=2, ge=1)
    name: str = "top-k"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """All but the k surest of each round are held back."""
        sure = {turn.id: certainty(seen, turn) for turn in messages}
        held: dict[str, str] = {}
        for round in {turn.round for turn in messages}:
            ranked = sorted(
                (turn for turn in messages if turn.round == round),
                key=lambda turn: -1.0 if (found := sure[turn.id]) is None else -found - 1,
            )
            for turn in ranked[self.k :]:
                known = sure[turn.id]
                figure = "certainty not measured" if known is None else f"certainty {known:.2f}"
                held[turn.id] = f"not among the {self.k} surest of round {round}: {figure}"
        return Kept(held)


class SupportOnly(Frozen):
    """The messages that argue for what the reader holds, and its own."""

    name: str = "support-only"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """Others' messages for another option are held back."""
        mine = _held_by(seen, reader)
        return Kept(
            {
                turn.id: f"argues for {turn.answer!r}, the reader holds {mine!r}"
                for turn in messages
                if mine is not None and turn.answer not in (None, mine) and turn.seat != reader
            }
        )


class DisagreeOnly(Frozen):
    """The messages that argue for another option than the reader holds, and its own."""

    name: str = "disagree-only"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """Others' messages for the reader's own option are held back."""
        mine = _held_by(seen, reader)
        return Kept(
            {
                turn.id: f"argues for {mine!r}, as the reader does"
                for turn in messages
                if mine is not None and turn.answer == mine and turn.seat != reader
            }
        )


class Dar(Frozen):
    """Diversity-aware retention: messages that differ from the reader and from the majority.

    Of others' messages those are kept that argue for another option than the reader holds, and
    for another than the one most speakers argued for last. Where two options lead there is no
    majority, and the reader's own option alone counts. The criteria of arXiv 2603.20640, whose
    selector is a model; here a rule over the answers.
    """

    name: str = "dar"

    def keep(self, seen: Transcript, reader: str, messages: Sequence[Turn]) -> Kept:
        """Others' messages for the reader's option or the majority's are held back."""
        mine, most = _held_by(seen, reader), _majority(messages)
        held: dict[str, str] = {}
        for turn in messages:
            if turn.seat == reader or turn.answer is None:
                continue
            same = [
                who
                for who, option in (("the reader", mine), ("the majority", most))
                if option == turn.answer
            ]
            if same:
                held[turn.id] = f"argues for {turn.answer!r}, as {' and '.join(same)} does"
        return Kept(held)


def certainty(seen: Transcript, turn: Turn) -> float | None:
    """The probability that the speaker's stance gave to what the message argues for.

    None where the stance was stated, where there is none, or where it had changed.
    """
    taken = [
        stance
        for stance in seen.stands(seat=turn.seat)
        if stance.round == turn.round and stance.step < turn.step
    ]
    if not taken or taken[-1].choice is None or taken[-1].choice != turn.answer:
        return None
    return (taken[-1].probabilities or {}).get(taken[-1].choice)


def _held_by(seen: Transcript, reader: str) -> str | None:
    taken = seen.stands(seat=reader)
    return taken[-1].choice if taken else None


def _majority(messages: Sequence[Turn]) -> str | None:
    """The option that most speakers argued for last, of those who argued for any; None for a tie."""
    latest = {turn.seat: turn.answer for turn in messages if turn.answer is not None}
    first = Counter(latest.values()).most_common(2)
    if not first or (len(first) > 1 and first[0][1] == first[1][1]):
        return None
    return first[0][0]
