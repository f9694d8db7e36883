"""Decide: ballots are counted, or a judge chooses; then every conflict is settled by what it came to."""

from folkmoot.agents import reading, voice
from folkmoot.protocols.rules import Count, Rule
from folkmoot.protocols.settle import settlements
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.table import candidates
from folkmoot.records import (
    QUESTION,
    Ballot,
    Call,
    Decision,
    Party,
    Record,
    Reply,
    Stance,
    Transcript,
)
from folkmoot.records.base import Frozen


class Decide(Frozen):
    """Count the ballots under a rule.

    On a choice question a seat's last stance is its ballot (under Schulze's rule with the order of
    its probabilities), unless a stage has cast ballots over the options; on an open one its ballot
    is its ranking. Where nothing was decided no one is made to win.
    """

    rule: Rule = Rule()
    name: str = "decide"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: the votes are on record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The ballots that stances amount to, the decision, and what it did to each conflict."""
        cast: tuple[Ballot, ...]
        if seen.opening.options is None:
            ballots = tuple(ballot for ballot in seen.ballots if ballot.round == _last_round(seen))
            options = tuple(turn.id for turn in candidates(seen))
            cast = ()
        else:
            options = seen.opening.options
            drawn = tuple(ballot for ballot in seen.ballots if ballot.options == options)
            cast = () if drawn else _ballots_from_stances(seen, options, self.rule)
            ballots = drawn or cast
        count = self.rule.count(ballots, options)
        decision = Decision(
            step=seen.place.step,
            order=0,
            status=count.status,
            rule=self.rule.name,
            params={"quorum": self.rule.quorum},
            options=options,
            winner=count.winner,
            tied=count.tied,
            tally=count.tally,
            ballots=tuple(ballot.id for ballot in ballots),
            not_valid={ballot.seat: ballot.state for ballot in ballots if ballot.state != "valid"},
            margin=count.margin,
            reason=_why(count, self.rule, len(ballots)),
        )
        return (*cast, decision, *settlements(seen, decision))


class JudgeDecides(Frozen):
    """One seat of the panel hears everything and chooses, in both orders of the options."""

    judge: str
    name: str = "decide"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls to the judge; none where there is nothing to choose between."""
        calls = Calls(seen)
        shown = _on_offer(seen)
        if len(shown) < 2:
            return ()
        party = seen.opening.party(self.judge)
        for reverse in (False, True):
            laid_out = voice.choice(shown, reverse=reverse)
            segments = (
                *voice.common(seen.opening.question, seen.spoken()),
                voice.own(party),
                voice.task(voice.ask_option(laid_out)),
                voice.opened("Answer:"),
            )
            calls.choose(party, "verdict", segments, laid_out.continuations)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The judge's ballot and the decision; a judge that cannot choose leaves a deadlock."""
        options = seen.opening.options or tuple(turn.id for turn in candidates(seen))
        party = seen.opening.party(self.judge)
        ballot = _verdict(seen, party, options, replies)
        decided = ballot.state == "valid"
        decision = Decision(
            step=seen.place.step,
            order=0,
            status="decided" if decided else "deadlock",
            rule="judge",
            options=options,
            winner=ballot.ranking[0] if decided else None,
            tally=ballot.scores or {},
            ballots=(ballot.id,),
            not_valid={} if decided else {ballot.seat: ballot.state},
            decided_by=self.judge,
            reason=f"the judge {'chose' if decided else 'made no choice: ' + ballot.state}",
        )
        return (ballot, decision, *settlements(seen, decision))


def _last_round(seen: Transcript) -> int:
    return max((ballot.round for ballot in seen.ballots), default=0)


def _ballots_from_stances(
    seen: Transcript, options: tuple[str, ...], rule: Rule
) -> tuple[Ballot, ...]:
    """A ballot for each seat that was asked for a stance."""
    last = {stance.seat: stance for stance in seen.stands(QUESTION)}
    ballots: list[Ballot] = []
    for order, seat in enumerate(seat for seat in seen.opening.seats if seat in last):
        ballots.append(
            Ballot(
                step=seen.place.step,
                order=order,
                id=seen.next_id("b", order),
                seat=seat,
                round=seen.place.round,
                options=options,
                state=last[seat].state,
                ranking=_ranking(last[seat], rule),
                scores=last[seat].probabilities,
            )
        )
    return tuple(ballots)


def _ranking(stance: Stance, rule: Rule) -> tuple[str, ...]:
    if stance.choice is None:
        return ()
    if rule.name == "schulze" and stance.probabilities:
        return reading.ranking(stance.probabilities)
    return (stance.choice,)


def _why(count: Count, rule: Rule, cast: int) -> str:
    figures = ":".join(f"{value:g}" for value in sorted(count.tally.values(), reverse=True))
    what = "pairwise wins" if rule.name == "schulze" else "first choices"
    return f"{rule.name}, {what} {figures} of {cast} ballots"


def _on_offer(seen: Transcript) -> tuple[str, ...]:
    return seen.opening.options or tuple(turn.text for turn in candidates(seen))


def _verdict(
    seen: Transcript, party: Party, options: tuple[str, ...], replies: tuple[Reply, ...]
) -> Ballot:
    if len(options) < 2:
        read = reading.Weighed("valid" if options else "abstained", options[0] if options else None)
    else:
        orders = (voice.choice(options), voice.choice(options, reverse=True))
        read = reading.weigh(options, list(zip(orders, replies, strict=True)))
    return Ballot(
        step=seen.place.step,
        order=0,
        id=seen.next_id("b"),
        seat=party.seat,
        round=seen.place.round,
        options=options,
        state=read.state,
        ranking=(read.choice,) if read.choice is not None else (),
        scores=read.probabilities,
    )
