"""Treat: what an answer says of each conflict, held against the record. Rule treat/4.

The rule reads an answer whoever wrote it: put together by rule, by a model or by a person. It reads
what stands in a form that can be checked, and nothing else: lines that name who holds what
(`yes: ann, bo.`), quotations with the message that they are from (`“It helps.” [M3]`, or lines behind
`> ` with `[M3]` after them), and the option with which the answer begins. What stands inside a
quotation is a seat's, and says nothing of who holds what.
"""

import re
from collections.abc import Iterator, Sequence

from folkmoot.records.acts import QUESTION
from folkmoot.records.conflicts import Conflict, Position, Ratification, Span
from folkmoot.records.decisions import Treatment
from folkmoot.records.ends import serious
from folkmoot.records.quotations import Line, legible, lines_of
from folkmoot.records.transcript import Transcript

NOBODY = "no one any more"
"""Who holds a position that was held and is not; no seat may have this name."""

ENDS = (".", "!", "?", "\u3002", "\uff01", "\uff1f")
"""What ends a sentence; an option that has such an end of its own gets no other."""

_SHORT = 60
"""Characters of a quotation that a misstatement repeats."""


def treatments(seen: Transcript, text: str) -> tuple[Treatment, ...]:
    """How a text treats each conflict on record.

    A position is voiced where the text holds one of its quotations whole (or the statement of a
    dissent from it), or where a line names it and all who hold it. Of a claim or a draft only lines
    count that quote it or name its message: words of either side elsewhere are reasons for something
    else, and say nothing of what is contested. The conflict is misstated where the text names a seat as
    holding a position that it does not hold, quotes a message of the conflict otherwise than it
    reads, or begins with another option than the one decided for. Silence on a serious conflict that
    agreement did not settle is flagged, and so is a misstatement of one; of a conflict of values that
    a vote or a judge decided, however slight.
    """
    lines = lines_of(seen, text)
    wrong = _misstatements(seen, lines)
    settled = {each.conflict: each for each in seen.settlements}
    found: list[Treatment] = []
    for conflict in seen.conflicts:
        voiced = tuple(p.id for p in conflict.positions if _voiced(seen, conflict, p, lines))
        said = wrong.get(conflict.id, [])
        whole = len(voiced) == len(conflict.positions)
        how = "misstated" if said else "addressed" if whole else "partial" if voiced else "silent"
        end = settled.get(conflict.id)
        status, rule = (end.status, end.resolution.rule) if end else (conflict.status, None)
        found.append(
            Treatment(
                conflict=conflict.id,
                treatment=how,
                positions_voiced=voiced,
                misstatements=tuple(dict.fromkeys(said)),
                flagged=how in ("silent", "misstated") and serious(conflict, status, rule),
            )
        )
    return tuple(found)


def holders(position: Position) -> str:
    """A position and who holds it, as an answer says it: `yes: ann, bo.`, and of a seat whose later
    stands did not come or cannot be read: `no: cy (last heard in round 0).`"""
    unheard = position.last_heard or {}
    named = (
        f"{seat} (last heard in round {unheard[seat]})" if seat in unheard else seat
        for seat in position.parties
    )
    return f"{position.summary}: {', '.join(named) or NOBODY}."


def corrections(
    seen: Transcript, conflict: Conflict, position: Position
) -> tuple[Ratification, ...]:
    """The dissents from what was decided whose seats replaced the statement by their own."""
    return tuple(
        each
        for each in seen.ratifications
        if (each.conflict, each.position, each.state) == (conflict.id, position.id, "corrected")
    )


def _voiced(
    seen: Transcript, conflict: Conflict, position: Position, lines: Sequence[Line]
) -> bool:
    spans = [*position.spans, *(c.span for c in corrections(seen, conflict, position) if c.span)]
    if conflict.about == QUESTION:
        return any(
            _lists(seen, position, line.words) or any(_holds(line, span) for span in spans)
            for line in lines
        )
    return any(
        _says(position, line.words) or any(_quotes(line, span) for span in spans)
        for line in lines
        if _names_claim(conflict, line)
    )


def _lists(seen: Transcript, position: Position, words: str) -> bool:
    """Whether words begin with a position and all who hold it."""
    if words.startswith(holders(position)):
        return True
    named = _named(seen, position.summary, words, at_start=True)
    return bool(position.parties) and set(position.parties) == set(named)


def _holds(line: Line, span: Span) -> bool:
    """Whether a line quotes words, alone or with more of their message."""
    said = (each for each in line.quoted if each.real and each.message == span.message)
    return any(legible(span.exact) in each.words for each in said) or _bare(line, span)


def _quotes(line: Line, span: Span) -> bool:
    """Whether a line holds a quotation whole, with its message or without one."""
    said = (each for each in line.quoted if each.real and each.message == span.message)
    return any(each.words == legible(span.exact) for each in said) or _bare(line, span)


def _bare(line: Line, span: Span) -> bool:
    """Whether a line quotes words without their message."""
    return f"“{span.exact}”" in line.words


def _names_claim(conflict: Conflict, line: Line) -> bool:
    """Whether a line names the claim or the draft that a conflict is over: its message, or words of
    it. Other words of a message that are quoted are another claim."""
    if _has_word(conflict.about, line.words):
        return True
    spans = [s for p in conflict.positions for s in p.spans if s.message == conflict.about]
    real = (each for each in line.quoted if each.real and each.words.strip())
    said = [each.words for each in real if each.message == conflict.about]
    if not spans:
        return bool(said)
    exact = [legible(each.exact) for each in spans]
    alike = (each in words or words in each for each in exact for words in said)
    return any(alike) or any(_quotes(line, each) for each in spans)


