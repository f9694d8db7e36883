"""A protocol that a user puts together: parts, a name and a version."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field, field_validator

from folkmoot.protocols.clerk import CLERK, NAMED_CLERK, Clerk
from folkmoot.protocols.condition import as_condition
from folkmoot.protocols.parts import FanIn, Gate, Part, Repeat, is_stage, stages, walk
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stage import as_stage
from folkmoot.protocols.written import written
from folkmoot.records.base import Frozen


class Composed(Frozen, arbitrary_types_allowed=True):
    """Parts under a name. `Composed(name="two-rounds", parts=(Stand(), …, Conclude()))`.

    Its parameters are its parts, written out, with a digest of the source of every function in
    them: so a run of it can be taken up from its record, as long as the functions are the same.
    """

    name: str = Field(min_length=1)
    version: str = Field(default="1", min_length=1)
    for_choice: tuple[Any, ...] = Field(alias="parts")
    """The parts; of type `Part`."""
    for_open: tuple[Any, ...] | None = Field(default=None, alias="open_parts")
    """The parts for an open question; None: the same ones."""

    @field_validator("for_choice", "for_open")
    @classmethod
    def _usable(cls, given: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        try:
            _require_usable(given or ())
        except TypeError as error:
            raise ValueError(str(error)) from error
        return given

    def params(self) -> dict[str, Any]:
        """The parts as JSON values.

        Raises:
            TypeError: a stage or a condition is a plain object, which has no lasting description.
        """
        parts = {"parts": written(self.for_choice, pinned=True)}
        if self.for_open is None:
            return parts
        return {**parts, "open_parts": written(self.for_open, pinned=True)}

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The parts for this kind of question."""
        if setting.open_question and self.for_open is not None:
            return self.for_open
        return self.for_choice

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """A seat that goes by the name of the clerk, if one is asked. What else is wrong with parts is
        found by looking at them."""
        asked = any(
            isinstance(each, Clerk) for each in stages(self.for_choice + (self.for_open or ()))
        )
        return (NAMED_CLERK,) if asked and CLERK in seats else ()


def _require_usable(parts: Sequence[Any]) -> None:
    for part in walk(parts):
        if isinstance(part, Gate):
            as_condition(part.when)
        if isinstance(part, Repeat) and part.until is not None:
            as_condition(part.until)
        if isinstance(part, FanIn):
            as_stage(part.stage)
        elif is_stage(part):
            as_stage(part)
