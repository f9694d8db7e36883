"""Counting a decision's ballots again, independently of the rule that decided."""

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from folkmoot.records.acts import Ballot
from folkmoot.records.decisions import Decision, DecisionStatus
from folkmoot.records.transcript import Transcript

_BARS: Final[dict[str, tuple[Fraction, bool]]] = {
    "plurality": (Fraction(0), False),
    "majority": (Fraction(1, 2), False),
    "supermajority": (Fraction(2, 3), True),
    "unanimity": (Fraction(1), True),
}
"""Rule → the share of valid first choices that wins, and whether exactly that share does."""

_AGAINST: Final = "none"
"""What a ballot under `acceptance` names that is not for the draft."""


class _Count(NamedTuple):
    """What ballots come to under a rule."""

    status: DecisionStatus
    winner: str | None
    tied: tuple[str, ...]
    tally: dict[str, float]
    margin: float | None


def recount(transcript: Transcript) -> Iterator[str]:
    """What is wrong with the decision as a count of its ballots.

    First-choice rules, Schulze's, acceptance of a draft and a judge's choice are counted again:
    tally, status, winner, ties and margin. Under a rule of another name the ballots must be there
    and the winner must be one of the options.
    """
    decision = transcript.decision
    if decision is None:
        return
    cast = {ballot.id: ballot for ballot in transcript.ballots}
    missing = [name for name in decision.ballots if name not in cast]
    if missing:
        yield f"the decision counts ballots that are not on record: {', '.join(missing)}"
        return
    if len(set(decision.ballots)) < len(decision.ballots):
        yield "the decision counts a ballot more than once"
    ballots = [cast[name] for name in decision.ballots]
    not_valid = {ballot.seat: ballot.state for ballot in ballots if ballot.state != "valid"}
    if not_valid != decision.not_valid:
        yield f"the decision lists {decision.not_valid!r} as not valid; the ballots say {not_valid!r}"
    if decision.winner is not None and decision.winner not in decision.options:
        yield f"the winner {decision.winner!r} is none of the options"
    if (decision.winner is not None) != (decision.status == "decided"):
        yield f"the decision is {decision.status} and its winner is {decision.winner!r}"
    yield from _spoiled(ballots)
    count = _COUNTS.get(decision.rule, None if decision.decided_by is None else _judge)
    if count is not None:
        yield from _differences(decision, count(decision, ballots))


def _spoiled(ballots: Sequence[Ballot]) -> Iterator[str]:
    for ballot in ballots:
        if (ballot.state == "valid") != bool(ballot.ranking):
            yield f"ballot {ballot.id} is {ballot.state} and ranks {ballot.ranking!r}"
        if len(set(ballot.ranking)) != len(ballot.ranking) or not set(ballot.ranking) <= set(
            ballot.options
        ):
            yield f"ballot {ballot.id} does not rank options of its own, each once"


def _differences(decision: Decision, count: _Count) -> Iterator[str]:
    if decision.tally != count.tally:
        yield f"the tally is {decision.tally!r}; the ballots come to {count.tally!r}"
    if (decision.status, decision.winner) != (count.status, count.winner):
        yield (
            f"the decision is {decision.status}, winner {decision.winner!r}; its ballots under "
            f"{decision.rule} come to {count.status}, winner {count.winner!r}"
        )
    if set(decision.tied) != set(count.tied):
        yield f"tied are {decision.tied!r}; the ballots tie {count.tied!r}"
    if decision.margin != count.margin:
        yield f"the margin is {decision.margin!r}; the ballots come to {count.margin!r}"


def _first_choices(decision: Decision, ballots: Sequence[Ballot]) -> _Count:
    firsts = [ballot.ranking[0] for ballot in ballots if ballot.ranking]
    tally = {option: float(firsts.count(option)) for option in decision.options}
    if not _quorate(decision, ballots):
        return _Count("deadlock", None, (), tally, None)
    most, second = sorted((*tally.values(), 0.0, 0.0), reverse=True)[:2]
    share, (bar, exactly) = Fraction(int(most), len(firsts)), _BARS[decision.rule]
    if not (share > bar or (exactly and share == bar)):
        return _Count("deadlock", None, (), tally, most - second)
    leaders = tuple(option for option, votes in tally.items() if votes == most)
    return _decided(leaders, tally, most - second)


