"""Turn orders: whether seats act all at once, or one after the other, and then in which order."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal, cast

from pydantic import field_validator

from folkmoot.agents import shuffled
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.parts import Part
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stage import Bounded, Stage
from folkmoot.records import Call, Record, Reply, Transcript
from folkmoot.records.base import Frozen

Order = Literal["simultaneous", "fixed", "shuffled", "rotating"]
"""simultaneous: all at once. fixed: in the setting's order in every round. shuffled: in an order drawn
from the run's seed for each round. rotating: round r begins with the r-th seat, from 0, and goes
round, so that over as many rounds as seats every seat stands once in every position (a cyclic Latin
square)."""


class OneSeat(Frozen, ABC, arbitrary_types_allowed=True):
    """A stage for one seat of those that take turns: which one, a subclass says."""

    stage: Stage
    """Any of which `seats` says who takes part."""
    among: tuple[str, ...]
    """The seats that take turns."""

    @field_validator("stage", mode="before")
    @classmethod
    def _can_be_alone(cls, stage: Any) -> Any:
        if not isinstance(stage, Frozen) or "seats" not in type(stage).model_fields:
            raise TypeError(f"{stage!r} has no field 'seats', so it cannot take turns")
        return stage

    @property
    def name(self) -> str:
        """The stage's own."""
        return self.stage.name

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """The stage's calls to the seat."""
        return self._alone(self._seat(seen)).ask(seen)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The most that the stage may ask the seat."""
        return self._most(seen, self._seat(seen))

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """What the stage tells of the seat."""
        return self._alone(self._seat(seen)).tell(seen, replies)

    @abstractmethod
    def _seat(self, seen: Transcript) -> str:
        """Whose turn it is."""

    def _most(self, seen: Transcript, seat: str) -> tuple[Call, ...]:
        stage = self._alone(seat)
        return stage.at_most(seen) if isinstance(stage, Bounded) else stage.ask(seen)

    def _alone(self, seat: str) -> Stage:
        update: dict[str, Any] = {"seats": (seat,)}
        hearing = getattr(self.stage, "hearing", None)
        if isinstance(hearing, Hearing):
            update["hearing"] = hearing.model_copy(update={"same_round": True})
        return cast(Stage, cast(Frozen, self.stage).model_copy(update=update))


class AtPosition(OneSeat):
    """A stage for the one seat whose turn it is at a position of the round."""

    position: int
    """From 0."""
    order: Order

    def _seat(self, seen: Transcript) -> str:
        at = seen.place.round
        return speaker(self.among, self.order, self.position, seen.opening.seed, at)


def in_turn(
    stages: Stage | Sequence[Stage], setting: Setting, order: Order = "fixed"
) -> tuple[Part, ...]:
    """Stages for one seat after the other: all of the first seat's, then all of the second's.

    Later speakers of a round hear the earlier ones. In a `Repeat` each turn of it is one round.

    Args:
        stages: what a seat does in its turn. Each has a field `seats`.
        setting: whose seats take turns, in this order where it is fixed.
        order: who comes when.

    Raises:
        TypeError: a stage has no field `seats`, so it cannot be for one seat alone.
    """
    body = (stages,) if isinstance(stages, Stage) else tuple(stages)
    if order == "simultaneous":
        return body
    return tuple(
        AtPosition(stage=stage, position=position, among=setting.seats, order=order)
        for position in range(len(setting.seats))
        for stage in body
    )


def speaker(seats: Sequence[str], order: Order, position: int, seed: int, round: int) -> str:
    """Who acts at a position, from 0, of a round."""
    if order == "shuffled":
        return shuffled(seats, seed, "turn", round)[position]
    if order == "rotating":
        return seats[(position + round) % len(seats)]
    return seats[position]
