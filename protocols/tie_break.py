"""Tie break: where the votes leave several options in front, one seat chooses among these.

    *tie_break(Rule.of("plurality"), seat="chair")    in place of `Decide(rule)`

A seat that a person holds is asked like any other, so a person can be the chair.
"""

from folkmoot.agents import reading, voice
from folkmoot.protocols.condition import Finding
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.parts import Gate, Part
from folkmoot.protocols.rules import Rule
from folkmoot.protocols.settle import settlements
from folkmoot.protocols.stage import Calls
from folkmoot.records import Ballot, Call, Decision, Record, Reply, Transcript
from folkmoot.records.base import Frozen


def tie_break(rule: Rule, seat: str) -> tuple[Part, ...]:
    """The parts that decide by a rule, and ask a seat where that leaves several options in front."""
    tied = Tied(rule=rule)
    return (Gate(tied, (TieBreak(rule=rule, seat=seat),), (Decide(rule=rule),)),)


class Tied(Frozen):
    """Whether a rule leaves several options in front: a tie, or the same lead without a majority."""

    rule: Rule
    name: str = "tied"

    def look(self, seen: Transcript) -> Finding:
        """How many options are in front, and by which figures."""
        count = _count(seen, self.rule)
        front = _front(count)
        return Finding(len(front) > 1, float(len(front)), 2.0, count.reason)


class TieBreak(Frozen):
    """One seat hears everything and chooses among the options in front, in both orders."""

    rule: Rule
    seat: str
    name: str = "tie-break"

    @property
    def seats(self) -> tuple[str, ...]:
        """The seat."""
        return (self.seat,)

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls to the seat."""
        calls = Calls(seen)
        self._ask(calls, seen, _between(_count(seen, self.rule)))
        return calls.done()

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls where every option is in front."""
        calls = Calls(seen)
        self._ask(calls, seen, _count(seen, self.rule).options)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The seat's ballot and the decision; without a choice of its own the tie stays."""
        count = _count(seen, self.rule)
        options = _between(count)
        words = _in_words(seen, options)
        orders = (voice.choice(words), voice.choice(words, reverse=True))
        read = reading.weigh(words, list(zip(orders, replies, strict=True)))
        named = dict(zip(words, options, strict=True))
        scores = None
        if read.probabilities is not None:
            scores = {named[each]: value for each, value in read.probabilities.items()}
        ballot = Ballot(
            step=seen.place.step,
            order=0,
            id=seen.next_id("b"),
            seat=self.seat,
            round=seen.place.round,
            options=options,
            state=read.state,
            ranking=() if read.choice is None else (named[read.choice],),
            scores=scores,
        )
        decided = ballot.state == "valid"
        decision = Decision(
            step=seen.place.step,
            order=0,
            status="decided" if decided else "deadlock",
            rule="judge",
            params={"tied_under": self.rule.name},
            options=options,
            winner=ballot.ranking[0] if decided else None,
            tally=ballot.scores or {},
            ballots=(ballot.id,),
            not_valid={} if decided else {self.seat: ballot.state},
            decided_by=self.seat,
            reason=f"{count.reason}; the tie was "
            + ("broken" if decided else f"not broken: {ballot.state}"),
        )
        return (ballot, decision, *settlements(seen, decision))

    def _ask(self, calls: Calls, seen: Transcript, options: tuple[str, ...]) -> None:
        if len(options) < 2:
            return
        party = seen.opening.party(self.seat)
        words = _in_words(seen, options)
        for reverse in (False, True):
            laid_out = voice.choice(words, reverse=reverse)
            segments = (
                *voice.common(seen.opening.question, seen.spoken()),
                voice.own(party),
                voice.task(voice.ask_option(laid_out)),
                voice.opened("Answer:"),
            )
            calls.choose(party, "verdict", segments, laid_out.continuations)


def _count(seen: Transcript, rule: Rule) -> Decision:
    """What the rule would decide; nothing of it goes on record."""
    told = Decide(rule=rule).tell(seen, ())
    return next(each for each in told if isinstance(each, Decision))


def _front(count: Decision) -> tuple[str, ...]:
    """The options in front, where there are several."""
    if count.status == "tied":
        return count.tied
    if count.status != "deadlock" or count.margin != 0:
        return ()
    most = max(count.tally.values(), default=0.0)
    return tuple(option for option in count.options if most and count.tally.get(option) == most)


def _between(count: Decision) -> tuple[str, ...]:
    """What the seat chooses between: those in front, or all of them where one alone leads."""
    front = _front(count)
    return front if len(front) > 1 else count.options


def _in_words(seen: Transcript, options: tuple[str, ...]) -> tuple[str, ...]:
    """Options as they are shown: those of an open question are messages."""
    if seen.opening.options is not None:
        return options
    return tuple(seen.turn(option).text for option in options)