def _schulze(decision: Decision, ballots: Sequence[Ballot]) -> _Count:
    """Schulze 2011, section 2: an option wins if to each other its strongest path is no weaker than
    the one back. A path is as strong as its weakest link, a link as strong as its winning votes."""
    options = decision.options
    above = {
        (a, b): sum(_ranks_above(ballot, a, b) for ballot in ballots)
        for a in options
        for b in options
    }
    links = {(a, b): votes if votes > above[b, a] else 0 for (a, b), votes in above.items()}
    paths = {a: _strongest_paths(a, options, links) for a in options}
    rivals = {a: [b for b in options if b != a] for a in options}
    tally = {a: float(sum(paths[a][b] > paths[b][a] for b in rivals[a])) for a in options}
    if not _quorate(decision, ballots):
        return _Count("deadlock", None, (), tally, None)
    winners = tuple(a for a in options if all(paths[a][b] >= paths[b][a] for b in rivals[a]))
    margin = None
    if len(winners) == 1 and rivals[winners[0]]:
        (a,) = winners
        margin = float(min(paths[a][b] - paths[b][a] for b in rivals[a]))
    return _decided(winners, tally, margin)


def _ranks_above(ballot: Ballot, a: str, b: str) -> bool:
    """Whether a ballot ranks `a` strictly above `b`; options left out rank below all, tied."""
    if a not in ballot.ranking:
        return False
    return b not in ballot.ranking or ballot.ranking.index(a) < ballot.ranking.index(b)


def _strongest_paths(
    start: str, options: Sequence[str], links: dict[tuple[str, str], int]
) -> dict[str, float]:
    """How strong the strongest path is from one option to each; Dijkstra's search, for the widest."""
    best: dict[str, float] = {option: math.inf if option == start else 0 for option in options}
    todo = list(options)
    while todo:
        at = max(todo, key=lambda option: best[option])
        todo.remove(at)
        for option in todo:
            best[option] = max(best[option], min(best[at], links[at, option]))
    return best


def _acceptance(decision: Decision, ballots: Sequence[Ballot]) -> _Count:
    """The draft is adopted by more than half of the valid ballots, and by no fewer."""
    if not decision.options:
        return _Count("deadlock", None, (), {}, 0.0)
    draft = decision.options[0]
    firsts = [ballot.ranking[0] for ballot in ballots if ballot.ranking]
    votes = firsts.count(draft)
    tally = {draft: float(votes), _AGAINST: float(len(firsts) - votes)}
    margin = float(2 * votes - len(firsts))
    if margin > 0:
        return _Count("decided", draft, (), tally, margin)
    return _Count("deadlock", None, (), tally, margin)


def _judge(decision: Decision, ballots: Sequence[Ballot]) -> _Count:
    """The judge's one ballot decides; its tally is what the judge gave each option."""
    mine = [ballot for ballot in ballots if ballot.seat == decision.decided_by]
    if len(mine) != 1 or len(ballots) != 1:
        return _Count("deadlock", None, (), {}, None)
    tally = mine[0].scores or {}
    if not mine[0].ranking:
        return _Count("deadlock", None, (), tally, None)
    return _Count("decided", mine[0].ranking[0], (), tally, None)


def _decided(leaders: tuple[str, ...], tally: dict[str, float], margin: float | None) -> _Count:
    if len(leaders) == 1:
        return _Count("decided", leaders[0], (), tally, margin)
    return _Count("tied", None, leaders, tally, margin)


def _quorate(decision: Decision, ballots: Sequence[Ballot]) -> bool:
    valid = sum(1 for ballot in ballots if ballot.ranking)
    quorum = decision.params.get("quorum", 0)
    return valid > 0 and isinstance(quorum, int | float) and valid >= quorum * len(ballots)


_COUNTS: Final[dict[str, Callable[[Decision, Sequence[Ballot]], _Count]]] = {
    **dict.fromkeys(_BARS, _first_choices),
    "schulze": _schulze,
    "acceptance": _acceptance,
    "judge": _judge,
}
"""Rule → how its ballots are counted."""
