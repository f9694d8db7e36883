"""Decide: ballots are counted, or a judge chooses; then every conflict is settled by what it came to."""

from collections.abc import Sequence

from folkmoot.agents import reading, voice
from folkmoot.protocols.forcing import unforced
from folkmoot.protocols.polling import Poll, occasion, poll
from folkmoot.protocols.rules import Count, Occasion, Rule
from folkmoot.protocols.settle import settlements
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.table import candidates, most_to_choose
from folkmoot.records import (
    Ballot,
    Call,
    Decision,
    Party,
    Record,
    Reply,
    Transcript,
)
from folkmoot.records.base import Frozen


class Decide(Frozen):
    """Count the ballots under a rule.

    On a choice question a seat's last stance is its ballot, with what the rule reads (a ranking,
    approvals, points, …) as its probabilities have it, unless a stage has cast ballots over the
    options; on an open one its ballot is its ranking. Where nothing was decided no one is made to
    win.
    """

    rule: Rule = Rule()
    name: str = "decide"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: the votes are on record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The ballots that stances amount to, the decision, and what it did to each conflict."""
        polled = poll(seen, self.rule)
        decision = counted(seen, self.rule, polled)
        return (*polled.cast, decision, *settlements(seen, decision, polled.ballots))


def counted(seen: Transcript, rule: Rule, polled: Poll, here: Occasion | None = None) -> Decision:
    """What a rule makes of the ballots of a poll.

    Args:
        seen: where it is decided.
        rule: how.
        polled: the options and the ballots.
        here: what the rule may know besides them; None: what the place says.
    """
    options, ballots, _ = polled
    here = occasion(seen) if here is None else here
    count = rule.count(ballots, options, here)
    pivotal = None if count.decided_by else rule.pivotal(ballots, options, here)
    return Decision(
        step=seen.place.step,
        order=0,
        status=count.status,
        rule=rule.name,
        params=rule.params(here),
        options=options,
        winner=count.winner,
        tied=count.tied,
        tally=count.tally,
        ballots=tuple(ballot.id for ballot in ballots),
        not_valid={ballot.seat: ballot.state for ballot in ballots if ballot.state != "valid"},
        margin=count.margin,
        pivotal=pivotal,
        views=count.views,
        blocked=count.blocked,
        decided_by=count.decided_by,
        reason=_why(count, rule, ballots),
    )


class JudgeDecides(Frozen):
    """One seat of the panel hears everything and chooses, in both orders of the options."""

    judge: str
    consistent: bool = False
    """Whether its verdict must be the same in both orders: one that turns with them is an abstention
    (arXiv 2306.05685), however the mean over the orders leans."""
    forced: bool | None = None
    """Whether its choice wins where other seats last stood for another option; None: not on a question
    of values. On an open question, where nobody takes a stance, it wins."""
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

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if nobody wrote a candidate and there is a choice between messages."""
        return most_to_choose(seen, self.ask)

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The judge's ballot and the decision; a judge that cannot choose leaves a deadlock."""
        options = seen.opening.options or tuple(turn.id for turn in candidates(seen))
        party = seen.opening.party(self.judge)
        ballot = _verdict(seen, party, options, replies, self.consistent)
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
        decision = unforced(seen, decision, self.forced, self._differing(seen, decision))
        return (ballot, decision, *settlements(seen, decision))

    def _differing(self, seen: Transcript, decision: Decision) -> list[str]:
        """The other seats whose last stance is for another option."""
        last = {seat: seen.last_stand(seat) for seat in seen.opening.seats if seat != self.judge}
        return [s for s, stance in last.items() if stance and stance.choice != decision.winner]


def _why(count: Count, rule: Rule, ballots: Sequence[Ballot]) -> str:
    figures = ":".join(f"{value:g}" for value in sorted(count.tally.values(), reverse=True))
    said = [f"{rule.name}, {rule.figures} {figures} of {len(ballots)} ballots"]
    lacking = sum(ballot.state == "valid" for ballot in ballots) - count.counted
    if lacking and rule.reads not in ("choice", "ranking"):
        said.append(f"{lacking} without {rule.reads}")
    out = "blocked" if rule.refuters is None else "refuted"
    said += [f"{option} {out} by {', '.join(by)}" for option, by in (count.blocked or {}).items()]
    return "; ".join([*said, *filter(None, [count.why])])


def _on_offer(seen: Transcript) -> tuple[str, ...]:
    return seen.opening.options or tuple(turn.text for turn in candidates(seen))


def _verdict(
    seen: Transcript,
    party: Party,
    options: tuple[str, ...],
    replies: tuple[Reply, ...],
    consistent: bool,
) -> Ballot:
    if len(options) < 2:
        read = reading.Weighed("valid" if options else "abstained", options[0] if options else None)
    else:
        orders = (voice.choice(options), voice.choice(options, reverse=True))
        asked = list(zip(orders, replies, strict=True))
        read = reading.weigh(options, asked)
        verdicts = {reading.weigh(options, [each]).choice for each in asked}
        if consistent and read.state == "valid" and len(verdicts) > 1:
            read = reading.Weighed("abstained", None, read.probabilities)
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
