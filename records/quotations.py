"""Quotations inside an answer: how they are written, and how they are told from its own lines.

`“It helps.” [M3]` where the words cannot be taken for the answer's own; where they hold quotation marks
of any script, the name of a message or line breaks, every line of them stands alone behind `> `, and the
message's name follows: so nothing that a seat writes can pass for a line of the answer, to a reader or to
the gate. Words are given legibly: runs of blanks are one blank, and a character that turns the order of
reading, or only takes room, is written by its number, `<U+202E>`.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from folkmoot.records.letters import BLANK_LETTERS
from folkmoot.records.transcript import Transcript

_MARK: Final = "> "
_QUOTES: Final = re.compile(
    "QUOTATION|APOSTROPHE|PRIME|ACCENT|GERSH|(CORNER|ANGLE) BRACKET|TURNED COMMA"
)
"""In the Unicode name of what looks like a quotation mark, whatever its category."""
_APOSTROPHE: Final = re.compile(r"(?<=\w)['\u2019](?=\w)")
_NAME: Final = re.compile(r"\[\W*[^\W\d_]\W*\d")
"""What looks like the name of a message, once every opening bracket is this one."""
_JOINERS: Final = frozenset("\u200c\u200d")
_TAGS: Final = range(0xE0020, 0xE0080)
"""Joiners spell words and emoji, tags spell flags."""
_BLANKS: Final = re.compile(r"(?<=\S)\s+")
_INDENT: Final = 16
"""Blanks that a line may begin with."""
_BETWEEN: Final = "\ud800"
_ATTRIBUTED = re.compile(r"[”\"]\s*\[(M\d+)\]")
_OPENERS: Final = '“"'
_BLOCK: Final = re.compile(r"(?m)^>.*(?:\n>.*)*\n\[(M\d+)\]|^>.*(?:\n>.*)*")


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
    """The quotations that end on it."""


def quoted(words: str, message: str) -> str:
    """Words of a message as an answer gives them, with the message."""
    shown = legible(words)
    if not _ambiguous(shown.strip()):
        return f"“{shown.strip()}” [{message}]"
    return "\n".join(("", *(_MARK + line for line in shown.split("\n")), f"[{message}]"))


def legible(words: str) -> str:
    """Words as a quotation shows them, line by line: what is quoted and what it is held against are
    both compared so."""
    return "\n".join(map(_legible_line, words.splitlines()))


def _legible_line(line: str) -> str:
    if line.isprintable() and "  " not in line and BLANK_LETTERS.isdisjoint(line):
        return line
    shown = _BLANKS.sub(" ", "".join(map(_shown, line)))
    bare = shown.lstrip()
    return " " * min(len(shown) - len(bare), _INDENT) + bare


def _shown(letter: str) -> str:
    if letter.isspace():
        return letter
    hides = unicodedata.category(letter) in ("Cc", "Cf") or letter in BLANK_LETTERS
    if hides and letter not in _JOINERS and ord(letter) not in _TAGS:
        return f"<U+{ord(letter):04X}>"
    return letter


def _ambiguous(words: str) -> bool:
    """Whether words could pass for the end of their own quotation: they hold line breaks, something
    that looks like a quotation mark (an apostrophe within a word does not), or like a message's name."""
    rest = _APOSTROPHE.sub("", words)
    even = unicodedata.normalize("NFKC", rest)
    brackets = "".join("[" if unicodedata.category(each) == "Ps" else each for each in even)
    return _NAME.search(brackets) is not None or any(map(_closes, rest))


def _closes(letter: str) -> bool:
    if letter.isascii():
        return letter in "\"'`\n"
    if unicodedata.combining(letter):
        return False
    named = _QUOTES.search(unicodedata.name(letter, ""))
    return named is not None or unicodedata.category(letter) in ("Pi", "Pf")


def joined(*parts: str) -> str:
    """Parts of a line of an answer in their order; a quotation that takes lines begins on one of its
    own."""
    text = ""
    for part in (each for each in parts if each):
        text += part if not text or part.startswith("\n") else f" {part}"
    return text.removeprefix("\n")


