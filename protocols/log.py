"""Log: how a run's conflicts are found, and what is asked of dissenters. Any protocol takes one."""

from typing import Any

from pydantic import Field, model_validator

from folkmoot.records.base import Frozen
from folkmoot.records.terms import Layer

LAYERS: tuple[Layer, ...] = ("protocol_act", "rule", "clerk", "llm")
"""Cheapest first."""


class Log(Frozen):
    """The layers of conflict detection, cheapest first, and what comes after the decision.

    The first two ask no model: what seats declared, and rules over stances and ballots. A clerk, and
    a large model in its place, are asked only where they are named.
    """

    layers: tuple[Layer, ...] = LAYERS
    """Which layers draw up conflicts; the others are switched off."""
    declare: bool = False
    """Whether every seat is asked, before conflicts are drawn up, what it does with the others'
    messages: one guided call a seat."""
    clerk: str | None = None
    """The model that judges pairs of claims (layer 3), such as `smollm2-clerk`; None: none does."""
    llm: str | None = None
    """The large model that judges pairs of claims by votes in guided JSON (layer 4)."""
    votes: int = Field(default=3, ge=1, le=99)
    """Of the large model, on each pair."""
    pairs: int = Field(default=40, ge=1, le=2000)
    """Pairs of claims that a clerk judges at most; the nearest ones."""
    same: bool = True
    """Whether who judges pairs is asked, too, which of those that go together make the same point."""
    embed: str | None = None
    """The model whose vectors say which claims are near; None: the words that claims share."""
    ratify: bool = False
    """Whether each dissenter confirms or corrects the statement of its dissent."""
    reopen: bool = False
    """Whether each dissenter says what would have to be shown for its conflict to be reopened."""
    writer: str | None = None
    """The model that writes the answer, from what stands in the record; None: it is composed by rule."""

    @model_validator(mode="after")
    def _consistent(self) -> "Log":
        for layer, model in (("clerk", self.clerk), ("llm", self.llm)):
            if model is not None and layer not in self.layers:
                raise ValueError(f"{layer} is {model!r}, but that layer is switched off")
        if self.declare and "protocol_act" not in self.layers:
            raise ValueError("seats declare their acts, but that layer is switched off")
        if self.embed is not None and self.clerk is None and self.llm is None:
            raise ValueError(
                f"embed is {self.embed!r}, but nobody is named to judge pairs: clerk or llm"
            )
        return self

    def params(self) -> dict[str, Any]:
        """What differs from the default, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)
