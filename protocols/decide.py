"""Decide: ballots are counted, or a judge chooses; then every conflict is settled by what it came to."""

from folkmoot.agents import reading, voice
from folkmoot.protocols.rank import candidates
from folkmoot.protocols.rules import Count, Rule
from folkmoot.protocols.settle import settlements
from folkmoot.protocols.stage import Calls
from folkmoot.records import QUESTION, Ballot, Call, Decision, Party, Record, Reply, Transcript
from folkmoot.records.base import Frozen


class Decide(Frozen):
    """Count the ballots under a rule.

    On a choice question a seat's last stance is its ballot; on an open one its ballot is its
    ranking. Where nothing was decided no one is made to win.
    """

    rule: Rule = Rule()
    name: str = "decide"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: the votes are on record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The ballots that stances amount to, the decision, and what it did to each conflict."""
        if seen.opening.options is None:
            ballots = tuple(ballot for ballot in seen.ballots if ballot.round == _last_round(seen))
            options = tuple(turn.id for turn in candidates(seen))
            cast: tuple[Ballot, ...] = ()
        else:
            options = seen.opening.options
            cast = ballots = _ballots_from_stances(seen, options)
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


def _ballots_from_stances(seen: Transcript, options: tuple[str, ...]) -> tuple[Ballot, ...]:
    ballots: list[Ballot] = []
    for order, party in enumerate(seen.opening.parties):
        stances = seen.stands(QUESTION, party.seat)
        last = stances[-1] if stances else None
        ballots.append(
            Ballot(
                step=seen.place.step,
                order=order,
                id=f"b{len(seen.ballots) + order + 1}",
                seat=party.seat,
                round=seen.place.round,
                options=options,
                state=last.state if last else "unavailable",
                ranking=(last.choice,) if last and last.choice is not None else (),
                scores=last.probabilities if last else None,
            )
        )
    return tuple(ballots)


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
        id=f"b{len(seen.ballots) + 1}",
        seat=party.seat,
        round=seen.place.round,
        options=options,
        state=read.state,
        ranking=(read.choice,) if read.choice is not None else (),
        scores=read.probabilities,
    )
