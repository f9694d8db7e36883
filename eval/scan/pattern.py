"""Pattern: a regular expression over messages, as a scanner."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from folkmoot.eval.scan.found import Found, Scanner
from folkmoot.eval.scan.subject import Subject
from folkmoot.records import InputError
from folkmoot.records.annotations import About

_MOST: Final = 20
"""Places that are cited of one message."""


def pattern(expression: str, label: str | None = None) -> Scanner:
    """A scanner that finds messages in which an expression matches.

    The expression is Python's; `(?i)` at its beginning takes any case. Of each message one finding, with
    the places, and how often it matches as the value.

    Args:
        expression: what to look for.
        label: of what it finds; None: the expression itself.

    Raises:
        InputError: it is no expression.
    """
    try:
        compiled = re.compile(expression)
    except (re.error, RecursionError, OverflowError) as fault:
        raise InputError(
            f"{expression!r} is no regular expression: {fault}", "they are those of Python's re"
        ) from fault
    name = (label or expression)[:200]
    if not name:
        raise InputError("an empty expression matches everything", "say what to look for")
    return Scanner(
        "regex",
        "1",
        partial(_matching, compiled=compiled, label=name),
        {"expression": expression, "label": name},
        "messages in which the expression matches",
    )


def _matching(subject: Subject, compiled: re.Pattern[str], label: str) -> Iterator[Found]:
    for turn in subject.said:
        spans = [found.span() for found in compiled.finditer(turn.text)]
        if not spans:
            continue
        places = [
            About(what="message", id=turn.id, start=start, end=end)
            for start, end in spans[:_MOST]
            if end > start
        ]
        first = turn.text[slice(*spans[0])]
        yield Found(
            label=label,
            about=tuple(places) or (About(what="message", id=turn.id),),
            value=len(spans),
            explanation=f"{turn.seat}: {first[:200]!r}",
        )
