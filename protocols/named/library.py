"""What the protocols of the library share: how they are declared, how they begin and how they end."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from folkmoot.protocols.account import Account
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.condition import Condition
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.judge import Judge
from folkmoot.protocols.parts import Part, Repeat
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stage import Stage
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.table import Which
from folkmoot.protocols.topology import Topology
from folkmoot.records.base import Frozen

RuleOf = Annotated[Rule, BeforeValidator(Rule.of)]
"""A decision rule, or whatever `Rule.of` takes."""

TopologyOf = Annotated[Topology, BeforeValidator(Topology.of)]
"""A topology, or whatever `Topology.of` takes."""


HEARING, RANK = Hearing(), Rank()
"""Everybody hears everybody; everybody ranks."""


class Library(Frozen):
    """A protocol of the library: frozen, its parameters are its fields, its docstring is its page."""

    name: str
    version: str

    def params(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"name", "version"})

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        return ()


def absent(what: str, seat: str | None, seats: tuple[str, ...]) -> tuple[str, ...]:
    """The fault of a parameter that names a seat which is not on the panel; () if it is, or is None."""
    if seat is None or seat in seats:
        return ()
    return (f"the {what} {seat!r} has no seat on the panel ({', '.join(seats)})",)


def lonely(what: str, seats: tuple[str, ...]) -> tuple[str, ...]:
    """The fault of a panel of one where somebody is to be examined or contradicted by others."""
    return (f"nobody can be {what}: there is one seat alone",) if len(seats) < 2 else ()


def blind(setting: Setting, seats: tuple[str, ...] | None = None) -> tuple[Part, ...]:
    """First answers that nobody has heard: a stance and its reason; on an open question an answer."""
    if setting.open_question:
        return (Speak(seats=seats),)
    return (Stand(seats=seats), Speak(seats=seats))


def exchange(setting: Setting, hearing: Hearing = HEARING) -> tuple[Stage, ...]:
    """A round in which everybody hears and speaks: a stance, what moved it, its reason; on an open
    question an answer."""
    if setting.open_question:
        return (Speak(hearing=hearing),)
    return (Stand(hearing=hearing), Account(hearing=hearing), Speak(hearing=hearing))


def rounds(
    at_most: int, body: tuple[Part, ...], until: Condition | None = None
) -> tuple[Part, ...]:
    """A repetition; nothing where there are no rounds."""
    return (Repeat(body, at_most, until),) if at_most else ()


def ending(
    setting: Setting,
    decide: Decide | Any,
    judged: Which | None = None,
    rank: Rank | None = RANK,
) -> tuple[Part, ...]:
    """Claims are judged, conflicts drawn up, then it is decided and the answer put together.

    Args:
        setting: for whom.
        decide: the stage that decides.
        judged: which messages every seat judges, so that conflicts below the question show.
        rank: how the answers to an open question are ranked first; None: they are not.
    """
    judge: tuple[Part, ...] = () if judged is None else (Judge(which=judged),)
    ranked: tuple[Part, ...] = (rank,) if setting.open_question and rank is not None else ()
    return (*judge, *ranked, Contest(), decide, Conclude())


def last_stances(setting: Setting) -> tuple[Part, ...]:
    """On a choice question: a round of stances, and what moved those who moved."""
    return () if setting.open_question else rounds(1, (Stand(), Account()))
