"""Whose turn it is, of servers that do not fit beside each other: one pure decision.

The most waiting work goes first, and a turn lasts for as long as there is work: every change of
turn costs seconds. So that nobody waits for ever, one that has waited for long goes first however
little it is, and whoever has had a fair turn then takes on no new work.

With n servers, one awake at a time, no call waits longer for its server's turn than

    longest_wait_s + linger_s + n * (least_turn_s + the longest call + one change of turn)

since the one that has waited longest goes first, and the others went to rest after it began to wait.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Line(NamedTuple):
    """One server and the calls for it, as they stand now. Times in seconds."""

    waiting: int = 0
    oldest_s: float = 0.0
    """How long the first of these has waited."""
    in_flight: int = 0
    awake: bool = False
    turn_s: float = 0.0
    """How long it has been awake."""
    idle_s: float = 0.0
    """How long it has had nothing in flight."""
    aside_s: float = 0.0
    """For how long it is still set aside: it could not be woken."""


class Rules(NamedTuple):
    """What is fair."""

    awake: int = 1
    """How many fit beside each other."""
    longest_wait_s: float = 120.0
    """After so long a wait a server goes first, and need not wait until others have no work."""
    least_turn_s: float = 30.0
    """What each gets before others that have waited long end its turn."""
    linger_s: float = 0.5
    """A turn does not pass in the moment in which who was just answered asks again."""


class Move(NamedTuple):
    """What to do now; servers by their places."""

    wake: int | None = None
    rest: int | None = None
    """Put to rest first, to make room."""
    closed: int | None = None
    """It ends its turn: nothing new is begun there."""
    again_s: float | None = None
    """Decide again after so long, if nothing else happens before."""


def decide(lines: Sequence[Line], rules: Rules) -> Move:
    """The next move; most often none, until something changes."""
    asleep = [at for at, line in enumerate(lines) if line.waiting and not line.awake]
    able = [at for at in asleep if lines[at].aside_s <= 0]
    awake = [at for at, line in enumerate(lines) if line.awake]
    if not able:
        return Move(again_s=min((lines[at].aside_s for at in asleep), default=None))
    overdue = [at for at in able if lines[at].oldest_s >= rules.longest_wait_s]
    if overdue:
        chosen = max(overdue, key=lambda at: lines[at].oldest_s)
    else:
        chosen = max(able, key=lambda at: (lines[at].waiting, lines[at].oldest_s))
    if len(awake) < rules.awake:
        return Move(wake=chosen)
    idle = [at for at in awake if not (lines[at].in_flight or lines[at].waiting)]
    done = [at for at in idle if lines[at].idle_s >= rules.linger_s]
    if done:
        return Move(wake=chosen, rest=max(done, key=lambda at: lines[at].idle_s))
    served = [at for at in awake if overdue and lines[at].turn_s >= rules.least_turn_s]
    if served:
        closed = max(served, key=lambda at: lines[at].turn_s)
        if not lines[closed].in_flight:
            return Move(wake=chosen, rest=closed)
        return Move(closed=closed)
    return Move(again_s=_until_it_changes(lines, rules, able, awake, idle, bool(overdue)))


def _until_it_changes(
    lines: Sequence[Line],
    rules: Rules,
    able: Sequence[int],
    awake: Sequence[int],
    idle: Sequence[int],
    overdue: bool,
) -> float:
    """Seconds after which time alone brings another decision."""
    times = [rules.linger_s - lines[at].idle_s for at in idle]
    if overdue:
        times += [rules.least_turn_s - lines[at].turn_s for at in awake]
    else:
        times += [rules.longest_wait_s - lines[at].oldest_s for at in able]
    times += [line.aside_s for line in lines if line.waiting and line.aside_s > 0]
    return max(0.0, min(times))