def _says(position: Position, words: str) -> bool:
    """Whether words name a position and all who hold it."""
    named = re.search(rf"(?<!\w)(?i:{re.escape(position.summary)})", words)
    return named is not None and all(_has_word(seat, words) for seat in position.parties)


def _has_word(name: str, words: str) -> bool:
    """Whether a name stands in words, not as part of a longer one."""
    # The plain search first: a pattern for each of thousands of names is compiled anew each time.
    return name in words and bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words))


def _speaks_of(conflict: Conflict, line: Line) -> bool:
    """Whether a line is about a conflict over a claim or a draft: it names the claim's message, or
    quotes either side."""
    if _has_word(conflict.about, line.words):
        return True
    exact = {(span.message, legible(span.exact)) for p in conflict.positions for span in p.spans}
    return any(
        each.real and (each.message == conflict.about or (each.message, each.words) in exact)
        for each in line.quoted
    )


def _misstatements(seen: Transcript, lines: Sequence[Line]) -> dict[str, list[str]]:
    """Conflict → what the lines say of it that is not so."""
    found: dict[str, list[str]] = {}
    question = [each for each in seen.conflicts if each.about == QUESTION]
    other = _other_winner(seen, lines)
    if other is not None:
        for conflict in question:
            found.setdefault(conflict.id, []).append(other)
    for line in lines:
        spoken_of = [c for c in seen.conflicts if c.about != QUESTION and _speaks_of(c, line)]
        for among, at_start in ((question, True), (spoken_of, False)):
            for conflict, what in _false_holders(seen, among, line, at_start=at_start):
                found.setdefault(conflict, []).append(what)
        for quotation in (each for each in line.quoted if not each.real):
            words = " ".join(quotation.words.split())
            short = words if len(words) <= _SHORT else words[: _SHORT - 1] + "…"
            for conflict in _concerned(seen, quotation.message):
                found.setdefault(conflict, []).append(f"{quotation.message} does not say “{short}”")
    return found


def _false_holders(
    seen: Transcript, among: Sequence[Conflict], line: Line, *, at_start: bool
) -> Iterator[tuple[str, str]]:
    """Seats that a line names as holding a position that they hold in none of these conflicts."""
    sides: dict[str, list[tuple[Conflict, Position]]] = {}
    for conflict in among:
        for position in conflict.positions:
            sides.setdefault(position.summary.casefold(), []).append((conflict, position))
    for same in sides.values():
        summary = same[0][1].summary
        if any(line.words.startswith(holders(position)) for _, position in same):
            continue
        holding = {seat for _, position in same for seat in position.parties}
        for seat in _named(seen, summary, line.words, at_start=at_start):
            if seat not in holding:
                for conflict in dict.fromkeys(conflict.id for conflict, _ in same):
                    yield conflict, f"{seat} does not hold {summary!r}"


def _named(seen: Transcript, summary: str, words: str, *, at_start: bool) -> list[str]:
    """The seats that words list as holding a position, `summary: seat, seat`; [] for no such list."""
    seats = sorted(map(re.escape, seen.opening.seats), key=len, reverse=True)
    one = rf"(?:{'|'.join(seats)})(?!\w)"
    before = r"^\s*(?:[-*]\s+)?" if at_start else r"(?:^|[;.(\]]\s*|\s\s|:\s)"
    listed = rf"{before}(?i:{re.escape(summary)}):\s+({one}(?:(?:,\s+and|,|\s+and)\s+{one})*)"
    found: list[str] = []
    for match in re.finditer(rf"{listed}(?=\s*(?:[.;!)(]|$)|\s\s)", words):
        found += [each[0] for each in re.finditer(rf"(?<!\w){one}", match[1])]
    return found


def _other_winner(seen: Transcript, lines: Sequence[Line]) -> str | None:
    """What is wrong where the answer begins with an option that was not decided for."""
    first = next((line.words.strip() for line in lines if line.words.strip()), "")
    for option in sorted(seen.opening.options or (), key=len, reverse=True):
        end = r"(?:[.!;\s]|$)" if option.endswith(ENDS) else r"\s*(?:[.!;]|$)"
        if re.match(rf"(?i:{re.escape(option)}){end}", first):
            winner = seen.decision.winner if seen.decision else None
            return None if option == winner else f"{option!r} was not decided for"
    return None


def _concerned(seen: Transcript, message: str) -> list[str]:
    """The conflicts that a quotation of a message is about: those that quote it or are over it, else
    those over the question."""
    found = [each.id for each in seen.conflicts if message in _messages(seen, each)]
    return found or [each.id for each in seen.conflicts if each.about == QUESTION]


def _messages(seen: Transcript, conflict: Conflict) -> set[str]:
    spans: list[Span | None] = [span for p in conflict.positions for span in p.spans]
    after = (*seen.ratifications, *seen.conditions)
    spans += [each.span for each in after if each.conflict == conflict.id]
    for settlement in seen.settlements:
        if settlement.conflict == conflict.id:
            spans += [dissent.span for dissent in settlement.dissent]
    named = {conflict.about, *(p.summary for p in conflict.positions)}
    return named | {span.message for span in spans if span is not None}
