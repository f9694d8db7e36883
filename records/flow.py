"""How a run went its way: which checks were made and what they found, which messages were held back.

Both are rules over what was on record, and both are on record themselves: a run that ended early says
which rule ended it and at what value, and a seat that was not shown a message says why.
"""

from typing import Literal

from folkmoot.records.base import Frozen


class Check(Frozen):
    """A condition was looked at: whether a repetition ends, which way a branch goes."""

    record: Literal["check"] = "check"
    step: int
    order: int
    round: int
    rule: str
    holds: bool
    value: float | None = None
    """The figure that the rule looks at; None where it looks at none."""
    bar: float | None = None
    """What the figure is held against."""
    says: str = ""
    """In words, for people."""


class Held(Frozen):
    """A message that a filter kept from a seat, or did not show as it was said."""

    message: str
    why: str


class Filtering(Frozen):
    """What a filter showed a seat. The messages themselves stay on record as they were said."""

    record: Literal["filtering"] = "filtering"
    step: int
    order: int
    seat: str
    """Who hears."""
    round: int
    filter: str
    offered: tuple[str, ...]
    """Ids of the messages that the topology let through, oldest first."""
    shown: tuple[str, ...]
    """Those of them that the filter let through, in the order in which the seat is shown them."""
    held: tuple[Held, ...] = ()
    altered: tuple[Held, ...] = ()
    """Messages that it showed otherwise than they were said, such as cut short. What was shown is in
    the call."""
