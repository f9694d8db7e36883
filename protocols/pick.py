"""A scheduler that picks who acts next: the stage that asks it, and the stage for whom it picked (the
control of a blackboard; Erman et al., ACM Computing Surveys 12(2), 1980)."""

from collections import Counter
from collections.abc import Sequence

from folkmoot.agents import voice
from folkmoot.protocols.order import OneSeat
from folkmoot.protocols.stage import Calls, Stage
from folkmoot.protocols.table import claims
from folkmoot.protocols.weighed import weighed
from folkmoot.records import Call, Record, Reply, Transcript, Turn
from folkmoot.records.acts import NEXT
from folkmoot.records.base import Frozen


class Pick(Frozen):
    """One seat reads everything and says whose author should act next, of the latest message of each
    seat, in both orders. It does not learn who that is.

    It goes first into the body of a repetition, before stages that are `Picked`.
    """

    seat: str
    """The scheduler. It may pick itself, where it is among them."""
    among: tuple[str, ...]
    """Whom it can pick."""
    name: str = "pick"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls; none where there is nobody to choose between."""
        calls, latest = Calls(seen), self._latest(seen)
        party = seen.opening.party(self.seat)
        for reverse in (False, True) if len(latest) > 1 else ():
            laid_out = voice.choice([turn.text for turn in latest], reverse=reverse)
            segments = (
                *voice.common(seen.opening.question, seen.spoken()),
                voice.own(party),
                voice.task(
                    f"{voice.options_block(laid_out)}\n"
                    "You keep the board. The author of which of these should write on it next?"
                ),
                voice.opened("Answer:"),
            )
            calls.choose(party, "pick", segments, laid_out.continuations)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The scheduler's stance on whose message it is: the options are their ids."""
        if not replies:
            return ()
        ids = tuple(turn.id for turn in self._latest(seen))
        return (weighed(seen, self.seat, ids, replies, NEXT),)

    def _latest(self, seen: Transcript) -> list[Turn]:
        """At most one letter each."""
        said = [turn for turn in claims(seen, "latest") if turn.seat in self.among]
        return said[-len(voice.LETTERS) :]


class Picked(OneSeat):
    """A stage for the one seat that was picked in this round. Where the pick was no choice, it is the
    seat that has spoken least, the first of these."""

    def _seat(self, seen: Transcript) -> str:
        last = [each for each in seen.stands(NEXT) if each.round == seen.place.round][-1:]
        if last and last[0].choice is not None:
            return seen.turn(last[0].choice).seat
        spoken = Counter(turn.seat for turn in seen.turns if turn.round < seen.place.round)
        return min(self.among, key=lambda seat: spoken[seat])

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """What the stage asks the seat that it asks the most."""
        return max((self._most(seen, seat) for seat in self.among), key=_letters)

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """What the stage tells of the seat that was asked."""
        # Of the seat that replied: where the most is asked, that is not the one that was picked.
        seat = replies[0].seat if replies else self._seat(seen)
        return self._alone(seat).tell(seen, replies)


def _letters(calls: Sequence[Call]) -> tuple[int, int]:
    return len(calls), sum(len(segment.text) for call in calls for segment in call.segments)


def picked(stages: Sequence[Stage], among: Sequence[str]) -> tuple[Picked, ...]:
    """Stages for the seat that was picked: each has a field `seats`.

    Raises:
        TypeError: a stage has no such field.
    """
    return tuple(Picked(stage=stage, among=tuple(among)) for stage in stages)
