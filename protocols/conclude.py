"""Conclude: the one answer, put together from the decision, with what it says of each conflict."""

from folkmoot.protocols.table import claims
from folkmoot.records import (
    QUESTION,
    Answer,
    Call,
    Conflict,
    Decision,
    Position,
    Record,
    Reply,
    Sentence,
    Settlement,
    Span,
    Transcript,
    Treatment,
    Turn,
)
from folkmoot.records.base import Frozen
from folkmoot.records.spans import sentences

COMPOSED = "composed"
"""The author of an answer that no model wrote."""

_CLAIMS = 3
"""Contested claims that the answer names; the gate flags the rest where they are serious."""

_UNSETTLED = ("open", "narrowed", "outvoted", "went_along")


class Conclude(Frozen):
    """Compose the answer by rule from the record: the decision, its grounds and who differs.

    Every quotation in it is a seat's own words. Where nothing was decided the answer sets out the
    positions. The gate (rule treat/1) marks for each conflict whether the answer voices its
    positions, and flags silence on a serious one that agreement did not end.
    """

    name: str = "conclude"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: nothing is written that is not on record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The answer."""
        decision = seen.decision
        assert decision is not None, "Conclude stands after a decision"
        text = _composed(seen, decision)
        return (
            Answer(
                step=seen.place.step,
                order=0,
                text=text,
                author=COMPOSED,
                sentences=_sentences(seen, text),
                treatments=treatments(seen, text),
            ),
        )


def treatments(seen: Transcript, text: str) -> tuple[Treatment, ...]:
    """Rule treat/1: a position is voiced where the text holds one of its quotations whole, or, on
    the question itself, has a line that names the option or candidate and who holds it."""
    status = {each.conflict: each.status for each in seen.settlements}
    found: list[Treatment] = []
    for conflict in seen.conflicts:
        voiced = tuple(p.id for p in conflict.positions if _voiced(conflict, p.id, text))
        how = (
            "addressed"
            if len(voiced) == len(conflict.positions)
            else "partial"
            if voiced
            else "silent"
        )
        unsettled = status.get(conflict.id, conflict.status) in _UNSETTLED
        found.append(
            Treatment(
                conflict=conflict.id,
                treatment=how,
                positions_voiced=voiced,
                flagged=how == "silent" and unsettled and conflict.severity.level > 1,
            )
        )
    return tuple(found)


def _voiced(conflict: Conflict, position_id: str, text: str) -> bool:
    position = next(p for p in conflict.positions if p.id == position_id)
    if any(f"“{span.exact}”" in text for span in position.spans):
        return True
    if conflict.about == QUESTION:
        return any(line.startswith(_holders(position)) for line in text.splitlines())
    # The claim is quoted once; who disagrees with it is named beside the quotation.
    quoted = any(f"“{span.exact}”" in text for p in conflict.positions for span in p.spans)
    return quoted and all(seat in text for seat in position.parties)


def _composed(seen: Transcript, decision: Decision) -> str:
    lines = [_headline(seen, decision)]
    main = next((c for c in seen.conflicts if c.about == QUESTION), None)
    if main is not None:
        lines += [f"{_holders(p)} {_quotes(p.spans)}".rstrip() for p in main.positions]
    elif seen.opening.options is not None and decision.winner is not None:
        lines += _grounds(seen, decision.winner)
    if decision.winner is None and seen.opening.options is None:
        lines += [_in_full(seen.turn(option)) for option in decision.views or decision.options]
    elif decision.winner is None and main is None:
        lines += [_in_full(turn) for turn in claims(seen, "latest")]
    lines += _contested(seen)
    return "\n".join(lines)


def _headline(seen: Transcript, decision: Decision) -> str:
    figures = ":".join(f"{value:g}" for value in sorted(decision.tally.values(), reverse=True))
    if decision.views:
        return (
            f"Several views, side by side: {'; '.join(decision.views)} ({decision.rule} {figures})."
        )
    if decision.winner is None:
        return (
            f"No decision: {decision.status.replace('_', ' ')} under {decision.rule} ({figures})."
        )
    how = (
        f"the judge, {decision.decided_by}" if decision.decided_by else f"{decision.rule} {figures}"
    )
    if seen.opening.options is not None:
        return f"{decision.winner[:1].upper()}{decision.winner[1:]}. Decided by {how}."
    return f"{seen.turn(decision.winner).text}\nDecided by {how}."


def _grounds(seen: Transcript, winner: str) -> list[str]:
    """Where no one differed: the reasons that were given."""
    latest = {turn.seat: turn for turn in seen.spoken() if turn.answer == winner}
    return [f"{winner}: {_who(tuple(latest))}. “{turn.text}”" for turn in list(latest.values())[:1]]


def _contested(seen: Transcript) -> list[str]:
    claims = [c for c in seen.conflicts if c.about != QUESTION and _open(seen, c)]
    return [
        f"Contested: {_quotes(c.positions[0].spans)} "
        + "; ".join(f"{p.summary}: {_who(p.parties)}" for p in c.positions)
        + "."
        for c in claims[:_CLAIMS]
    ]


def _open(seen: Transcript, conflict: Conflict) -> bool:
    settled: dict[str, Settlement] = {each.conflict: each for each in seen.settlements}
    status = settled[conflict.id].status if conflict.id in settled else conflict.status
    return status in _UNSETTLED


def _holders(position: Position) -> str:
    return f"{position.summary}: {_who(position.parties) or 'no one any more'}."


def _in_full(turn: Turn) -> str:
    return f"{turn.seat}: “{turn.text}” [{turn.id}]"


def _quotes(spans: tuple[Span, ...]) -> str:
    return " ".join(f"“{span.exact}” [{span.message}]" for span in spans)


def _who(seats: tuple[str, ...]) -> str:
    return ", ".join(seats)


def _sentences(seen: Transcript, text: str) -> tuple[Sentence, ...]:
    ids = [turn.id for turn in seen.turns]
    return tuple(
        Sentence(
            id=f"a{number}",
            start=start,
            end=end,
            cites=tuple(message for message in ids if f"[{message}]" in text[start:end]),
        )
        for number, (start, end) in enumerate(sentences(text), 1)
    )
