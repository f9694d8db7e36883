"""Say: seats say something on a task of the protocol's own."""

from collections.abc import Callable

from folkmoot.agents import voice
from folkmoot.protocols.hearing import Hearing, HearingOf, filterings, hears
from folkmoot.protocols.stage import Calls, seated
from folkmoot.protocols.turns import in_order, turn
from folkmoot.records import Call, Party, Record, Reply, Transcript, Turn
from folkmoot.records.acts import TurnRole
from folkmoot.records.base import Frozen

Task = str | Callable[[Transcript, Party], str]
"""A text, in which `{options}` stands for the options, one a line; or a function of the record that
gives the seat its text, "" for a seat that has nothing to say."""

Argues = str | Callable[[Transcript, Party], str | None]
"""An option, or a function of the record that gives the seat's option, None for none."""


class Say(Frozen, arbitrary_types_allowed=True):
    """Each seat hears, is given its task, and says one message.

    One mechanism for all that is said beside plain answers: arguing for a side, asking, refuting,
    reporting, putting together.
    """

    task: Task
    seats: tuple[str, ...] | None = None
    """Who speaks; None for all."""
    role: TurnRole = "statement"
    argues: Argues | None = None
    """The option that the messages are meant as reasons for, on a choice question; `held` for what
    each seat holds."""
    answers: str | None = None
    """The seat whose latest message is answered."""
    opened: str = "Answer:"
    """How every message begins."""
    hearing: HearingOf = Hearing()
    purpose: str = "say"
    name: str = "say"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call for each seat that has a task."""
        return self._calls(seen, self.hearing)

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if no filter held anything back."""
        return self._calls(seen, self.hearing.widest)

    def _calls(self, seen: Transcript, hearing: Hearing) -> tuple[Call, ...]:
        calls = Calls(seen)
        heard = hears(seen, hearing)
        for party in seated(seen, self.seats):
            task = task_for(self.task, seen, party)
            if task:
                segments = (
                    *heard[party.seat].common(seen.opening.question),
                    voice.own(party),
                    voice.task(task),
                    voice.opened(self.opened),
                )
                calls.generate(party, self.purpose, segments)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A message for each seat that spoke, numbered in the round's seeded order."""
        said = {reply.seat: reply for reply in replies}
        to = _latest(seen, self.answers)
        turns = tuple(
            turn(
                seen,
                reply,
                place,
                self.role,
                answer=self._answer(seen, reply.seat),
                replies_to=() if to is None else (to.id,),
            )
            for place, reply in enumerate(in_order(seen, said))
        )
        return (*filterings(hears(seen, self.hearing), [*said]), *turns)

    def _answer(self, seen: Transcript, seat: str) -> str | None:
        if self.argues is None or isinstance(self.argues, str):
            return self.argues
        return self.argues(seen, seen.opening.party(seat))


def held(seen: Transcript, party: Party) -> str | None:
    """What the seat holds: the choice of its last valid stance; None if it never took one."""
    last = seen.last_stand(party.seat)
    return None if last is None else last.choice


def task_for(task: Task, seen: Transcript, party: Party) -> str:
    """The text that a seat is given."""
    if not isinstance(task, str):
        return task(seen, party)
    options = seen.opening.options
    shown = "" if options is None else voice.options_block(voice.choice(options))
    return task.replace("{options}", shown)


def _latest(seen: Transcript, seat: str | None) -> Turn | None:
    said = [each for each in seen.spoken() if each.seat == seat]
    return said[-1] if said else None
