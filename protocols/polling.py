"""Polling: which ballots a decision counts, and which it casts from stances and probabilities."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from folkmoot.agents import lot
from folkmoot.protocols.marks import marks
from folkmoot.protocols.refuted import refuted
from folkmoot.protocols.rules import Occasion, Rule
from folkmoot.protocols.table import candidates
from folkmoot.records import QUESTION, Ballot, Party, Stance, Transcript


class Poll(NamedTuple):
    """The ballots of a decision."""

    options: tuple[str, ...]
    ballots: tuple[Ballot, ...]
    """All that are counted."""
    cast: tuple[Ballot, ...]
    """Those of them that were not on record yet."""


def poll(seen: Transcript, rule: Rule) -> Poll:
    """Each seat's latest ballots over what there is to choose from; its last stance if it cast none.

    A ballot that lacks what the rule reads, and has probabilities to read it from, is cast again.
    """
    options = seen.opening.options
    if options is None:
        last = max((ballot.round for ballot in seen.ballots), default=0)
        drawn = [ballot for ballot in seen.ballots if ballot.round == last]
        options = tuple(turn.id for turn in candidates(seen))
    else:
        drawn = [ballot for ballot in seen.ballots if ballot.options == options]
        if not drawn:
            cast = _from_stances(seen, options, rule)
            return Poll(options, cast, cast)
    ballots: list[Ballot] = []
    cast_again: list[Ballot] = []
    for ballot in _latest(drawn):
        more = _missing(seen, ballot, rule)
        if more:
            place = {"step": seen.place.step, "order": len(cast_again), "round": seen.place.round}
            name = {"id": seen.next_id("b", len(cast_again))}
            ballot = ballot.model_copy(update={**place, **name, **more})
            cast_again.append(ballot)
        ballots.append(ballot)
    return Poll(options, tuple(ballots), tuple(cast_again))


def occasion(seen: Transcript) -> Occasion:
    """What a rule may know here besides the ballots."""
    seed, place = seen.opening.seed, seen.place
    draw, turn = lot(seed, "decide", place.step), place.round + 1
    return Occasion(draw, turn, perspectives(seen), seen.opening.of_values)


def perspectives(seen: Transcript) -> dict[str, str]:
    """Seat → the first seat that declares the same perspective: the same statement, the same values.

    A seat that declares nothing shares its perspective with nobody.
    """
    first: dict[object, str] = {}
    return {
        party.seat: first.setdefault(_declared(party) or party.seat, party.seat)
        for party in seen.opening.parties
    }


def _declared(party: Party) -> tuple[object, ...]:
    declared = (party.statement.strip(), tuple(sorted(party.values.items())))
    return declared if any(declared) else ()


def _latest(ballots: Sequence[Ballot]) -> list[Ballot]:
    """Of each seat, those that it cast in the last step in which it cast any."""
    last = {ballot.seat: ballot.step for ballot in ballots}
    return [ballot for ballot in ballots if ballot.step == last[ballot.seat]]


def _missing(seen: Transcript, ballot: Ballot, rule: Rule) -> dict[str, Any]:
    """What the rule reads and a valid ballot does not have, as far as it can be told."""
    more = _struck(seen, ballot.seat, ballot.options, rule)
    if ballot.state != "valid" or rule.reads in ("choice", "ranking", "scores"):
        return more
    if getattr(ballot, rule.reads) is not None:
        return more
    if rule.reads == "held":
        mine = [each for each in seen.ballots if each.seat == ballot.seat]
        return {**more, "held": _held([(b.round, b.choice) for b in mine])}
    if ballot.scores is None or ballot.choice is None:
        return more
    marked = marks(ballot.scores, ballot.choice, rule)
    return {**more, **{name: value for name, value in marked.items() if name != "ranking"}}


def _from_stances(seen: Transcript, options: tuple[str, ...], rule: Rule) -> tuple[Ballot, ...]:
    """A ballot for each seat that was asked for a stance."""
    last = {stance.seat: stance for stance in seen.stands(QUESTION)}
    return tuple(
        Ballot(
            step=seen.place.step,
            order=order,
            id=seen.next_id("b", order),
            seat=seat,
            round=seen.place.round,
            options=options,
            state=last[seat].state,
            scores=last[seat].probabilities,
            **_marked(seen, last[seat], rule),
            **_struck(seen, seat, options, rule),
        )
        for order, seat in enumerate(seat for seat in seen.opening.seats if seat in last)
    )


def _struck(seen: Transcript, seat: str, options: tuple[str, ...], rule: Rule) -> dict[str, Any]:
    """The options that a seat refutes, where the rule counts refuters; a veto is cast by a stage."""
    return {} if rule.refuters is None else {"blocks": refuted(seen, seat, options)}


def _marked(seen: Transcript, stance: Stance, rule: Rule) -> dict[str, Any]:
    if stance.choice is None:
        return {}
    fields: dict[str, Any] = {"ranking": (stance.choice,)}
    if stance.probabilities:
        fields = marks(stance.probabilities, stance.choice, rule)
    if rule.reads == "held":
        taken = [(each.round, each.choice) for each in seen.stands(QUESTION, stance.seat)]
        fields["held"] = _held(taken)
    return fields


def _held(taken: Sequence[tuple[int, str | None]]) -> tuple[str | None, ...]:
    """What a seat held at the end of each round; None where it took no valid stance in it."""
    by_round = dict(taken)
    return tuple(by_round.get(number) for number in range(max(by_round, default=-1) + 1))
