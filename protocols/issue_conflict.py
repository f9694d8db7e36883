"""Conflicts over a draft: a critic's typed objection, and whether a revision met it."""

from folkmoot.protocols import gauge
from folkmoot.protocols.draft import latest_draft
from folkmoot.records import Conflict, Detection, Event, Issue, Position, Transcript
from folkmoot.records.spans import quotation
from folkmoot.records.terms import ConflictKind, ConflictStatus

STANDS = "the draft stands"
"""The position of a draft's author, and of a critic that came to accept."""

_KINDS: dict[str, ConflictKind] = {"factual": "factual", "value": "value"}


def issue_conflicts(seen: Transcript) -> list[Conflict]:
    """One conflict for each critic that objected: its last objection, against the draft's author;
    and one for each that rejects the last draft without an objection on record."""
    last = {issue.seat: issue for issue in seen.issues}
    objections = [_conflict(seen, issue) for issue in last.values()]
    return [*objections, *_rejections(seen, tuple(last))]


def _conflict(seen: Transcript, issue: Issue) -> Conflict:
    draft, objection = seen.turn(issue.about), seen.turn(issue.message)
    status = _status(seen, issue)
    gave_up = (issue.seat,) if status == "conceded" else ()
    sides = (
        ("a", STANDS, draft, (draft.seat, *gave_up)),
        ("b", f"{issue.type} objection", objection, () if gave_up else (issue.seat,)),
    )
    positions = tuple(
        Position(
            id=name,
            summary=summary,
            parties=parties,
            held_first=(message.seat,),
            spans=tuple(span for span in (quotation(message),) if span is not None),
        )
        for name, summary, message, parties in sides
    )
    first = next(each for each in seen.issues if each.seat == issue.seat)
    tensions = gauge.tensions(seen, positions)
    events = [Event(round=first.round, event="opened", by=issue.seat)]
    if status == "conceded":
        events.append(
            Event(
                round=issue.round,
                event="conceded",
                by=issue.seat,
                from_position="b",
                to_position="a",
                reason="argument",
                cites=tuple(t.id for t in (latest_draft(seen),) if t is not None),
            )
        )
    verdicts = [s for s in seen.stands(issue.about) if s.seat == issue.seat]
    return Conflict(
        step=seen.place.step,
        order=0,
        id="",
        issue=f"Does the draft {issue.about} stand?",
        about=issue.about,
        kind=_KINDS.get(issue.type),
        positions=positions,
        values_in_tension=tensions,
        severity=gauge.severity([1, 1], verdicts, stakes=gauge.stakes(seen, positions, tensions)),
        history=tuple(events),
        status=status,
        detection=Detection(method="protocol_act", rule="issues/1"),
    )


def _rejections(seen: Transcript, objecting: tuple[str, ...]) -> list[Conflict]:
    draft = latest_draft(seen)
    if draft is None:
        return []
    stands = tuple(span for span in (quotation(draft),) if span is not None)
    return [
        Conflict(
            step=seen.place.step,
            order=0,
            id="",
            issue=f"Does the draft {draft.id} stand?",
            about=draft.id,
            positions=(
                Position(id="a", summary=STANDS, parties=(draft.seat,), spans=stands),
                Position(id="b", summary="rejected", parties=(verdict.seat,)),
            ),
            severity=gauge.severity([1, 1], [verdict]),
            history=(Event(round=verdict.round, event="opened", by=verdict.seat),),
            status="open",
            detection=Detection(method="protocol_act", rule="verdicts/1"),
        )
        for verdict in seen.stands(draft.id)
        if verdict.choice == "reject" and verdict.seat not in objecting
    ]


def _status(seen: Transcript, issue: Issue) -> ConflictStatus:
    """conceded: the critic accepts the revision of what it objected to. Else open."""
    draft = latest_draft(seen)
    if draft is None or draft.id == issue.about:
        return "open"
    verdict = seen.last_stand(issue.seat, draft.id)
    return "conceded" if verdict is not None and verdict.choice == "accept" else "open"
