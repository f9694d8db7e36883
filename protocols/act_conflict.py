"""Conflicts over messages that seats declare to attack: rule acts/1.

    B attacks M1 by M4 ─► A attacks M4 by M6 ─► …      one thread, one conflict: does M1 hold?

Only acts on record count, each for the seat whose message says it. What a text claims about acts,
of its own seat or another's, changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from folkmoot.protocols import gauge
from folkmoot.records import (
    Act,
    Conflict,
    Detection,
    Event,
    Position,
    Severity,
    Span,
    Tension,
    Transcript,
    Turn,
)
from folkmoot.records.spans import first_sentence, span
from folkmoot.records.terms import ConflictKind, ConflictStatus, EventName

HOLDS = "it holds"
"""The position of a message's author, and of all who stand by it."""
ATTACKED = "attacked"
"""The position of those who attack it."""

_Side = Literal["a", "b"]
_OTHER: dict[_Side, _Side] = {"a": "b", "b": "a"}

_LONGEST = 300
"""Codepoints of a quotation; a longer sentence is quoted to the last word that fits."""


def act_conflicts(seen: Transcript) -> list[Conflict]:
    """One conflict for each message that another seat attacks, in the order of the messages.

    An attack on an attack, and one on a message by which a seat holds to another, is about the
    message at the root of the thread. A seat's side is where its last act in the thread puts it:
    supporting, holding to or conceding a message puts it on that message's side, attacking it on the
    other. The root's author begins on the side of its message. Qualifying changes no side: whoever
    qualifies a message narrows the conflict and stays where it was. An attack, by either side, of which
    its seat says that the difference is over something else than was said last reframes the conflict.
    """
    acts = _sound(seen)
    says: dict[str, Act] = {}
    for act in acts:
        if act.act in ("attack", "hold"):
            says.setdefault(act.message, act)
    threads: dict[str, list[Act]] = {}
    for act in acts:
        if act.about is not None:
            threads.setdefault(_traced(act.about, says)[0], []).append(act)
    place = {each.id: at for at, each in enumerate(seen.turns)}
    return [
        _conflict(seen, seen.turn(root), threads[root], says)
        for root in sorted(threads, key=lambda message: place[message])
        if any(act.act == "attack" for act in threads[root])
    ]


def _sound(seen: Transcript) -> list[Act]:
    """Acts that are said in a message of their own seat, on an earlier message: a hold on one of its
    own, anything else on another's. So no seat is moved by another, and no thread runs in a circle."""
    place = {each.id: at for at, each in enumerate(seen.turns)}
    found: list[Act] = []
    for act in seen.acts:
        if act.message not in place or seen.turn(act.message).seat != act.seat:
            continue
        if act.about is None or place.get(act.about, len(place)) >= place[act.message]:
            continue
        if (seen.turn(act.about).seat == act.seat) == (act.act == "hold"):
            found.append(act)
    return found


def _traced(message: str, says: Mapping[str, Act]) -> tuple[str, _Side]:
    """The root of the thread that a message is in, and the side that it speaks for."""
    side: _Side = "a"
    while message in says:
        act = says[message]
        side = _OTHER[side] if act.act == "attack" else side
        message = act.about or ""
    return message, side


class _Thread(NamedTuple):
    """A thread as it went."""

    sides: dict[str, _Side]
    """Seat → where it stands at the end."""
    first: dict[str, _Side]
    """Seat → where it stood first."""
    split: tuple[int, int]
    """Seats on either side when both were last held."""
    attacks: dict[str, Act]
    """Seat → its last attack on the root's side."""
    kinds: dict[str, ConflictKind]
    """Seat → the kind that it named last with such an attack."""
    events: list[Event]


def _followed(
    seen: Transcript, root: Turn, acts: Sequence[Act], says: Mapping[str, Act]
) -> _Thread:
    sides: dict[str, _Side] = {root.seat: "a"}
    thread = _Thread(sides, dict(sides), (0, 0), {}, {}, [])
    over: ConflictKind | None = None
    for act in acts:
        on = _traced(act.about or "", says)[1]
        to = None if act.act == "qualify" else _OTHER[on] if act.act == "attack" else on
        before = sides.get(act.seat)
        settled = len(set(sides.values())) < 2
        if to is not None:
            sides[act.seat] = to
            thread.first.setdefault(act.seat, to)
        if act.act == "attack" and to == "b":
            thread.attacks[act.seat] = act
            thread.kinds.update({} if act.kind is None else {act.seat: act.kind})
        both = len(set(sides.values())) > 1
        name = _name(act, before, to, opened=bool(thread.events), again=settled and both)
        if name == "sharpened" and over is not None and act.kind not in (None, over):
            name = "reframed"
        over = act.kind or over
        if name is not None:
            thread.events.append(_event(seen, act, name, before, to))
        if both:
            held = list(sides.values())
            thread = thread._replace(split=(held.count("a"), held.count("b")))
    return thread


