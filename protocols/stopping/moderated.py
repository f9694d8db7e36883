"""A moderator that may break off: a stage that asks it, and the condition that reads what it said
(adaptive break; Liang et al., arXiv 2305.19118)."""

from folkmoot.agents import voice
from folkmoot.protocols.condition import Finding
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.weighed import weighed
from folkmoot.records import Call, Record, Reply, Transcript
from folkmoot.records.acts import STOP
from folkmoot.records.base import Frozen

ANSWERS = ("yes", "no")
"""What a moderator may say to whether the exchange may end."""


class Moderate(Frozen):
    """One seat hears everything and says whether the exchange may end: yes or no, in both orders.

    It goes last into the body of a repetition that ends with `CalledOff`. A moderator that is not to
    debate is left out of the seats of the other stages.
    """

    moderator: str
    """Its seat."""
    name: str = "moderate"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls."""
        calls = Calls(seen)
        party = seen.opening.party(self.moderator)
        for reverse in (False, True):
            laid_out = voice.choice(ANSWERS, reverse=reverse)
            segments = (
                *voice.common(seen.opening.question, seen.spoken()),
                voice.own(party),
                voice.task(
                    f"{voice.options_block(laid_out)}\n"
                    "You moderate. Has the deliberation come to an answer, so that it can end here?"
                ),
                voice.opened("Answer:"),
            )
            calls.choose(party, "moderate", segments, laid_out.continuations)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The moderator's stance on whether to stop."""
        return (weighed(seen, self.moderator, ANSWERS, replies, STOP),)


class CalledOff(Frozen):
    """The moderator's last word was that the exchange may end. One that abstained, or could not be
    read, has not said so."""

    name: str = "called-off"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the probability that it gave to yes."""
        words = seen.stands(STOP)
        if not words:
            return Finding(False, bar=0.5, says="the moderator has not been asked")
        last = words[-1]
        yes = None if last.probabilities is None else last.probabilities["yes"]
        said = last.choice if last.choice is not None else last.state
        return Finding(last.choice == "yes", yes, 0.5, f"{last.seat}: {said}")
