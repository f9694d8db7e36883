"""Treat: what an answer says of each conflict, held against the record. Rule treat/2.

The rule reads an answer whoever wrote it: put together by rule, by a model or by a person. It reads
what stands in a form that can be checked, and nothing else: lines that name who holds what
(`yes: ann, bo.`), quotations with the message that they are from (`“It helps.” [M3]`), and the option
with which the answer begins.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from folkmoot.records import (
    QUESTION,
    Conflict,
    Position,
    Ratification,
    Span,
    Transcript,
    Treatment,
)
from folkmoot.records.conflict_log import SERIOUS, UNSETTLED

_SHORT = 60
"""Characters of a quotation that a misstatement repeats."""

_ATTRIBUTED = re.compile(r"[”\"]\s*\[(M\d+)\]")
_OPENERS = '“"'


class Quoted(NamedTuple):
    """A quotation in an answer with the message that it is said to be from."""

    start: int
    """Of its opening mark, in codepoints."""
    end: int
    """After its attribution."""
    message: str
    words: str
    real: bool
    """Whether the message says so."""


class Line(NamedTuple):
    """A line of an answer."""

    words: str
    """What it says outside quotations, which are blanks here."""
    quoted: tuple[Quoted, ...]


def treatments(seen: Transcript, text: str) -> tuple[Treatment, ...]:
    """How a text treats each conflict on record.

    A position is voiced where the text holds one of its quotations whole (or the statement of a
    dissent from it), or where a line names it and all who hold it. Of a claim or a draft only lines
    count that quote it or name its message: words of either side elsewhere are reasons for something
    else, and say nothing of what is contested. The conflict is misstated where the text names a seat as
    holding a position that it does not hold, quotes a message of the conflict otherwise than it
    reads, or begins with another option than the one decided for. Silence on a serious conflict that
    agreement did not settle is flagged, and so is a misstatement of one.
    """
    lines = _lines(seen, text)
    wrong = _misstatements(seen, lines)
    status = {each.conflict: each.status for each in seen.settlements}
    found: list[Treatment] = []
    for conflict in seen.conflicts:
        voiced = tuple(p.id for p in conflict.positions if _voiced(seen, conflict, p, text, lines))
        said = wrong.get(conflict.id, [])
        whole = len(voiced) == len(conflict.positions)
        how = "misstated" if said else "addressed" if whole else "partial" if voiced else "silent"
        unsettled = status.get(conflict.id, conflict.status) in UNSETTLED
        found.append(
            Treatment(
                conflict=conflict.id,
                treatment=how,
                positions_voiced=voiced,
                misstatements=tuple(dict.fromkeys(said)),
                flagged=how in ("silent", "misstated")
                and unsettled
                and conflict.severity.level >= SERIOUS,
            )
        )
    return tuple(found)


def holders(position: Position) -> str:
    """A position and who holds it, as an answer says it: `yes: ann, bo.`"""
    return f"{position.summary}: {', '.join(position.parties) or 'no one any more'}."


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
    seen: Transcript, conflict: Conflict, position: Position, text: str, lines: Sequence[Line]
) -> bool:
    spans = [*position.spans, *(c.span for c in corrections(seen, conflict, position) if c.span)]
    if conflict.about == QUESTION:
        return any(f"“{span.exact}”" in text for span in spans) or any(
            _lists(seen, position, line.words) for line in lines
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


def _quotes(line: Line, span: Span) -> bool:
    """Whether a line holds a quotation whole, with its message or without one."""
    said = (each for each in line.quoted if each.real and each.message == span.message)
    return any(each.words == span.exact for each in said) or f"“{span.exact}”" in line.words


def _names_claim(conflict: Conflict, line: Line) -> bool:
    """Whether a line names the claim or the draft that a conflict is over: its message, or words of
    it. Other words of a message that are quoted are another claim."""
    if _word(conflict.about).search(line.words):
        return True
    spans = [s for p in conflict.positions for s in p.spans if s.message == conflict.about]
    real = (each for each in line.quoted if each.real and each.words.strip())
    said = [each.words for each in real if each.message == conflict.about]
    if not spans:
        return bool(said)
    alike = (s.exact in words or words in s.exact for s in spans for words in said)
    return any(alike) or any(_quotes(line, each) for each in spans)


def _says(position: Position, words: str) -> bool:
    """Whether words name a position and all who hold it."""
    named = re.search(rf"(?<!\w)(?i:{re.escape(position.summary)})", words)
    return named is not None and all(_word(seat).search(words) for seat in position.parties)


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def _speaks_of(conflict: Conflict, line: Line) -> bool:
    """Whether a line is about a conflict over a claim or a draft: it names the claim's message, or
    quotes either side."""
    if _word(conflict.about).search(line.words):
        return True
    exact = {(span.message, span.exact) for p in conflict.positions for span in p.spans}
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
        if re.match(rf"(?i:{re.escape(option)})\s*(?:[.!;]|$)", first):
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


def _lines(seen: Transcript, text: str) -> tuple[Line, ...]:
    """The lines of an answer, its quotations apart from its own words.

    An adopted text with which it begins is a seat's own words: it is what was decided for, and says
    nothing of who holds what.
    """
    winner = seen.decision.winner if seen.decision and seen.opening.options is None else None
    adopted = seen.turn(winner).text if winner is not None else ""
    if text.startswith(adopted):
        text = " " * len(adopted) + text[len(adopted) :]
    quoted = _quotations(seen, text)
    words = text
    for each in quoted:
        words = words[: each.start] + " " * (each.end - each.start) + words[each.end :]
    found: list[Line] = []
    start = 0
    for line in words.splitlines(keepends=True):
        end = start + len(line)
        inside = tuple(each for each in quoted if start <= each.start < end)
        found.append(Line(line.rstrip("\r\n"), inside))
        start = end
    return tuple(found)


def _quotations(seen: Transcript, text: str) -> list[Quoted]:
    """Every attributed quotation, but those inside another one: a seat's own words may quote."""
    texts = {turn.id: turn.text for turn in seen.turns}
    found = [
        quoted
        for mark in _ATTRIBUTED.finditer(text)
        if (quoted := _quotation(text, mark, texts.get(mark[1]))) is not None
    ]
    return [
        each
        for each in found
        if not any(
            other.real and other.start <= each.start and each.end <= other.end
            for other in found
            if other is not each
        )
    ]


def _quotation(text: str, mark: re.Match[str], said: str | None) -> Quoted | None:
    """The quotation that ends at a mark: the longest that its message says, else from the nearest
    opening mark on. A message may hold quotation marks itself."""
    marks = "“" if text[mark.start()] == "”" else '"'
    nearest = text.rfind(marks, 0, mark.start())
    if nearest < 0:
        return None
    farthest = mark.start() - 1 - len(said or "")
    openings = [at for at in range(max(0, farthest), nearest + 1) if text[at] == marks]
    real = [at for at in openings if said is not None and text[at + 1 : mark.start()] in said]
    start = min(real, default=nearest)
    return Quoted(start, mark.end(), mark[1], text[start + 1 : mark.start()], bool(real))