def _name(
    act: Act, before: _Side | None, to: _Side | None, *, opened: bool, again: bool
) -> EventName | None:
    """What an act does to the conflict; None for nothing. `again`: both sides are held again."""
    if not opened:
        # What was said of the message before anybody attacked it is no part of the conflict.
        return "opened" if act.act == "attack" else None
    if to is None:
        return "narrowed"
    changes = before is not None and before != to
    if act.act == "concede":
        return "conceded" if changes else None
    if again:
        return "reopened"
    if act.act == "attack":
        return "sharpened"
    return "withdrawn" if changes else None


def _event(
    seen: Transcript, act: Act, name: EventName, before: _Side | None, to: _Side | None
) -> Event:
    conceded, withdrawn = name == "conceded", name == "withdrawn"
    words = None if withdrawn else _quotation(seen.turn(act.message))
    return Event(
        round=act.round,
        event=name,
        by=act.seat,
        from_position=before if before != to and to is not None else None,
        to_position=to,
        reason="argument" if conceded else "unexplained" if withdrawn else None,
        cites=(act.about,) if conceded and act.about is not None else (),
        spans=() if words is None else (words,),
        kind=act.kind if name == "reframed" else None,
    )


def _conflict(
    seen: Transcript, root: Turn, acts: Sequence[Act], says: Mapping[str, Act]
) -> Conflict:
    thread = _followed(seen, root, acts, says)
    quotation = _quotation(root)
    # Who left a side neither speaks for it nor says what it is over, unless nobody is left on it.
    against = [seat for seat in seen.opening.seats if seat in thread.attacks]
    against = [seat for seat in against if thread.sides[seat] == "b"] or against
    attacks = [thread.attacks[seat] for seat in against]
    kinds: dict[str, ConflictKind] = {
        seat: thread.kinds[seat] for seat in against if seat in thread.kinds
    }
    words: dict[_Side, list[Span | None]] = {
        "a": [quotation],
        "b": [_quotation(seen.turn(act.message)) for act in attacks],
    }
    summaries: dict[_Side, str] = {"a": HOLDS, "b": ATTACKED}
    positions = tuple(
        Position(
            id=side,
            summary=summary,
            parties=_on(seen, side, thread.sides),
            held_first=_on(seen, side, thread.first),
            spans=tuple(each for each in words[side] if each is not None),
        )
        for side, summary in summaries.items()
    )
    tensions = gauge.tensions(seen, positions)
    claim = root.id if quotation is None else quotation.exact
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=f"Does {claim} hold?" if quotation is None else f"Does this hold: “{claim}”?",
        about=root.id,
        kind=_kind(kinds, claim, tensions),
        positions=positions,
        values_in_tension=tensions,
        severity=_severity(seen, root, thread),
        history=tuple(thread.events),
        status=_status(thread),
        detection=Detection(method="protocol_act", rule="acts/1"),
    )


def _on(seen: Transcript, side: _Side, sides: Mapping[str, _Side]) -> tuple[str, ...]:
    return tuple(seat for seat in seen.opening.seats if sides.get(seat) == side)


def _kind(
    kinds: Mapping[str, ConflictKind], claim: str, tensions: tuple[Tension, ...]
) -> ConflictKind:
    """What most attackers say that it is over, one voice each; by rule kind/2 where they tie or say
    nothing, and where it is over values by that rule: a word of theirs must not make a value
    conflict one that a vote may resolve."""
    by_rule = gauge.kind(claim, tensions)
    if by_rule in ("value", "preference"):
        return by_rule
    ranked = Counter(kinds.values()).most_common()
    if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
        return ranked[0][0]
    return by_rule


def _severity(seen: Transcript, root: Turn, thread: _Thread) -> Severity:
    """By the rubric, over the panel: the smaller side against all others, those among them who took no
    side. One seat's word against another's has no breadth: nobody joined in. Stakes are not measured:
    an attacker chooses its words, and could put its red lines into every trifle."""
    smaller = 0 if sum(thread.split) == 2 else min(thread.split)
    last = [seen.last_stand(seat, root.id) for seat in thread.sides]
    judged = [stance for stance in last if stance is not None]
    return gauge.severity([len(seen.opening.seats) - smaller, smaller], judged)


def _status(thread: _Thread) -> ConflictStatus:
    """Where both sides are held, narrowed once anybody moved or qualified. Else went_along where some
    seat's last change of side names no reason, conceded where all do."""
    changes = [event for event in thread.events if event.from_position is not None]
    if len(set(thread.sides.values())) > 1:
        narrowed = any(event.event == "narrowed" for event in thread.events)
        return "narrowed" if changes or narrowed else "open"
    last = {event.by: event.event for event in changes}
    return "went_along" if "withdrawn" in last.values() else "conceded"


def _quotation(turn: Turn) -> Span | None:
    """The first sentence, or as much of it as is worth quoting; None where the message has none."""
    found = first_sentence(turn)
    if found is None or len(found.exact) <= _LONGEST:
        return found
    cut = found.exact[:_LONGEST].rsplit(maxsplit=1)[0]
    return span(turn, found.start, found.start + len(cut))
