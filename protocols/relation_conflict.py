"""Conflicts in free text, drawn from what a clerk judged of pairs of claims: rule relations/3.

One judgement of a small model is unsure, so none of them makes a conflict. All together give every
seat a side (`cut`), or show that nobody is on another; only between the sides are single claims
looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from folkmoot.agents.voice import LETTERS
from folkmoot.protocols import gauge
from folkmoot.protocols.contested_claim import QUOTES, over_claims
from folkmoot.protocols.cut import Cut, balance, cut
from folkmoot.protocols.log import LAYERS
from folkmoot.protocols.reasons import reason_of
from folkmoot.records import (
    QUESTION,
    Conflict,
    Detection,
    Event,
    Move,
    Position,
    Relation,
    Span,
    Transcript,
    Turn,
)
from folkmoot.records.ends import PRINCIPLED
from folkmoot.records.spans import quotation
from folkmoot.records.terms import RELATIONS, ConflictStatus, Layer

FOR, AGAINST = "for", "against"
"""The positions on a yes-or-no question that nobody was asked to answer in so many words."""

_FIRST: Final = {1: "a", -1: "b"}
"""Of a yes-or-no question: camp → its position."""


class _Standing(NamedTuple):
    """Where the seats stood at one time."""

    found: Cut
    """Its camps are called sides here: those of a yes-or-no question are two."""
    turns: Mapping[str, Turn]
    """Seat → the message that it was judged by."""

    @property
    def sides(self) -> Mapping[str, int]:
        """Seat → its side, of the seats of which the judgements say where they stand."""
        return {seat: at for seat, at in self.found.sides.items() if seat in self.found.decided}

    @property
    def apart(self) -> bool:
        """Whether there is a conflict: it is likelier than not, and both sides are held."""
        return self.found.confidence >= 0.5 and len(set(self.sides.values())) > 1

    @property
    def agreed(self) -> Mapping[str, int]:
        """Seat → the side that all are on, where there is no conflict and the question was judged."""
        side = self.found.together
        return dict.fromkeys(self.found.decided, side) if side else {}


def relation_conflicts(
    seen: Transcript, main: Conflict | None, layers: Sequence[Layer] = LAYERS
) -> list[Conflict]:
    """The conflict over the question, unless it is known already, and those over single claims.

    Args:
        seen: where conflicts are drawn up.
        main: the conflict over the question as stances or ballots show it; None if they show none.
        layers: whose judgements count.
    """
    judged = _surest([each for each in seen.relations if each.layer in layers])
    speakers = {seen.turn(message).seat for each in judged for message in _messages(each)}
    seats = tuple(seat for seat in seen.opening.seats if seat in speakers)
    if len(seats) < 2:
        return []
    # What a seat said before its latest message is not held against it.
    turns = _turns(seen, judged, latest=True)
    latest = {turn.id for turn in turns.values()}
    current = [each for each in judged if latest.issuperset(_messages(each))]
    if main is not None:
        held = {seat: place for place, p in enumerate(main.positions) for seat in p.parties}
        return over_claims(seen, current, held, layers)
    last = _standing(seen, judged, seats, turns)
    first = _standing(seen, judged, seats, _turns(seen, judged, latest=False))
    if not (first.apart or last.apart):
        return []
    # Where all agreed in the end, no claim divides them any more.
    return [
        _over_question(seen, judged, first, last),
        *over_claims(seen, current, last.sides if last.apart else {}, layers),
    ]


def _messages(relation: Relation) -> list[str]:
    return [span.message for span in (relation.first, relation.second) if span is not None]


def _surest(relations: Sequence[Relation]) -> list[Relation]:
    """One judgement of each pair: a large model's before a small one's."""
    found: dict[tuple[Span | None, Span], Relation] = {}
    for each in relations:
        pair = (each.first, each.second)
        if pair not in found or each.layer == "llm":
            found[pair] = each
    return list(found.values())


def _turns(seen: Transcript, judged: Sequence[Relation], *, latest: bool) -> Mapping[str, Turn]:
    """Seat → the latest of its messages that were judged, or the first."""
    turns: dict[str, Turn] = {}
    for message in (each for relation in judged for each in _messages(relation)):
        turn = seen.turn(message)
        kept = turns.setdefault(turn.seat, turn)
        if ((turn.step, turn.order) > (kept.step, kept.order)) == latest:
            turns[turn.seat] = turn
    return turns


def _standing(
    seen: Transcript,
    judged: Sequence[Relation],
    seats: tuple[str, ...],
    turns: Mapping[str, Turn],
) -> _Standing:
    """The sides by one message of every seat."""
    mine = {turn.id for turn in turns.values()}
    question: dict[str, list[float]] = defaultdict(list)
    pairs: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in judged:
        messages = _messages(each)
        if not mine.issuperset(messages):
            continue
        speakers = [seen.turn(message).seat for message in messages]
        if len(speakers) == 1:
            question[speakers[0]].append(balance(each.probabilities))
        else:
            pairs[min(speakers), max(speakers)].append(balance(each.probabilities))
    return _Standing(cut(seats, question, pairs), turns)


def _over_question(
    seen: Transcript, judged: Sequence[Relation], first: _Standing, last: _Standing
) -> Conflict:
    shown = last if last.apart else first
    was = first.sides if first.apart else first.agreed
    now = last.sides if last.apart else last.agreed
    polar = any(each.first is None for each in judged)
    if not polar:
        was = _matched(was, now)
    names = _named({*was.values(), *now.values()}, polar)
    positions = tuple(
        Position(
            id=name,
            summary=_summary(side, first, last, polar),
            parties=tuple(seat for seat in seen.opening.seats if now.get(seat) == side),
            held_first=tuple(seat for seat in seen.opening.seats if was.get(seat) == side),
            spans=_quotations(seen, shown, side),
        )
        for side, name in names.items()
    )
    tensions = gauge.tensions(seen, positions)
    moved = _moved(seen, was, now, last, names) if now else _gone(was, last, names)
    opened = Event(round=_opened(first if first.apart else last), event="opened")
    llm = any(each.layer == "llm" for each in judged)
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=seen.opening.question,
        about=QUESTION,
        kind=gauge.question_kind(seen, positions, tensions),
        positions=positions,
        values_in_tension=tensions,
        severity=gauge.severity(
            [*Counter(shown.sides.values()).values()],
            [],
            least=2,
            stakes=gauge.stakes(seen, positions, tensions),
            sensitivity=gauge.sensitivity({s: f"{at}" for s, at in shown.sides.items()}),
        ),
        history=(opened, *moved),
        status=_status(first, last, moved),
        detection=Detection(
            method="llm" if llm else "clerk",
            rule=RELATIONS,
            model=next(e.model for e in judged if (e.layer == "llm") == llm),
            confidence=shown.found.confidence,
            relations=tuple(each.id for each in judged),
        ),
    )


def _matched(was: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    """The sides of before under the names of now: without a question sides have no names of their own,
    and those that share most seats are the same."""
    shared = Counter((was[seat], now[seat]) for seat in was if seat in now)
    names: dict[int, int] = {}
    for (before, after), _ in sorted(shared.items(), key=lambda each: (-each[1], each[0])):
        if before not in names and after not in names.values():
            names[before] = after
    unused = max((*now.values(), *was.values(), 0))
    for side in sorted(set(was.values()) - set(names)):
        unused += 1
        names[side] = unused
    return {seat: names[side] for seat, side in was.items()}


def _named(sides: Collection[int], polar: bool) -> dict[int, str]:
    """Side → the name of its position, in their order: for, against; or a, b, c and so on."""
    if polar:
        return dict(_FIRST)
    letters = [LETTERS[at % len(LETTERS)].lower() for at in range(len(sides))]
    return {
        side: letters[at] if at < len(LETTERS) else f"{letters[at]}{at}"
        for at, side in enumerate(sorted(sides))
    }


def _summary(side: int, first: _Standing, last: _Standing, polar: bool) -> str:
    """What a position says; where the question has no yes and no, the first message of the seats on it."""
    if polar:
        return FOR if side == 1 else AGAINST
    shown = last if last.apart and side in last.sides.values() else first
    mine = [turn for seat, turn in shown.turns.items() if shown.sides.get(seat) == side]
    mine = mine or [*shown.turns.values()]
    return f"with {min(mine, key=lambda turn: (turn.step, turn.order)).id}"


def _opened(standing: _Standing) -> int:
    """The round in which a second side had been taken."""
    rounds: dict[int, list[int]] = defaultdict(list)
    for seat, side in standing.sides.items():
        rounds[side].append(standing.turns[seat].round)
    return sorted(min(each) for each in rounds.values())[1]


def _moved(
    seen: Transcript,
    was: Mapping[str, int],
    now: Mapping[str, int],
    last: _Standing,
    names: Mapping[int, str],
) -> tuple[Event, ...]:
    """Seats whose words came to speak for another side, with the reason that these words show."""
    return tuple(
        _move(seen, seat, names[side], names[now[seat]], last.turns[seat].round)
        for seat, side in was.items()
        if seat in now and now[seat] != side
    )


def _move(seen: Transcript, seat: str, before: str, after: str, round: int) -> Event:
    move = Move(
        step=seen.place.step,
        order=0,
        seat=seat,
        round=round,
        from_choice=before,
        to_choice=after,
        because="unexplained",
    )
    why = reason_of(seen, move)
    return Event(
        round=round,
        event="conceded" if why.reason in PRINCIPLED else "withdrawn",
        by=seat,
        from_position=move.from_choice,
        to_position=move.to_choice,
        reason=why.reason,
        spans=why.spans,
    )


def _gone(was: Mapping[str, int], last: _Standing, names: Mapping[int, str]) -> tuple[Event, ...]:
    """Seats that are of one mind in the end, nobody can tell on which side."""
    return tuple(
        Event(round=last.turns[seat].round, event="dropped", by=seat, from_position=names[side])
        for seat, side in was.items()
        if seat in last.turns
    )


def _status(first: _Standing, last: _Standing, moved: Sequence[Event]) -> ConflictStatus:
    """How it stands before the decision."""
    if last.apart:
        # Who left the others' side opened the conflict, and did not narrow it.
        return "narrowed" if moved and first.apart else "open"
    events = {each.event for each in moved}
    if "dropped" in events or not events:
        return "dropped"
    return "conceded" if events == {"conceded"} else "went_along"


def _quotations(seen: Transcript, standing: _Standing, side: int) -> tuple[Span, ...]:
    turns = [
        standing.turns[seat] for seat in seen.opening.seats if standing.sides.get(seat) == side
    ]
    found = [quotation(turn) for turn in turns]
    return tuple(span for span in found if span is not None)[:QUOTES]
