"""Conflicts over messages that seats declare to attack: rule acts/3.

    B attacks M1 by M4 ─► A attacks M4 by M6 ─► …      one thread, one conflict: does M1 hold?

Only acts on record count, each for the seat whose message says it. What a text claims about acts,
of its own seat or another's, changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from folkmoot.protocols import gauge
from folkmoot.protocols.reasons import Why, shown_by
from folkmoot.records import (
    Act,
    Conflict,
    Detection,
    Event,
    Position,
    Severity,
    Tension,
    Transcript,
    Turn,
)
from folkmoot.records.ends import PRINCIPLED, resolves
from folkmoot.records.spans import quotation
from folkmoot.records.terms import ConflictKind, ConflictStatus, EventName

HOLDS = "it holds"
"""The position of a message's author, and of all who stand by it."""
ATTACKED = "attacked"
"""The position of those who attack it."""

_Side = Literal["a", "b"]
_OTHER: dict[_Side, _Side] = {"a": "b", "b": "a"}


def act_conflicts(seen: Transcript) -> list[Conflict]:
    """One conflict for each message that another seat attacks, in the order of the messages.

    An attack on an attack, and one on a message by which a seat holds to another, is about the
    message at the root of the thread. A seat's side is where its last act in the thread puts it:
    supporting, holding to or conceding a message puts it on that message's side, attacking it on the
    other. The root's author begins on the side of its message. Qualifying changes no side: whoever
    qualifies a message narrows the conflict and stays where it was. The dispute is that of the author
    and of the seat that attacked first: an attack by one of the two, of which it says that the difference
    is over something else than was said last, reframes the conflict. Who joins in changes how many differ,
    and neither what over nor how the two came to an end.
    Every change of side is an event of its own, beside what the act does to the conflict: conceded
    where rule reasons/3 finds a reason in the matter itself, else withdrawn.
    """
    acts = _sound(seen)
    place = {each.id: at for at, each in enumerate(seen.turns)}
    speaks = _spoken_for(acts, place)
    threads: dict[str, list[Act]] = {}
    for act in acts:
        if act.about is not None:
            threads.setdefault(_on(act.about, speaks).root, []).append(act)
    return [
        _conflict(seen, seen.turn(root), threads[root], speaks)
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


class _For(NamedTuple):
    """What a message speaks for."""

    root: str
    """The message that its thread is about."""
    side: _Side


_Speaks = Mapping[str, _For]


def _spoken_for(acts: Sequence[Act], place: Mapping[str, int]) -> _Speaks:
    """The messages that attack or hold → what they speak for. One walk: an act is about an earlier
    message, of which it is known by then."""
    says: dict[str, Act] = {}
    for act in acts:
        if act.act in ("attack", "hold"):
            says.setdefault(act.message, act)
    found: dict[str, _For] = {}
    for message in sorted(says, key=lambda message: place[message]):
        root, side = _on(says[message].about or "", found)
        found[message] = _For(root, _OTHER[side] if says[message].act == "attack" else side)
    return found


def _on(message: str, speaks: _Speaks) -> _For:
    """What a message speaks for; one that neither attacks nor holds begins a thread."""
    return speaks.get(message) or _For(message, "a")


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
    begun: tuple[str, ...]
    """The author and, once it is open, who opened it: whose dispute it is."""
    kind: ConflictKind | None
    """The kind that the opener named last with such an attack."""
    events: list[Event]
    opening: int
    """How many of the events are the opening's: an opener that stood with the author moved, too."""


def _followed(seen: Transcript, root: Turn, acts: Sequence[Act], speaks: _Speaks) -> _Thread:
    sides: dict[str, _Side] = {root.seat: "a"}
    thread = _Thread(sides, dict(sides), (0, 0), {}, (root.seat,), None, [], 0)
    over: ConflictKind | None = None
    for act in acts:
        on = _on(act.about or "", speaks).side
        to = None if act.act == "qualify" else _OTHER[on] if act.act == "attack" else on
        before = sides.get(act.seat)
        settled = len(set(sides.values())) < 2
        if to is not None:
            sides[act.seat] = to
            thread.first.setdefault(act.seat, to)
        both = len(set(sides.values())) > 1
        opened, again = bool(thread.events), settled and both
        told = _told(act, to, thread.begun, opened=opened, again=again, over=over)
        thread.events.extend(_events(seen, act, told, before, to))
        if told == "opened":
            begun = (root.seat, act.seat)
            thread = thread._replace(begun=begun, opening=len(thread.events))
        if act.act == "attack" and to == "b":
            thread.attacks[act.seat] = act
            if act.seat in thread.begun[1:]:
                thread = thread._replace(kind=act.kind or thread.kind)
        over = act.kind or over if act.seat in thread.begun else over
        if both:
            held = list(sides.values())
            thread = thread._replace(split=(held.count("a"), held.count("b")))
    return thread


def _told(
    act: Act,
    to: _Side | None,
    begun: Sequence[str],
    *,
    opened: bool,
    again: bool,
    over: ConflictKind | None,
) -> EventName | None:
    """What an act does to the conflict, whoever changes sides by it; None for nothing.

    Args:
        act: the act.
        to: the side that its seat takes by it, if any.
        begun: whose dispute it is.
        opened: whether the conflict is open. What was said of the message before anybody attacked it
            is no part of it.
        again: whether both sides are held again by this act.
        over: what the last attack of these said that the difference is over.
    """
    if not opened:
        return "opened" if act.act == "attack" else None
    if to is None:
        return "narrowed"
    if again:
        return "reopened"
    if act.act == "attack":
        other = act.seat in begun and over is not None and act.kind not in (None, over)
        return "reframed" if other else "sharpened"
    return None


def _events(
    seen: Transcript,
    act: Act,
    told: EventName | None,
    before: _Side | None,
    to: _Side | None,
) -> Iterator[Event]:
    """What an act adds to the history: what it does to the conflict, and its seat's change of side,
    which takes it there."""
    moved = to is not None and before not in (None, to)
    if told is not None:
        words = quotation(seen.turn(act.message))
        yield Event(
            round=act.round,
            event=told,
            by=act.seat,
            to_position=None if moved else to,
            spans=() if words is None else (words,),
            kind=act.kind if told == "reframed" else None,
        )
    if moved and to is not None:
        yield _moved(seen, act, before, to)


def _moved(seen: Transcript, act: Act, before: _Side | None, to: _Side) -> Event:
    """A change of side, with the reason that the act's words show (reasons/3). Who concedes a message
    names it as what moved it, and has conceded only where its words show why."""
    said = seen.turn(act.message)
    named = (act.about,) if act.act == "concede" and act.about is not None else ()
    cited = [seen.turn(message) for message in named]
    why = shown_by(seen, [said], cited, named=bool(cited)) or Why("unexplained")
    own = quotation(said) if named and why.spans else None
    return Event(
        round=act.round,
        event="conceded" if why.reason in PRINCIPLED else "withdrawn",
        by=act.seat,
        from_position=before,
        to_position=to,
        reason=why.reason,
        cites=named if why.spans else (),
        spans=tuple(dict.fromkeys((own, *why.spans))) if own else why.spans,
    )


def _conflict(seen: Transcript, root: Turn, acts: Sequence[Act], speaks: _Speaks) -> Conflict:
    thread = _followed(seen, root, acts, speaks)
    claimed = quotation(root)
    # Who left a side neither speaks for it nor says what it is over, unless nobody is left on it.
    against = [seat for seat in seen.opening.seats if seat in thread.attacks]
    against = [seat for seat in against if thread.sides[seat] == "b"] or against
    positions = _positions(seen, root, thread, seen.opening.seats, against)
    opener = thread.begun[-1]
    disputed = _positions(seen, root, thread, thread.begun, [opener])
    named = thread.kind if opener in against else None
    claim = root.id if claimed is None else claimed.exact
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=f"Does {claim} hold?" if claimed is None else f"Does this hold: “{claim}”?",
        about=root.id,
        kind=_kind(named, claim, gauge.tensions(seen, disputed)),
        positions=positions,
        values_in_tension=gauge.tensions(seen, positions),
        severity=_severity(seen, root, thread),
        history=tuple(thread.events),
        status=_status(thread),
        detection=Detection(method="protocol_act", rule="acts/3"),
    )


