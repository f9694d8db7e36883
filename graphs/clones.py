"""What a check says of a panel on which several seats are the same agent: how their votes count.

A note and no fault: copies of one model are a control, and a panel may be meant that way.
"""

from collections.abc import Sequence

from folkmoot.graphs.rehearsal import rehearse
from folkmoot.protocols import Deliberation, Setting
from folkmoot.records import Decision, Opening, clones

_WEIGHED = ("maximin", "nash")
"""Rules under which a perspective counts the same however many seats share it."""


def notes(protocol: Deliberation, opening: Opening) -> tuple[str, ...]:
    """A line for each group of seats that are the same agent; () if there is none.

    The protocol is sound for the opening's seats.
    """
    groups = clones(opening.parties)
    if not groups:
        return ()
    (way, *_) = rehearse(protocol.parts(Setting.of(opening)), opening)
    decided = next((each for each in way.records if isinstance(each, Decision)), None)
    seats = len(opening.parties)
    return tuple(
        f"{len(group)} of {seats} seats are the same agent ({', '.join(group)})"
        + ("" if decided is None else f": {_counted(group, seats, decided)}")
        for group in groups
    )


def _counted(group: Sequence[str], seats: int, decided: Decision) -> str:
    """How a decision counts the votes of a group."""
    if decided.decided_by is not None:
        return f"{decided.decided_by} decides alone"
    perspectives: dict[str, str] | None = decided.params.get("perspectives")
    shared = len({(perspectives or {}).get(seat, seat) for seat in group}) == 1
    if perspectives is not None and not shared:
        return f"{decided.rule!r} counts each as a perspective of its own, as none is declared"
    if decided.rule in _WEIGHED:
        return f"{decided.rule!r} counts them as one perspective"
    if perspectives is not None:
        return f"{decided.rule!r} counts them as one perspective, which weighs more the more it has"
    most = ", and together they are a majority" if 2 * len(group) > seats else ""
    return f"{decided.rule!r} counts each of them{most}"