def lines_of(seen: Transcript, text: str) -> tuple[Line, ...]:
    """The lines of an answer, its quotations apart from its own words.

    An adopted text with which it begins, quoted or not, is a seat's own words: it is what was decided
    for, and says nothing of who holds what. Lines behind `> ` that name no message are nobody's.
    """
    winner = seen.decision.winner if seen.decision and seen.opening.options is None else None
    if winner is not None:
        adopted = seen.turn(winner).text
        before = next(
            (e for e in (joined(quoted(adopted, winner)), adopted) if text.startswith(e)), ""
        )
        text = " " * len(before) + text[len(before) :]
    blocks, words = _blocks(seen, text)
    inline = [each._replace(words=legible(each.words)) for each in _quotations(seen, words)]
    words = _blanked(words, [(each.start, each.end) for each in inline])
    found: list[Line] = []
    start = 0
    every: Sequence[Quoted] = sorted((*blocks, *inline))
    for line in words.splitlines(keepends=True):
        end = start + len(line)
        inside = tuple(each for each in every if start < each.end <= end)
        found.append(Line(line.rstrip("\r\n"), inside))
        start = end
    return tuple(found)


def _blocks(seen: Transcript, text: str) -> tuple[list[Quoted], str]:
    """The quotations that take lines of their own, and the text without them."""
    texts = {turn.id: legible(turn.text) for turn in seen.turns}
    found: list[Quoted] = []
    pieces: list[tuple[int, int]] = []
    for block in _BLOCK.finditer(text):
        lines = block[0].split("\n")
        said = lines[:-1] if block[1] else lines
        if block[1]:
            words = legible("\n".join(line[1:].removeprefix(" ") for line in said))
            real = words in texts.get(block[1], "") and bool(words.strip())
            found.append(Quoted(block.start(), block.end(), block[1], words, real))
        pieces.append(block.span())
    return found, _blanked(text, pieces)


def _blanked(text: str, pieces: Sequence[tuple[int, int]]) -> str:
    """A text with blanks in place of pieces; its line breaks stay."""
    letters = list(text)
    for start, end in pieces:
        letters[start:end] = ("\n" if each == "\n" else " " for each in letters[start:end])
    return "".join(letters)


def _quotations(seen: Transcript, text: str) -> list[Quoted]:
    """Every attributed quotation, but those inside another one: a seat's own words may quote.

    Each is the longest that its message says, else from the nearest opening mark on: a message may hold
    quotation marks itself. What a message does not say from an opening mark up to one closing mark it
    does not say up to a later one either, so each opening mark is looked at once for each message.
    """
    # As they are, and as a quotation shows them; no text has what stands between.
    texts = {turn.id: f"{turn.text}{_BETWEEN}{legible(turn.text)}" for turn in seen.turns}
    openings = {each: [at.start() for at in re.finditer(each, text)] for each in _OPENERS}
    tried: dict[tuple[str, str], int] = {}
    found: list[Quoted] = []
    for mark in _ATTRIBUTED.finditer(text):
        end, message = mark.start(), mark[1]
        opener = "“" if text[end] == "”" else '"'
        places = openings[opener]
        before = bisect_left(places, end)
        if not before:
            continue
        said = texts.get(message, "")
        # Nothing longer than the message is in it.
        first = max(tried.get((message, opener), 0), bisect_left(places, end - 1 - len(said)))
        while first < before and (
            message not in texts or text[places[first] + 1 : end] not in said
        ):
            first += 1
        tried[message, opener] = first
        start = places[min(first, before - 1)]
        found.append(Quoted(start, mark.end(), message, text[start + 1 : end], first < before))
    return _outermost(found)


def _outermost(found: Sequence[Quoted]) -> list[Quoted]:
    """Those that are in no other real one; they come in the order of their ends."""
    kept: list[Quoted] = []
    earliest: int | None = None
    for each in reversed(found):
        if earliest is None or earliest > each.start:
            kept.append(each)
        if each.real:
            earliest = each.start if earliest is None else min(earliest, each.start)
    return kept[::-1]