def _positions(
    seen: Transcript, root: Turn, thread: _Thread, among: Sequence[str], against: Sequence[str]
) -> tuple[Position, ...]:
    """Both sides.

    Args:
        seen: the record.
        root: the message that the thread is about.
        thread: how it went.
        among: the seats that are named.
        against: the seats whose last attacks are quoted.
    """
    attacks = [seen.turn(thread.attacks[seat].message) for seat in against]
    sides: tuple[tuple[_Side, str, list[Turn]], ...] = (
        ("a", HOLDS, [root]),
        ("b", ATTACKED, attacks),
    )
    return tuple(
        Position(
            id=side,
            summary=summary,
            parties=tuple(seat for seat in among if thread.sides.get(seat) == side),
            held_first=tuple(seat for seat in among if thread.first.get(seat) == side),
            spans=tuple(each for each in map(quotation, said) if each is not None),
        )
        for side, summary, said in sides
    )


def _kind(named: ConflictKind | None, claim: str, tensions: tuple[Tension, ...]) -> ConflictKind:
    """The more careful of what the opener says that it is over and what rule kind/4 finds in the claim
    and in what its author and the opener hold: the kind of which fewer rules may dispose over the heads
    of those who differ; where they are alike in that, what the opener says. So no word of a seat's lets a
    vote resolve what it could not without. What is said in defence of the message is no say in what the
    attack is over, nor is what those say who join it."""
    by_rule = gauge.kind(claim, tensions)
    if named is not None and _disposable(named) <= _disposable(by_rule):
        return named
    return by_rule


def _disposable(kind: ConflictKind) -> int:
    """How many of the rules that overrule seats resolve a conflict of a kind: none where it is over
    values, a judge where it is over facts."""
    return sum(resolves(rule, kind) for rule in ("vote", "judge"))


def _severity(seen: Transcript, root: Turn, thread: _Thread) -> Severity:
    """By the rubric, over the panel: the smaller side against all others, those among them who took no
    side. One seat's word against another's has no breadth: nobody joined in. Who joins adds to
    the breadth alone: how sure they judge it is asked of those whose dispute it is. Stakes are not measured:
    an attacker chooses its words, and could put its red lines into every trifle."""
    smaller = 0 if sum(thread.split) == 2 else min(thread.split)
    last = [seen.last_stand(seat, root.id) for seat in thread.begun]
    judged = [stance for stance in last if stance is not None]
    return gauge.severity([len(seen.opening.seats) - smaller, smaller], judged)


def _status(thread: _Thread) -> ConflictStatus:
    """Where both sides are held, narrowed once anybody moved or qualified; the opener's own move opened
    it. Else conceded where each last change of side of those whose dispute it is shows a reason in the
    matter itself, went_along where one does not: a joiner that gives up speaks for itself."""
    if len(set(thread.sides.values())) > 1:
        since = thread.events[thread.opening :]
        moved = any(each.event in ("narrowed", "conceded", "withdrawn") for each in since)
        return "narrowed" if moved else "open"
    moves = (each for each in thread.events if each.from_position is not None)
    last = {each.by: each.event for each in moves if each.by in thread.begun}
    return "went_along" if "withdrawn" in last.values() else "conceded"
