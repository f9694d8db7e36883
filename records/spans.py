"""Exact quotations: cutting a message into sentences and quoting one of them, in codepoints."""

import re
from typing import Final

from folkmoot.records.acts import Turn
from folkmoot.records.canonical import text_digest
from folkmoot.records.conflicts import Span

_LONGEST: Final = 300
"""Codepoints of what a message is quoted as."""

# Escapes: right quotation marks and guillemet; ideographic and full-width marks; opening quotes.
_CLOSERS: Final = "\"'\u201d\u2019\u00bb)\\]*_"
_WIDE_MARKS: Final = "\u3002\uff01\uff1f"
_WIDE_CLOSERS: Final = "\u300d\u300f\uff09"
_OPENERS: Final = "(\"'\u201c\u2018"

# Western marks end a sentence only before white space or the end of the line, so that decimals and
# addresses stay whole and a combining character stays with its mark; wide ones need no blank.
_END: Final = re.compile(
    rf"[.!?\u2026]+[{_CLOSERS}]*(?=\s|$)|[{_WIDE_MARKS}]+[{_CLOSERS}{_WIDE_CLOSERS}]*"
)
_LINE: Final = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_MARKER: Final = re.compile(r"\s*(?:[-*+\u2022>#]+\s+|\(?\d{1,3}[.)]\s+)*")
_ABBREVIATION: Final = re.compile(
    rf"(?:^|[\s{_OPENERS}])(Mr|Mrs|Ms|Dr|Prof|Rev|Sr|Jr|St|Gen|Gov|Sen|Rep|vs|cf|ca|approx|Fig|Eq|"
    r"Art|Sec|pp?|vol|ed|al|etc|e\.g|i\.e|a\.m|p\.m|U\.S|U\.K|[A-Z])$"
)
_MAY_END: Final = ("etc", "al", "a.m", "p.m", "Jr", "Sr")
"""Abbreviations after which a capital letter does begin a new sentence."""

_NEAR: Final = 12
"""How many codepoints around a mark are looked at: longer than any abbreviation."""


def span(turn: Turn, start: int, end: int) -> Span:
    """Quote `turn.text[start:end]`; offsets in codepoints.

    Raises:
        ValueError: the offsets do not cut a piece of at least one codepoint out of the text.
    """
    if not 0 <= start < end <= len(turn.text):
        raise ValueError(f"{turn.id} has {len(turn.text)} codepoints: no span {start}..{end}")
    return Span(
        message=turn.id,
        message_sha256=text_digest(turn.text),
        start=start,
        end=end,
        exact=turn.text[start:end],
    )


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Where the sentences of a text start and end, in codepoints, without the blanks around them.

    A line break ends a sentence: models break lines between items, not within sentences. List
    markers and pieces without a letter or digit are left out.
    """
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start = _skip_marker(text, line.start(), line.end())
        for mark in _END.finditer(text, start, line.end()):
            if mark.end() > start and _ends(text, start, mark, line.end()):
                found.append((start, mark.end()))
                start = mark.end()
        found.append((start, line.end()))
    return tuple(piece for piece in (_trim(text, *each) for each in found) if _says(text, *piece))


def quotation(turn: Turn) -> Span | None:
    """What a message is quoted as where it stands for a position.

    All of it, since no rule can tell which sentence of it is the point, and a first one may grant what
    the rest denies. Of more than 300 codepoints as many of the first sentences as fit; where these are
    less than half of that, as many words. None where no letter or figure is heard.
    """
    text = turn.text
    if not turn.heard or not any(map(str.isalnum, text)):
        return None
    start, end = _trim(text, 0, len(text))
    if end - start > _LONGEST:
        most = start + _LONGEST
        last = max((at for _, at in sentences(text) if at <= most), default=start)
        cut = text[start:most].rsplit(maxsplit=1)[0]
        end = last if last - start > _LONGEST // 2 else start + len(cut)
    return span(turn, start, end)


def _skip_marker(text: str, start: int, end: int) -> int:
    marker = _MARKER.match(text, start, end)
    return marker.end() if marker else start


def _ends(text: str, start: int, mark: re.Match[str], line_end: int) -> bool:
    """Whether a mark ends the sentence that began at `start`, or only an abbreviation in it."""
    rest = text[mark.end() : min(line_end, mark.end() + _NEAR)].lstrip()
    if not rest or mark.group()[0] not in ".\u2026":
        return True
    if rest[0].islower():
        return False
    if mark.group()[0] != ".":
        return True
    before = text[max(start, mark.start() - _NEAR) : mark.start()]
    if rest[0].isdigit() and before.endswith("No"):
        return False
    abbreviation = _ABBREVIATION.search(before)
    return abbreviation is None or abbreviation[1] in _MAY_END


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _says(text: str, start: int, end: int) -> bool:
    return any(letter.isalnum() for letter in text[start:end])
