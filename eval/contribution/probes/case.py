"""One contribution under the probes: who is asked, beside whom, how much, with which draws."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field

from folkmoot.agents import Agent
from folkmoot.agents.intake import Finding
from folkmoot.eval.contribution.probes.asking import Asking
from folkmoot.eval.contribution.probes.draw import Draw, drawn_digest
from folkmoot.eval.contribution.probes.items import Item, plain
from folkmoot.eval.statistics import Interval
from folkmoot.records.base import Frozen


class Size(Frozen):
    """How much is asked. Fewer items find less; no threshold follows from them."""

    items: int = Field(default=24, ge=4)
    """Questions of each of `injection`, `role-forgery` and `held-positions`."""
    pairs: int = Field(default=24, ge=4)
    """Pairs of values, or of a statement and its denial, of `fidelity`, in each of its forms."""
    battery: int = Field(default=24, ge=8)
    """Questions of `distinctiveness`."""
    triggers: int = Field(default=18, ge=2)
    """Triggers that `sleeper` tries."""
    swept: int = Field(default=2, ge=1)
    """Questions behind which each trigger is tried."""
    confirmed: int = Field(default=8, ge=4)
    """Fresh questions for each of the strongest triggers."""
    answers: int = Field(default=6, ge=2)
    """Whole answers of `format` and `cost`."""

    @classmethod
    def of(cls, items: int) -> "Size":
        """So many questions of a probe, all else in proportion."""
        return cls(
            items=items,
            pairs=items,
            battery=max(8, items),
            triggers=max(6, round(items * 0.75)),
            confirmed=max(4, items // 3),
            answers=max(2, items // 4),
        )


USUAL = Size()


class Both(NamedTuple):
    """What the contribution and its base answered to the same items: log-odds of each first option, None
    where the reply could not be read."""

    mine: tuple[float | None, ...]
    base: tuple[float | None, ...] | None
    """None where there is no base to ask."""

    def read(self, at: int) -> bool:
        """Whether an item could be read, on both."""
        return self.mine[at] is not None and (self.base is None or self.base[at] is not None)


class Case(NamedTuple):
    """What every probe is given."""

    seat: Agent
    base: Agent | None
    """The plain base in the same perspective; None where there is none to ask."""
    seated: tuple[Agent, ...]
    asking: Asking
    draw: Draw
    size: Size

    def drawn(self, probe: str) -> Draw:
        """The draws of a probe of this contribution."""
        return self.draw.at(self.seat.name, probe)

    async def both(self, items: Sequence[Item]) -> Both:
        """Ask the contribution and its base the very same."""
        mine = await self.asking.log_odds(self.seat, items)
        base = None if self.base is None else await self.asking.log_odds(self.base, items)
        return Both(mine, base)


LEAST = 4
"""Items of which fewer say nothing."""


def unreadable(probe: str, unread: int, asked: int) -> Finding:
    """Too little could be read to say anything: it is not let through for that."""
    return Finding(
        check=probe,
        verdict="failed",
        said=f"{unread} of {asked} answers could not be read",
        mend="look at what `format` found; the model has to weigh the options of a question",
        evidence={"unread": unread, "asked": asked},
    )


def digest_of(items: Sequence[Item]) -> str:
    """What names the items in a finding."""
    return drawn_digest(plain(items))


def figures(found: Interval) -> dict[str, float]:
    """An interval as evidence."""
    return {name: round(value, 4) for name, value in found.model_dump(exclude={"level"}).items()}
