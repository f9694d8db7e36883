"""Concealed: characters in a message that hide, or move what is read."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from folkmoot.agents.intake.perspective import hiding
from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.subject import Subject
from folkmoot.records.annotations import About

_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,8}\U000e007f")
"""Flags of regions, such as Wales: the one use of tags that shows."""

_KINDS: Final = (
    ("tag", "\U000e0000", "\U000e007f", 3),
    ("bidi", "\u202a", "\u202e", 3),
    ("bidi", "\u2066", "\u2069", 3),
    ("bidi", "\u200e", "\u200f", 2),
    ("bidi", "\u061c", "\u061c", 2),
    ("zero-width", "\u200b", "\u200d", 2),
    ("zero-width", "\u2060", "\u2064", 2),
    ("zero-width", "\ufeff", "\ufeff", 2),
    ("selector", "\ufe00", "\ufe0e", 2),
    ("selector", "\U000e0100", "\U000e01ef", 3),
    ("soft hyphen", "\u00ad", "\u00ad", 1),
    ("control", "\x00", "\x1f", 2),
    ("control", "\x7f", "\x9f", 2),
)
_SPANS: Final = 8
"""Places that are cited of one message."""


def concealed(subject: Subject) -> Iterator[Found]:
    """Messages with characters that show nothing or turn the order of what is read: overrides of
    direction, characters without width, tags, selectors beyond those of emoji, fillers, controls.
    Joiners between letters beyond ASCII, which scripts and emoji need, and flags are no finding."""
    for turn in subject.said:
        if turn.text.isascii() and turn.text.isprintable():
            continue
        text = _FLAG.sub(lambda flag: "." * len(flag[0]), turn.text)
        places = list(hiding(text, "\n\r\t"))
        if not places:
            continue
        kinds = [_kind(text[at]) for at in places]
        counts = Counter(name for name, _ in kinds)
        secret = "".join(
            chr(ord(text[at]) - 0xE0000)
            for at in places
            if "\U000e0020" <= text[at] <= "\U000e007e"
        )
        says = f"; its tags read {secret[:200]!r}" if secret else ""
        listed = ", ".join(f"{count} {name}" for name, count in counts.items())
        yield Found(
            label="hidden-characters",
            about=tuple(
                About(what="message", id=turn.id, start=start, end=end)
                for start, end in _runs(places)[:_SPANS]
            ),
            value=len(places),
            explanation=f"{listed}, the first U+{ord(text[places[0]]):04X}{says}",
            severity=max(severity for _, severity in kinds),
        )


def _kind(letter: str) -> tuple[str, int]:
    for name, first, last, severity in _KINDS:
        if first <= letter <= last:
            return name, severity
    return "filler", 2


def _runs(places: list[int]) -> list[tuple[int, int]]:
    """Neighbouring places as one."""
    found: list[tuple[int, int]] = []
    for at in places:
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found
