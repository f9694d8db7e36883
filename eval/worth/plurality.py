"""Plurality: what of the conflict log is there because somebody was.

A contributor who is always outvoted may be worth the most by it, and nothing by quality: the two are
never added. What counts is on record, and nothing that is only said: a position that was held, a side
of a conflict, a declared value that is in tension with another side, a claim that somebody contested.
Words alone add nothing, and what two hold is there once.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from folkmoot.eval.worth.players import Player
from folkmoot.eval.worth.shapley import Coalition, Memo
from folkmoot.records import QUESTION, Conflict, Transcript

Kind = Literal["position", "side", "value", "claim"]
KINDS: tuple[Kind, ...] = ("position", "side", "value", "claim")


class Element(NamedTuple):
    """One thing that the log has."""

    kind: Kind
    what: tuple[str, ...]


Elements = Mapping[Element, frozenset[str]]
"""What → the seats it is there for, any of which would do."""


def elements(transcript: Transcript) -> dict[Element, frozenset[str]]:
    """What the log of a run has, and because of whom.

    - position: an option that was held on the question, by those who ever held it; on an open question
      a side of a conflict over it.
    - side: a position in a conflict over something else, by those who held it first or last.
    - value: a declared value in tension, in the whole log once, by those who declare it.
    - claim: a message whose claim is contested, by whoever said it.
    """
    found: dict[Element, set[str]] = {}

    def add(kind: Kind, what: tuple[str, ...], seats: Sequence[str]) -> None:
        found.setdefault(Element(kind, what), set()).update(seats)

    for stance in transcript.stands(QUESTION):
        if stance.choice is not None:
            add("position", (stance.choice,), (stance.seat,))
    for conflict in transcript.conflicts:
        for position in conflict.positions:
            kind, what = _side(transcript, conflict, position.id, position.summary)
            add(kind, what, (*position.parties, *position.held_first))
        for tension in conflict.values_in_tension:
            if tension.source == "declared":
                add("value", (tension.vocabulary or "", tension.value), tension.parties)
        if conflict.about != QUESTION:
            add("claim", (conflict.about,), (transcript.turn(conflict.about).seat,))
    return {element: frozenset(seats) for element, seats in found.items() if seats}


def plurality(transcript: Transcript, players: Sequence[Player]) -> Memo:
    """The game of one run: coalition → how many elements of the log are there because of it."""
    held = _held(elements(transcript), players)

    def value(coalition: Coalition) -> float:
        return float(sum(1 for holders in held.values() if holders & coalition))

    return Memo(value)


def shared(
    found: Elements, players: Sequence[Player], kind: Kind | None = None
) -> dict[str, float]:
    """The Shapley values of that game, at once: each element is split evenly between its holders.

    Args:
        found: what the log has.
        players: who plays.
        kind: elements of one kind alone; None for all.
    """
    values = {player.name: 0.0 for player in players}
    for element, holders in _held(found, players).items():
        for name in holders if kind in (None, element.kind) else ():
            values[name] += 1 / len(holders)
    return values


def only(found: Elements, players: Sequence[Player]) -> dict[str, float]:
    """How many elements would not be there without each: leave-one-out."""
    values = {player.name: 0.0 for player in players}
    for holders in _held(found, players).values():
        if len(holders) == 1:
            values[next(iter(holders))] += 1
    return values


def _held(found: Elements, players: Sequence[Player]) -> dict[Element, frozenset[str]]:
    whose = {seat: player.name for player in players for seat in player.seats}
    held = {
        element: frozenset(whose[seat] for seat in seats if seat in whose)
        for element, seats in found.items()
    }
    return {element: holders for element, holders in held.items() if holders}


def _side(
    transcript: Transcript, conflict: Conflict, position: str, summary: str
) -> tuple[Kind, tuple[str, ...]]:
    """A side; one of the question's own conflict that is an option is the position of that name."""
    if conflict.about == QUESTION and summary in (transcript.opening.options or ()):
        return "position", (summary,)
    return ("position" if conflict.about == QUESTION else "side"), (conflict.id, position)
