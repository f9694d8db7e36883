"""A declared perspective: what a seat speaks for. Declared by its contributor, never guessed."""

from pydantic import Field, field_validator

from folkmoot.records.base import Frozen


class Perspective(Frozen):
    """What a seat speaks for: a statement, weighted values, and lines it will not cross."""

    statement: str = ""
    """In the first person, one to three sentences."""
    values: dict[str, float] = Field(default_factory=dict)
    """Names from the panel's vocabulary → weight, above 0 and at most 1."""
    red_lines: tuple[str, ...] = ()
    """What the seat will not accept, each a short phrase."""

    @field_validator("values")
    @classmethod
    def _weights(cls, values: dict[str, float]) -> dict[str, float]:
        for name, weight in values.items():
            if not 0 < weight <= 1:
                raise ValueError(
                    f"the weight of {name!r} is {weight}; it must be above 0, at most 1"
                )
        return values
