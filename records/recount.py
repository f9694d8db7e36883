"""Counting a decision's ballots again, independently of the rule that decided."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from folkmoot.records.acts import Ballot
from folkmoot.records.decisions import Decision
from folkmoot.records.transcript import Transcript

_BARS: dict[str, tuple[Fraction, bool]] = {
    "plurality": (Fraction(0), False),
    "majority": (Fraction(1, 2), False),
    "supermajority": (Fraction(2, 3), True),
    "unanimity": (Fraction(1), True),
}
"""Rule → the share of valid first choices that wins, and whether exactly that share does."""


def recount(transcript: Transcript) -> Iterator[str]:
    """What is wrong with the decision as a count of its ballots.

    First-choice rules are counted again. Of any other rule (Schulze's, a judge) the ballots must be
    there and the winner must be one of the options.
    """
    decision = transcript.decision
    if decision is None:
        return
    cast = {ballot.id: ballot for ballot in transcript.ballots}
    missing = [name for name in decision.ballots if name not in cast]
    if missing:
        yield f"the decision counts ballots that are not on record: {', '.join(missing)}"
        return
    ballots = [cast[name] for name in decision.ballots]
    not_valid = {ballot.seat: ballot.state for ballot in ballots if ballot.state != "valid"}
    if not_valid != decision.not_valid:
        yield f"the decision lists {decision.not_valid!r} as not valid; the ballots say {not_valid!r}"
    if decision.winner is not None and decision.winner not in decision.options:
        yield f"the winner {decision.winner!r} is none of the options"
    if (decision.winner is not None) != (decision.status == "decided"):
        yield f"the decision is {decision.status} and its winner is {decision.winner!r}"
    yield from _spoiled(ballots)
    if decision.rule in _BARS and decision.status != "no_forced_winner":
        yield from _count(decision, ballots)
    elif decision.decided_by is not None and decision.status == "decided":
        chosen = [ballot.ranking[:1] for ballot in ballots if ballot.seat == decision.decided_by]
        if chosen != [(decision.winner,)]:
            yield f"the judge's ballot {chosen!r} is not for the winner {decision.winner!r}"


def _spoiled(ballots: Sequence[Ballot]) -> Iterator[str]:
    for ballot in ballots:
        if (ballot.state == "valid") != bool(ballot.ranking):
            yield f"ballot {ballot.id} is {ballot.state} and ranks {ballot.ranking!r}"
        if len(set(ballot.ranking)) != len(ballot.ranking) or not set(ballot.ranking) <= set(
            ballot.options
        ):
            yield f"ballot {ballot.id} does not rank options of its own, each once"


def _count(decision: Decision, ballots: Sequence[Ballot]) -> Iterator[str]:
    firsts = [ballot.ranking[0] for ballot in ballots if ballot.ranking]
    tally = {option: float(firsts.count(option)) for option in decision.options}
    stated = {option: votes for option, votes in decision.tally.items() if votes or option in tally}
    if stated != tally:
        yield f"the tally is {stated!r}; the ballots come to {tally!r}"
    most = max(tally.values(), default=0.0)
    leaders = tuple(option for option, votes in tally.items() if votes == most)
    status, winner = "deadlock", None
    if _reached(decision, int(most), len(firsts), len(ballots)):
        status, winner = ("decided", leaders[0]) if len(leaders) == 1 else ("tied", None)
    if (decision.status, decision.winner) != (status, winner):
        yield (
            f"the decision is {decision.status}, winner {decision.winner!r}; "
            f"its ballots under {decision.rule} come to {status}, winner {winner!r}"
        )
    if status == "tied" and set(decision.tied) != set(leaders):
        yield f"tied are {decision.tied!r}; the ballots tie {leaders!r}"


def _reached(decision: Decision, most: int, valid: int, cast: int) -> bool:
    bar, exactly = _BARS[decision.rule]
    if valid == 0 or valid < float(decision.params.get("quorum", 0)) * cast:
        return False
    share = Fraction(most, valid)
    return share > bar or (exactly and share == bar)
