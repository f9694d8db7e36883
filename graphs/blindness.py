"""Blindness of judges: who judges messages, or votes on them, is not shown whose they are.

Seen in the prompts of a rehearsal, so it holds for stages of a user's own as for the library's.
"""

import re
from collections.abc import Iterator, Sequence

from folkmoot.graphs.rehearsal import Taken, Way
from folkmoot.protocols.faults import Fault, Path
from folkmoot.records import QUESTION, Ballot, Call, Decision, Issue, Opening, Stance, Turn
from folkmoot.records.acts import PROCEDURE

_AUTHOR = re.compile(r'<message id="M\d+" seat="([^"]*)"')
_OWN = ("perspective", "question", "frame")
"""Labels of segments in which a seat's name says nothing of who spoke."""


def identified(ways: Sequence[Way], opening: Opening) -> Iterator[Fault]:
    """Judges and voters that are shown who said what they judge.

    A judge is a seat whose ballot, verdict on a message or typed objection comes of a stage, and one
    that decides alone: then what it was shown for its last stance counts.
    """
    found: dict[tuple[Path, str], dict[str, None]] = {}
    for way in ways:
        plain = _plain(way, opening)
        stood: dict[str, tuple[Taken, frozenset[str]]] = {}
        for taken in way.taken:
            named = {seat: _named(taken, seat, opening.seats, plain) for seat in _asked(taken)}
            stood |= {seat: (taken, who) for seat, who in named.items() if _stands(taken, seat)}
            for seat in named if _judges(taken) else ():
                _add(found, taken, named[seat])
            for seat in _alone(taken):
                if seat in stood and not named:
                    _add(found, *stood[seat])
    for (path, stage), authors in found.items():
        who = ", ".join(seat for seat in opening.seats if seat in authors)
        what = f"{stage!r} is not blind: who judges would be shown whose the messages are ({who})"
        yield Fault(what, path)


def _add(
    found: dict[tuple[Path, str], dict[str, None]], taken: Taken, authors: frozenset[str]
) -> None:
    if authors:
        named = found.setdefault((taken.path, taken.step.stage.name), {})
        named |= dict.fromkeys(authors)


def _asked(taken: Taken) -> tuple[str, ...]:
    return tuple(dict.fromkeys(call.seat for call in taken.calls))


def _judges(taken: Taken) -> bool:
    """Whether the seats that a step asks judge messages, or vote."""
    return any(
        isinstance(each, Ballot | Issue)
        or (isinstance(each, Decision) and each.decided_by is not None)
        or (isinstance(each, Stance) and each.about not in (QUESTION, *PROCEDURE))
        for each in taken.records
    )


def _stands(taken: Taken, seat: str) -> bool:
    return any(
        isinstance(each, Stance) and each.about == QUESTION and each.seat == seat
        for each in taken.records
    )


def _alone(taken: Taken) -> tuple[str, ...]:
    """The seat that decides by itself, where this step decides."""
    decided = (each.decided_by for each in taken.records if isinstance(each, Decision))
    return tuple(seat for seat in decided if seat is not None)


def _named(
    taken: Taken, reader: str, seats: Sequence[str], plain: frozenset[str]
) -> frozenset[str]:
    """The other seats that the prompts of a reader name."""
    mine = [call for call in taken.calls if call.seat == reader and call.op != "embed"]
    tagged = {name for call in mine for name in _AUTHOR.findall(_text(call))}
    spelt = {seat for seat in seats if seat not in plain and _spelt(seat, mine)}
    return frozenset((tagged & set(seats)) | spelt) - {reader}


def _plain(way: Way, opening: Opening) -> frozenset[str]:
    """Names that are words of the prompts anyhow: there before anybody spoke, or a single letter."""
    spoken = (any(isinstance(each, Turn) for each in taken.records) for taken in way.taken)
    first = next((at for at, spoke in enumerate(spoken) if spoke), len(way.taken))
    blind = [call for taken in way.taken[: first + 1] for call in taken.calls]
    there = {seat for seat in opening.seats if _spelt(seat, blind)}
    words = " ".join(opening.options or ())
    return frozenset(
        seat for seat in opening.seats if seat in there or len(seat) < 2 or seat in words
    )


def _spelt(seat: str, calls: Sequence[Call]) -> bool:
    """Whether a name stands in prompts as a word."""
    word = re.compile(rf"(?<!\w){re.escape(seat)}(?!\w)")
    return any(word.search(_text(call)) for call in calls)


def _text(call: Call) -> str:
    return "".join(each.text for each in call.segments if each.label not in _OWN)
