"""Counting a decision's ballots again, independently of the rule that decided."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from folkmoot.records.acts import Ballot
from folkmoot.records.decisions import Decision, DecisionStatus
from folkmoot.records.tallies import TALLIES, ranks_above
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

    First-choice rules, approvals, points, scores, Borda's, Copeland's, minimax and Schulze's rules,
    acceptance of a draft and a judge's choice are counted again: tally, status, winner, ties and
    margin, under the blocks, the ties policy and the bars on record. Under a rule of another name the
    ballots must be there and the winner must be one of the options.
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
    yield from _unblocked(decision, ballots)
    count = _COUNTS.get(decision.rule, None if decision.decided_by is None else _judge)
    if count is not None:
        yield from _differences(decision, count(decision, ballots))


def pivotal(firsts: Mapping[str, str]) -> tuple[str, ...]:
    """The seats without whose first choice another option would lead by plurality, or tie.

    Args:
        firsts: seat → its first choice.
    """
    lead = _leaders(firsts.values())
    return tuple(
        seat
        for seat in firsts
        if _leaders(choice for other, choice in firsts.items() if other != seat) != lead
    )


def _leaders(choices: Iterable[str]) -> set[str]:
    votes = Counter(choices)
    most = max(votes.values(), default=0)
    return {choice for choice, count in votes.items() if count == most}


def _spoiled(ballots: Sequence[Ballot]) -> Iterator[str]:
    for ballot in ballots:
        if (ballot.state == "valid") != bool(ballot.ranking):
            yield f"ballot {ballot.id} is {ballot.state} and ranks {ballot.ranking!r}"
        if len(set(ballot.ranking)) != len(ballot.ranking) or not set(ballot.ranking) <= set(
            ballot.options
        ):
            yield f"ballot {ballot.id} does not rank options of its own, each once"


def _unblocked(decision: Decision, ballots: Sequence[Ballot]) -> Iterator[str]:
    """Where a rule lets seats block, the blocks on record are those of the ballots."""
    if decision.blocked is None:
        return
    cast = {
        option: tuple(each.seat for each in ballots if option in (each.blocks or ()))
        for option in decision.options
    }
    least = max(1, int(decision.params.get("refuters", 1)))
    cast = {option: seats for option, seats in cast.items() if len(seats) >= least}
    if {option: set(seats) for option, seats in decision.blocked.items()} != {
        option: set(seats) for option, seats in cast.items()
    }:
        yield f"blocked are {decision.blocked!r}; the ballots block {cast!r}"


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
    options = _open(decision)
    firsts = [first for ballot in ballots if (first := _first(ballot, options)) is not None]
    tally = {option: float(firsts.count(option)) for option in options}
    if not _quorate(decision, ballots):
        return _Count("deadlock", None, (), tally, None)
    most, second = sorted((*tally.values(), 0.0, 0.0), reverse=True)[:2]
    share, (bar, exactly) = Fraction(int(most), len(firsts)), _BARS[decision.rule]
    if decision.rule == "supermajority" and "threshold" in decision.params:
        bar = Fraction(str(decision.params["threshold"]))
    if not (share > bar or (exactly and share == bar)):
        return _Count("deadlock", None, (), tally, most - second)
    leaders = tuple(option for option, votes in tally.items() if votes == most)
    return _decided(leaders, tally, most - second)


def _schulze(decision: Decision, ballots: Sequence[Ballot]) -> _Count:
    """Schulze 2011, section 2: an option wins if to each other its strongest path is no weaker than
    the one back. A path is as strong as its weakest link, a link as strong as its winning votes."""
    options = _open(decision)
    above = {
        (a, b): sum(ranks_above(ballot, a, b) for ballot in ballots)
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
    if margin > 0 and decision.params.get("forced") is False and votes < len(firsts):
        return _Count("no_forced_winner", None, (), tally, margin)
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
    if decision.params.get("forced") is False and decision.params.get("differ"):
        return _Count("no_forced_winner", None, (), tally, None)
    return _Count("decided", mine[0].ranking[0], (), tally, None)


def _decided(leaders: tuple[str, ...], tally: dict[str, float], margin: float | None) -> _Count:
    if len(leaders) == 1:
        return _Count("decided", leaders[0], (), tally, margin)
    return _Count("tied", None, leaders, tally, margin)


def _most(decision: Decision, ballots: Sequence[Ballot]) -> _Count:
    """A rule that decides for whoever has the most."""
    part, count = TALLIES[decision.rule]
    options = _open(decision)
    counted = [
        ballot
        for ballot in ballots
        if _first(ballot, options) is not None and getattr(ballot, part) is not None
    ]
    if not counted:
        return _Count("deadlock", None, (), dict.fromkeys(options, 0.0), None)
    exact = count(counted, options)
    tally = {option: float(value) for option, value in exact.items()}
    if not _enough(decision, len(counted), len(ballots)):
        return _Count("deadlock", None, (), tally, None)
    ranked = sorted(exact.values(), reverse=True)
    margin = float(ranked[0] - ranked[1]) if len(ranked) > 1 else float(ranked[0])
    return _decided(tuple(o for o in options if exact[o] == ranked[0]), tally, margin)


def _dictator(decision: Decision, ballots: Sequence[Ballot]) -> _Count:
    """The last ballot of the seat that the rule names decides; the tally is of first choices."""
    options = _open(decision)
    firsts = [_first(ballot, options) for ballot in ballots]
    tally = {option: float(firsts.count(option)) for option in options}
    mine = [_first(each, options) for each in ballots if each.seat == decision.params.get("seat")]
    chosen = [choice for choice in mine if choice is not None]
    if not chosen or not _quorate(decision, ballots):
        return _Count("deadlock", None, (), tally, None)
    return _Count("decided", chosen[-1], (), tally, None)


def _under_policy(decision: Decision, ballots: Sequence[Ballot], count: _Count) -> _Count:
    """The count under what the decision declares of ties, of a least margin and of forcing."""
    params, options = decision.params, _open(decision)
    part = TALLIES[decision.rule][0] if decision.rule in TALLIES else "ranking"
    valid = [b for b in ballots if _first(b, options) is not None and getattr(b, part) is not None]
    if not valid or not _enough(decision, len(valid), len(ballots)):
        return count
    if params.get("forced") is False and len({_first(each, options) for each in valid}) > 1:
        return count._replace(status="no_forced_winner", winner=None, tied=())
    if count.status == "tied":
        tied = [option for option in options if option in count.tied]
        broken = {
            "order": tied[0],
            "lot": tied[int(params.get("draw", 0)) * len(tied) // 2**31],
            "status_quo": params.get("status_quo") if params.get("status_quo") in tied else None,
        }.get(params.get("ties", "declare"))
        return count if broken is None else count._replace(status="decided", winner=broken)
    least = params.get("least_margin")
    if count.status == "decided" and least is not None:
        led = Fraction(str(count.margin)) if count.margin is not None else Fraction(-1)
        if led < Fraction(str(least)):
            return count._replace(status="deadlock", winner=None)
    return count


def _open(decision: Decision) -> tuple[str, ...]:
    """The options that no seat blocked."""
    return tuple(o for o in decision.options if o not in (decision.blocked or {}))


def _first(ballot: Ballot, options: Sequence[str]) -> str | None:
    return next((option for option in ballot.ranking if option in options), None)


def _quorate(decision: Decision, ballots: Sequence[Ballot]) -> bool:
    options = _open(decision)
    valid = sum(1 for ballot in ballots if _first(ballot, options) is not None)
    return valid > 0 and _enough(decision, valid, len(ballots))


def _enough(decision: Decision, counted: int, cast: int) -> bool:
    quorum = decision.params.get("quorum", 0)
    return isinstance(quorum, int | float) and counted >= quorum * cast


def _declared(
    count: Callable[[Decision, Sequence[Ballot]], _Count],
) -> Callable[[Decision, Sequence[Ballot]], _Count]:
    return lambda decision, ballots: _under_policy(decision, ballots, count(decision, ballots))


_COUNTS: Final[dict[str, Callable[[Decision, Sequence[Ballot]], _Count]]] = {
    **dict.fromkeys(_BARS, _declared(_first_choices)),
    **dict.fromkeys(TALLIES, _declared(_most)),
    "schulze": _declared(_schulze),
    "dictator": _declared(_dictator),
    "acceptance": _acceptance,
    "judge": _judge,
}
"""Rule → how its ballots are counted."""
