"""An agent: a contributed model with a declared perspective, ready to take a seat."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator

from folkmoot.agents.perspective import Perspective
from folkmoot.records import PanelError, Party, Sampling
from folkmoot.records.base import Frozen
from folkmoot.records.opening import StanceSource

SeatName = Annotated[
    str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f<>]+$")
]


class Contribution(Frozen):
    """A model that somebody brings: which, under what licence, by whom, for what."""

    model: str
    """A name the pool knows, a folder, or a hub id."""
    licence: str | None = None
    contributor: str | None = None
    priorities: tuple[str, ...] = ()
    """Task sets that it was made for."""


class Agent(Frozen):
    """A contribution with a name and a perspective. `Agent("nurse", model="smollm2", …)`.

    Raises:
        pydantic.ValidationError: a field is missing or has the wrong form; the message names it.
    """

    name: SeatName
    """The seat's name on the panel. It appears in the record, never in a prompt."""
    model: str = Field(min_length=1)
    perspective: Perspective = Perspective()
    licence: str | None = None
    contributor: str | None = None
    priorities: tuple[str, ...] = ()
    stance: StanceSource = "probabilities"
    """How its stance on a choice question is read: "probabilities" weighs the options in both
    orders (right for small models); "stated" asks for guided JSON (for models that can write it)."""
    sampling: Sampling = Sampling()

    def __init__(self, name: str | None = None, /, **fields: Any) -> None:
        super().__init__(**({"name": name} if name is not None else {}), **fields)

    @field_validator("name")
    @classmethod
    def _stripped(cls, name: str) -> str:
        if name != name.strip():
            raise ValueError("a seat's name has no white space around it")
        return name

    @classmethod
    def of(cls, contribution: Contribution, name: str, perspective: Perspective) -> "Agent":
        """Seat a contribution under a perspective."""
        return cls(name, perspective=perspective, **contribution.model_dump())

    def party(self) -> Party:
        """The agent as the record holds it."""
        return Party(
            seat=self.name,
            model=self.model,
            statement=self.perspective.statement,
            values=self.perspective.values,
            red_lines=self.perspective.red_lines,
            contributor=self.contributor,
            licence=self.licence,
            stance=self.stance,
            sampling=self.sampling,
        )

    def check(self) -> None:
        """Refuse seeds in the sampling: a run draws one per call from its own seed.

        Raises:
            PanelError: the agent fixes a seed.
        """
        if self.sampling.seed is not None:
            raise PanelError(
                f"agent {self.name!r} fixes sampling.seed",
                "leave it out: every call gets a seed of its own from the run's seed",
            )
