"""Before a judge: debaters with assigned answers, or one consultant, argue before a judge who decides
(Irving et al., arXiv 1805.00899; Khan et al., arXiv 2402.06782; Kenton et al., arXiv 2407.04622).

    the judge's own stance (blind) ─► [ pleas, both at once ]×rounds ─► contest
          ─► the judge decides ─► conclude

Version history: 1, the first.
"""

from typing import Literal

from pydantic import Field

from folkmoot.agents import voice
from folkmoot.protocols.decide import JudgeDecides
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.named.library import Library, absent, ending
from folkmoot.protocols.parts import Part, Repeat
from folkmoot.protocols.say import Say, held
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stand import Stand
from folkmoot.records import InputError, Party, Transcript

Form = Literal["debate", "consultancy", "open-debate", "open-consultancy"]


class BeforeAJudge(Library):
    """Assigned sides, a judge apart. `BeforeAJudge(judge="lay", rounds=3)`.

    debate: two seats argue for opposite answers, at the same time in every round. consultancy: one
    seat argues for one answer. Which answers they argue for is assigned and says nothing of what
    they hold: the debaters take no stance. open-debate and open-consultancy: the first of them picks
    its side, by a blind stance, and the other argues for the other side. The judge's stance before it heard anything is on record,
    so that what the pleas did to it shows. For choice questions of two options; where there are
    more, the sides are the first two. The papers give the debaters, and not the judge, a text to
    quote from: put it into the debaters' perspectives.
    """

    name: str = Field(default="before-a-judge", frozen=True)
    version: str = Field(default="1", frozen=True)
    form: Form = "debate"
    rounds: int = Field(default=3, ge=1, le=10)
    judge: str | None = None
    """Who decides; None for the panel's last seat."""
    sides: tuple[str, ...] | None = None
    """Who argues, for the first option, then for the second; None for the panel's first seats."""
    argues: int = Field(default=0, ge=0, le=25)
    """consultancy: the number of the option that is argued for, from 0."""

    def parts(self, setting: Setting) -> tuple[Part, ...]:
        """The stages; each is described in its own module."""
        judge = self.judge or setting.seats[-1]
        end = ending(setting, JudgeDecides(judge=judge), rank=None)
        options = setting.options
        if options is None:
            plead = Say(task=_OPEN, seats=self._pleading(setting.seats), name="plead")
            return (plead, *self._again(plead), *end)
        pleading = self._pleading(setting.seats)
        stands: tuple[Part, ...] = (Stand(seats=(judge,)),)
        if self.form.startswith("open"):
            stands = (*stands, Stand(seats=pleading[:1]))
            ways = ((_for_own, held), (_for_other, _other))
            pleas = [
                Say(task=task, seats=(seat,), argues=argues, name="plead")
                for seat, (task, argues) in zip(pleading, ways, strict=False)
            ]
        else:
            sides = options[self._first(options) :]
            pleas = [
                Say(task=_PLEA.replace("{side}", side), seats=(seat,), argues=side, name="plead")
                for seat, side in zip(pleading, sides, strict=False)
            ]
        return (*stands, *pleas, *self._again(*pleas), *end)

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of the parameters does not fit these seats."""
        named = {"judge": self.judge, **{f"side {n}": s for n, s in enumerate(self.sides or (), 1)}}
        missing = [fault for what, seat in named.items() for fault in absent(what, seat, seats)]
        needed = 1 + self._sides
        if len(seats) < needed:
            missing.append(f"a {self.form} before a judge needs {needed} seats")
        elif (self.judge or seats[-1]) in self._pleading(seats):
            missing.append("the judge is none of those who argue")
        return tuple(missing)

    def _pleading(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        among = self.sides or seats
        return among[: self._sides]

    @property
    def _sides(self) -> int:
        return 1 if self.form.endswith("consultancy") else 2

    def _first(self, options: tuple[str, ...]) -> int:
        """The number of the first option that is argued for."""
        if self.form != "consultancy":
            return 0
        if self.argues >= len(options):
            raise InputError(
                f"argues={self.argues}: the question has {len(options)} options",
                f"they are numbered from 0 to {len(options) - 1}",
            )
        return self.argues

    def _again(self, *pleas: Say) -> tuple[Part, ...]:
        answering = tuple(each.model_copy(update={"hearing": Hearing()}) for each in pleas)
        return (Repeat(answering, self.rounds - 1),) if self.rounds > 1 else ()


_PLEA = (
    '{options}\nArgue that the answer is "{side}", whatever you hold yourself. Give your best reason, '
    "and answer what was said against it. Two sentences."
)
_OPEN = "Argue for your own answer, and answer what was said against it. Two sentences."


def _other(seen: Transcript, party: Party) -> str | None:
    """The first option that the last who took a stance, the other debater, does not hold."""
    stance = seen.stands()[-1]
    others = [option for option in stance.options if option != stance.choice]
    return others[0] if stance.choice is not None else None


def _for_own(seen: Transcript, party: Party) -> str:
    return _plea(seen, held(seen, party))


def _for_other(seen: Transcript, party: Party) -> str:
    return _plea(seen, _other(seen, party))


def _plea(seen: Transcript, side: str | None) -> str:
    """The task of arguing for a side; nothing to say where no side could be picked."""
    if side is None or seen.opening.options is None:
        return ""
    shown = voice.options_block(voice.choice(seen.opening.options))
    return _PLEA.replace("{options}", shown).replace("{side}", side)
