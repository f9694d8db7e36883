"""Where the seats stood after each round: folds over stances that metrics and stopping rules share."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from folkmoot.records.acts import QUESTION, Stance
from folkmoot.records.transcript import Transcript


class Standing(NamedTuple):
    """Where the seats stood on the question at the end of a round."""

    round: int
    stances: Mapping[str, Stance]
    """Seat → its last stance so far, valid or not: who was not asked again stands where it stood."""

    @property
    def choices(self) -> dict[str, str]:
        """Seat → its choice, of the seats whose last stance is valid."""
        return {
            seat: stance.choice
            for seat, stance in self.stances.items()
            if stance.state == "valid" and stance.choice is not None
        }

    @property
    def distributions(self) -> dict[str, Mapping[str, float]]:
        """Seat → the probability of each option, where it is known. An abstainer's is known too."""
        return {
            seat: stance.probabilities
            for seat, stance in self.stances.items()
            if stance.probabilities is not None
        }

    @property
    def taken(self) -> dict[str, Stance]:
        """The stances that were taken in this round itself."""
        return {seat: each for seat, each in self.stances.items() if each.round == self.round}


def standings(transcript: Transcript) -> Sequence[Standing]:
    """One for each round in which anybody was asked for a stance on the question, oldest first."""
    found: list[Standing] = []
    last: dict[str, Stance] = {}
    # Groups side by side may have held different numbers of rounds by the same step.
    for stance in sorted(transcript.stands(QUESTION), key=lambda each: each.round):
        if not found or found[-1].round != stance.round:
            found.append(Standing(stance.round, {}))
        last[stance.seat] = stance
        found[-1] = Standing(stance.round, dict(last))
    return found
