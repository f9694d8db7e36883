"""Best of N: draws of one seat, each scored by itself; the best one is the answer, unchanged."""

from folkmoot.agents import reading, voice
from folkmoot.protocols.draft import author
from folkmoot.protocols.sample import Sample
from folkmoot.protocols.settle import settlements
from folkmoot.protocols.stage import Calls
from folkmoot.records import Ballot, Call, Decision, Record, Reply, Transcript, Turn
from folkmoot.records.acts import VoteState
from folkmoot.records.base import Frozen


class Draw(Sample):
    """Draw answers from one seat. They are candidates alone: no draw is a ballot."""

    name: str = "draw"

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A candidate for each draw."""
        told = super().tell(seen, replies)
        return tuple(record for record in told if not isinstance(record, Ballot))


class Best(Frozen):
    """One seat scores each candidate by itself, and the one with the best score is decided for.

    The score is the probability of "agree" with it as a claim, over both orders of agree and
    disagree. So candidates need not fit into one prompt, and none is favoured for its place. Of equal
    scores the earlier draw is taken. On a choice question only draws that name an option are scored.
    """

    judge: str | None = None
    """Who scores; None for the panel's first seat."""
    name: str = "best"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls for each candidate."""
        return self._calls(seen, _scored(seen))

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every draw named an option."""
        return self._calls(seen, seen.spoken(role="candidate"))

    def _calls(self, seen: Transcript, among: tuple[Turn, ...]) -> tuple[Call, ...]:
        calls = Calls(seen)
        party = seen.opening.party(author(seen, self.judge))
        options = seen.opening.options
        shown = "" if options is None else f"{voice.options_block(voice.choice(options))}\n"
        for candidate in among:
            for reverse in (False, True):
                laid_out = voice.choice(voice.AGREEMENT, reverse=reverse)
                segments = (
                    *voice.common(seen.opening.question, ()),
                    voice.own(party),
                    voice.task(f"{shown}{voice.ask_agreement(candidate, laid_out)}"),
                    voice.opened("Answer:"),
                )
                calls.choose(party, "score", segments, laid_out.continuations, about=candidate.id)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The scores as one ballot, and the decision; a deadlock where nothing could be scored."""
        among = _scored(seen)
        orders = (voice.choice(voice.AGREEMENT), voice.choice(voice.AGREEMENT, reverse=True))
        read = [
            reading.weigh(
                voice.AGREEMENT, list(zip(orders, replies[2 * at : 2 * at + 2], strict=True))
            )
            for at in range(len(among))
        ]
        scores: dict[str, float] = {}
        best: tuple[float, Turn] | None = None
        for candidate, weighed in zip(among, read, strict=True):
            if weighed.probabilities is None:
                continue
            score, means = weighed.probabilities["agree"], _means(seen, candidate)
            scores[means] = max(score, scores.get(means, 0.0))
            if best is None or score > best[0]:
                best = (score, candidate)
        failed: list[VoteState] = [each.state for each in read if each.probabilities is None]
        state: VoteState = "valid" if best else failed[0] if failed else "abstained"
        first = _means(seen, best[1]) if best else None
        ranking = tuple(sorted(scores, key=lambda each: (-scores[each], each != first)))
        ballot = self._ballot(seen, scores, ranking, state)
        decision = _decision(
            seen, ballot, best, sum(each.probabilities is not None for each in read)
        )
        return (ballot, decision, *settlements(seen, decision))

    def _ballot(
        self,
        seen: Transcript,
        scores: dict[str, float],
        ranking: tuple[str, ...],
        state: VoteState,
    ) -> Ballot:
        """Best first; what was not drawn, or not scored, is not ranked."""
        drawn = tuple(turn.id for turn in seen.spoken(role="candidate"))
        return Ballot(
            step=seen.place.step,
            order=0,
            id=seen.next_id("b"),
            seat=author(seen, self.judge),
            round=seen.place.round,
            options=seen.opening.options or drawn,
            state=state,
            ranking=ranking,
            scores=scores or None,
        )


def _decision(
    seen: Transcript, ballot: Ballot, best: tuple[float, Turn] | None, count: int
) -> Decision:
    why = f"no draw could be scored: {ballot.state}"
    if best is not None:
        why = f"{best[1].id} has the best score of {count} scored: {best[0]:.2f}"
    return Decision(
        step=seen.place.step,
        order=0,
        status="deadlock" if best is None else "decided",
        rule="judge",
        options=ballot.options,
        winner=ballot.choice,
        tally=ballot.scores or {},
        ballots=(ballot.id,),
        not_valid={} if best is not None else {ballot.seat: ballot.state},
        decided_by=ballot.seat,
        reason=why,
    )


def _scored(seen: Transcript) -> tuple[Turn, ...]:
    drawn = seen.spoken(role="candidate")
    if seen.opening.options is None:
        return drawn
    return tuple(turn for turn in drawn if turn.answer is not None)


def _means(seen: Transcript, candidate: Turn) -> str:
    """What is decided for if this one is the best: its option, or on an open question itself."""
    return candidate.id if seen.opening.options is None else candidate.answer or ""
