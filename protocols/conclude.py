"""Conclude: the one answer, put together from the decision, with what it says of each conflict."""

import re
from collections.abc import Mapping, Sequence

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
    Span,
    Transcript,
    Turn,
)
from folkmoot.records.base import Frozen
from folkmoot.records.ends import UNSETTLED
from folkmoot.records.quotations import joined, quoted
from folkmoot.records.spans import sentences
from folkmoot.records.standing import history, same
from folkmoot.records.treat import ENDS, corrections, holders, treatments

_CITED = re.compile(r"\[([^\[\]]+)\]")

COMPOSED = "composed"
"""The author of an answer that no model wrote."""

_CLAIMS = 3
"""Contested claims that the answer names; the gate flags the rest where they are serious."""


class Conclude(Frozen):
    """Compose the answer by rule from the record: the decision, its grounds and who differs.

    Every quotation in it is a seat's own words, set off so that none can pass for a line of the answer
    (`records.quotations`), the adopted text among them; a dissenter that corrected the statement of its
    dissent is quoted in its correction. Where nothing was decided the answer sets out the positions.
    The gate (rule treat/4, `records.treat`) marks for each conflict whether the answer voices its positions,
    and flags silence on a serious one that agreement did not end.
    """

    name: str = "conclude"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: nothing is written that is not on record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The answer."""
        decision = seen.decision
        assert decision is not None, "Conclude stands after a decision"
        return (answer(seen, composed(seen, decision), COMPOSED),)


def answer(seen: Transcript, text: str, author: str) -> Answer:
    """A text as the answer, with what it cites and how it treats each conflict."""
    return Answer(
        step=seen.place.step,
        order=0,
        text=text,
        author=author,
        sentences=_sentences(seen, text),
        treatments=treatments(seen, text),
    )


def composed(seen: Transcript, decision: Decision) -> str:
    """The answer as the record has it, by rule."""
    lines = [_headline(seen, decision)]
    main = next((c for c in seen.conflicts if c.about == QUESTION), None)
    if main is not None:
        lines += [joined(holders(p), *_quotes(_said(seen, main, p))) for p in main.positions]
    elif decision.winner is not None:
        if seen.opening.options is not None:
            lines += _grounds(seen, decision.winner)
        lines += _elsewhere(seen, decision)
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
        stop = "" if decision.winner.endswith(ENDS) else "."
        return f"{decision.winner[:1].upper()}{decision.winner[1:]}{stop} Decided by {how}."
    adopted = joined(quoted(seen.turn(decision.winner).text, decision.winner))
    return f"{adopted}\nDecided by {how}."


def _grounds(seen: Transcript, winner: str) -> list[str]:
    """Where no conflict is on record: the reasons that were given for what won."""
    latest = {turn.seat: turn for turn in seen.spoken() if turn.answer == winner}
    return [
        joined(f"{winner}: {_who(tuple(latest))}.", quoted(turn.text, turn.id))
        for turn in list(latest.values())[:1]
    ]


def _elsewhere(seen: Transcript, decision: Decision) -> list[str]:
    """Where no conflict is on record, as where the log's rules over stances are switched off: who stands
    for something else than what won."""
    rounds = history(seen, decision.step)
    sides: dict[str, list[str]] = {}
    for seat, choice in (rounds[-1].held if rounds else {}).items():
        if not same(seen, choice, decision.winner):
            sides.setdefault(choice, []).append(seat)
    return [f"{choice}: {_who(tuple(seats))}." for choice, seats in sides.items()]


def _said(seen: Transcript, conflict: Conflict, position: Position) -> tuple[Span, ...]:
    """The quotations of a position. Where a dissenter corrected the statement of its dissent, its
    correction stands in place of its earlier words; a candidate is what the position is, and stays."""
    corrected = {each.seat: each.span for each in corrections(seen, conflict, position)}
    replaced = corrected if seen.opening.options is not None else {}
    kept = [span for span in position.spans if seen.turn(span.message).seat not in replaced]
    return (*kept, *(span for span in corrected.values() if span is not None))


def _contested(seen: Transcript) -> list[str]:
    settled = {each.conflict: each.status for each in seen.settlements}
    claims = [
        c
        for c in seen.conflicts
        if c.about != QUESTION and settled.get(c.id, c.status) in UNSETTLED
    ]
    return [_claim(seen, each) for each in claims[:_CLAIMS]]


def _claim(seen: Transcript, conflict: Conflict) -> str:
    """A contested claim: its quotation, who stands where, and dissents in corrected words. A claim
    that has no words to quote is named by its message."""
    spans = conflict.positions[0].spans
    named = any(span.message == conflict.about for span in spans)
    sides = "; ".join(f"{p.summary}: {_who(p.parties)}" for p in conflict.positions)
    own = [each.span for p in conflict.positions for each in corrections(seen, conflict, p)]
    return joined(
        "Contested:",
        *_quotes(spans),
        "" if named else f"[{conflict.about}]",
        f"{sides}.",
        *_quotes([span for span in own if span is not None]),
    )


def _in_full(turn: Turn) -> str:
    return joined(f"{turn.seat}:", quoted(turn.text, turn.id))


def _quotes(spans: Sequence[Span]) -> list[str]:
    return [quoted(span.exact, span.message) for span in spans]


def _who(seats: tuple[str, ...]) -> str:
    return ", ".join(seats)


def _sentences(seen: Transcript, text: str) -> tuple[Sentence, ...]:
    places = {turn.id: place for place, turn in enumerate(seen.turns)}
    return tuple(
        Sentence(id=f"a{number}", start=start, end=end, cites=_cited(text[start:end], places))
        for number, (start, end) in enumerate(sentences(text), 1)
    )


def _cited(sentence: str, places: Mapping[str, int]) -> tuple[str, ...]:
    """The messages that a sentence names in brackets, in the order of the transcript."""
    named = {found for found in _CITED.findall(sentence) if found in places}
    return tuple(sorted(named, key=places.__getitem__))
