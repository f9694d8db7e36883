"""An agent: a contributed model with a declared perspective, ready to take a seat."""

import re
import unicodedata
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from folkmoot.agents.looks import looks
from folkmoot.agents.perspective import Perspective
from folkmoot.agents.values import Vocabulary
from folkmoot.records import Party, Sampling
from folkmoot.records.base import Frozen
from folkmoot.records.letters import hidden
from folkmoot.records.opening import StanceSource
from folkmoot.records.treat import NOBODY

_LISTING: Final = frozenset(',;:()[]"\u201c\u201d')
"""What sets names apart from each other and from words in the lines of an answer."""
_OURS: Final = re.compile(r"(?:M|cf)\d+", re.IGNORECASE)
"""Names of messages and of conflicts."""


def _readable(name: str) -> str:
    """A name that nobody can take for two, for another one, or for words of an answer."""
    if any(map(hidden, name)):
        raise ValueError("a seat's name has no hidden characters")
    # Full-width forms read as the marks that they stand for.
    if held := sorted(_LISTING.intersection(unicodedata.normalize("NFKC", name))):
        raise ValueError(
            f"a seat's name has no {' '.join(held)}: answers list names with marks of this kind"
        )
    if _OURS.fullmatch(name) or looks(name) == NOBODY:
        raise ValueError(
            f"{name!r} is what answers call something else: give the seat another name"
        )
    return name


SeatName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f<>]+$"),
    AfterValidator(_readable),
]


class Contribution(Frozen):
    """A model that somebody brings: which, under what licence, by whom, for what."""

    model: str = Field(min_length=1)
    """A name the pool knows, a folder, or a hub id."""
    licence: str | None = None
    contributor: str | None = None
    perspective: Perspective = Perspective()
    """What its contributor declares that it speaks for."""
    priorities: tuple[str, ...] = ()
    """Task sets that it was made for."""


class Agent(Contribution):
    """A contribution with a name. `Agent("nurse", model="smollm2", …)`.

    Raises:
        pydantic.ValidationError: a field is missing or has the wrong form; the message names it.
    """

    name: SeatName
    """The seat's name on the panel. It appears in the record, and in a prompt only where a protocol
    shows who said what."""
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
    def of(
        cls, contribution: Contribution, name: str, perspective: Perspective | None = None
    ) -> "Agent":
        """Seat a contribution, under its own perspective or another one."""
        brought = {field: getattr(contribution, field) for field in Contribution.model_fields}
        if perspective is not None:
            brought["perspective"] = perspective
        return cls(name, **brought)

    def party(self, vocabulary: Vocabulary | None) -> Party:
        """The agent as the record holds it; its values are named from this vocabulary."""
        values = self.perspective.values
        return Party(
            seat=self.name,
            model=self.model,
            statement=self.perspective.statement,
            values=values,
            vocabulary=vocabulary.ref(values) if vocabulary is not None and values else None,
            red_lines=self.perspective.red_lines,
            contributor=self.contributor,
            licence=self.licence,
            priorities=self.priorities or None,
            stance=self.stance,
            sampling=self.sampling,
        )
