"""Players: whose worth it is. A contributor plays once, however many seats and names it has.

A Shapley value can be had twice by coming twice. So the seats of one contributor are one player, and
so are contributors who cannot be told apart: who bring the same weights, seats that are clones, and
whoever an identity map names as one. What such a player is worth is split evenly between its members.

A seat that names no contributor stands for itself: on a panel of one model it is its perspective that
is valued, and seats of one model with different perspectives are different players.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from folkmoot.records import HUMAN, InputError, Opening, Party, clones


class Member(NamedTuple):
    """Whoever a statement is made out to: a contributor, or a seat that names none."""

    name: str
    named: bool
    """Whether it is a contributor's name; else a seat's."""

    def __str__(self) -> str:
        return self.name if self.named else f"seat {self.name}"


class Player(NamedTuple):
    """Members that are one."""

    name: str
    members: tuple[Member, ...]
    """In the panel's order."""
    seats: tuple[str, ...]


def member(party: Party) -> Member:
    """Whose a seat is."""
    if party.contributor:
        return Member(party.contributor, True)
    return Member(party.seat, False)


def players(opening: Opening, identity: Mapping[str, str] | None = None) -> tuple[Player, ...]:
    """The players of a run, in the panel's order.

    Args:
        opening: how it began.
        identity: contributor, or seat without one → who it is; those of one name are one.
    """
    seats: dict[Member, list[str]] = {}
    for party in opening.parties:
        seats.setdefault(member(party), []).append(party.seat)
    groups = [{each} for each in seats]
    for same in _same(opening, identity or {}):
        joined = [group for group in groups if group & same]
        groups = [group for group in groups if not group & same]
        groups.append(set[Member]().union(*joined))
    order = {each: place for place, each in enumerate(seats)}
    ranked = sorted(
        (sorted(group, key=order.__getitem__) for group in groups), key=lambda g: order[g[0]]
    )
    return tuple(
        Player(
            name=" + ".join(map(str, group)),
            members=tuple(group),
            seats=tuple(s for s in opening.seats if any(s in seats[each] for each in group)),
        )
        for group in ranked
    )


def checked(identity: Mapping[str, str] | None, known: Iterable[Member]) -> dict[str, str]:
    """An identity map that names nobody who is not there.

    Raises:
        InputError: it does.
    """
    names = dict.fromkeys(each.name for each in known)
    for name in identity or {}:
        if name not in names:
            raise InputError(
                f"no contributor or seat is named {name!r}", f"there are: {', '.join(names)}"
            )
    return dict(identity or {})


def _same(opening: Opening, identity: Mapping[str, str]) -> Iterator[set[Member]]:
    """Sets of members that are one."""
    by_seat = {party.seat: member(party) for party in opening.parties}
    yield from ({by_seat[seat] for seat in group} for group in clones(opening.parties))
    weights: dict[tuple[str, str], set[Member]] = {}
    named: dict[str, set[Member]] = {}
    for party in opening.parties:
        whose = by_seat[party.seat]
        if whose.named and party.model != HUMAN:
            weights.setdefault(_weights(opening, party), set()).add(whose)
        if whose.name in identity:
            named.setdefault(identity[whose.name], set()).add(whose)
    yield from weights.values()
    yield from named.values()


def _weights(opening: Opening, party: Party) -> tuple[str, str]:
    """The digests of a seat's model and adapter; its name where they are not known."""
    for model in opening.models:
        if model.name == party.model and model.weights_sha256 is not None:
            return model.weights_sha256, model.adapter_sha256 or ""
    return "", party.model
