"""Whose turn it is: the most work first, until there is none left; and nobody waits for ever."""

from collections import deque
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.pool.turn_order import Line, Move, Rules, decide

RULES = Rules(awake=1, longest_wait_s=100, least_turn_s=20, linger_s=1)
BUSY = Line(in_flight=3, awake=True, turn_s=500)
IDLE = Line(awake=True, turn_s=500, idle_s=5)


def waiting(calls: int = 1, oldest_s: float = 2, **fields: float) -> Line:
    return Line(waiting=calls, oldest_s=oldest_s, **fields)


@pytest.mark.parametrize(
    ("lines", "move"),
    [
        ((), Move()),
        ((Line(), IDLE), Move()),
        ((waiting(), Line()), Move(wake=0)),
        ((IDLE, waiting(1), waiting(4)), Move(wake=2, rest=0)),
        ((IDLE, waiting(4, 2), waiting(4, 3)), Move(wake=2, rest=0)),
        ((BUSY, waiting(9, 60)), Move(again_s=40)),
        ((BUSY, waiting(9, 1), waiting(1, 100)), Move(closed=0)),
        ((IDLE, waiting(9, 1), waiting(1, 100)), Move(wake=2, rest=0)),
        ((BUSY._replace(turn_s=5), waiting(1, 100)), Move(again_s=15)),
        ((BUSY._replace(in_flight=0, waiting=7, turn_s=20), waiting(1, 100)), Move(wake=1, rest=0)),
        ((IDLE._replace(idle_s=0.25), waiting(1, 60)), Move(again_s=0.75)),
        ((IDLE, waiting(1, aside_s=7)), Move(again_s=7)),
        ((IDLE, waiting(9, aside_s=7), waiting(1)), Move(wake=2, rest=0)),
    ],
)
def test_moves(lines: Sequence[Line], move: Move):
    assert decide(lines, RULES) == move


def test_of_several_awake_an_idle_one_makes_room_and_only_one_is_closed():
    two = RULES._replace(awake=2)
    assert decide((BUSY, waiting()), two) == Move(wake=1)
    assert decide((BUSY, IDLE, waiting()), two) == Move(wake=2, rest=1)
    assert decide((BUSY, BUSY._replace(turn_s=600), waiting(1, 100)), two) == Move(closed=1)


seconds = st.floats(0, 1000)
lines = st.lists(
    st.builds(
        Line,
        waiting=st.integers(0, 5),
        oldest_s=seconds,
        in_flight=st.integers(0, 5),
        awake=st.booleans(),
        turn_s=seconds,
        idle_s=seconds,
        aside_s=st.sampled_from([0.0, 3.0]),
    ),
    max_size=5,
)


@given(lines, st.integers(1, 3))
def test_a_move_is_always_possible_and_never_breaks_off_a_call(each: list[Line], awake: int):
    move = decide(each, RULES._replace(awake=awake))
    if move.wake is not None:
        woken = each[move.wake]
        assert woken.waiting
        assert not woken.awake
        assert not woken.aside_s
        free = sum(line.awake for line in each) < awake
        assert free == (move.rest is None)
    if move.rest is not None:
        assert each[move.rest].awake
        assert not each[move.rest].in_flight
    if move.closed is not None:
        assert each[move.closed].awake
        assert move.wake is None
    assert move.again_s is None or move.again_s >= 0


class World:
    """Servers that take turns, in steps of a second; each call takes so many seconds."""

    def __init__(self, servers: int, rules: Rules, swap_s: int, faulty: frozenset[int]) -> None:
        self.rules, self.swap_s, self.faulty = rules, swap_s, faulty
        self.now = 0
        self.waiting: list[deque[tuple[int, int]]] = [deque() for _ in range(servers)]
        """When it came, and how long it takes."""
        self.flying: list[list[int]] = [[] for _ in range(servers)]
        self.awake: list[int | None] = [None] * servers
        self.idle_since = [0] * servers
        self.aside_until = [0] * servers
        self.moving: tuple[int, int] | None = None
        """Who is waking, and when it is done."""
        self.waited: list[list[int]] = [[] for _ in range(servers)]

    def step(self, came: Sequence[tuple[int, int]]) -> None:
        for server, length in came:
            self.waiting[server].append((self.now, length))
        for at, flying in enumerate(self.flying):
            left = [until for until in flying if until > self.now]
            if flying and not left:
                self.idle_since[at] = self.now
            self.flying[at] = left
        if self.moving is not None and self.moving[1] <= self.now:
            self._moved(self.moving[0])
        closed = None
        if self.moving is None:
            move = decide([self._seen(at) for at in range(len(self.waiting))], self.rules)
            closed = move.closed
            if move.wake is not None:
                if move.rest is not None:
                    assert not self.flying[move.rest]
                    self.awake[move.rest] = None
                self.moving = move.wake, self.now + self.swap_s
        for at, since in enumerate(self.awake):
            if since is not None and at != closed:
                while self.waiting[at]:
                    came_at, length = self.waiting[at].popleft()
                    self.waited[at].append(self.now - came_at)
                    self.flying[at].append(self.now + length)
        self.now += 1

    def _moved(self, waking: int) -> None:
        self.moving = None
        if waking in self.faulty:
            self.waiting[waking].clear()
            self.aside_until[waking] = self.now + 30
        else:
            self.awake[waking] = self.idle_since[waking] = self.now

    def _seen(self, at: int) -> Line:
        waiting, since = self.waiting[at], self.awake[at]
        return Line(
            waiting=len(waiting),
            oldest_s=self.now - waiting[0][0] if waiting else 0,
            in_flight=len(self.flying[at]),
            awake=since is not None,
            turn_s=0 if since is None else self.now - since,
            idle_s=0 if self.flying[at] else self.now - self.idle_since[at],
            aside_s=max(0, self.aside_until[at] - self.now),
        )


LONGEST_CALL = 8


@given(
    servers=st.integers(2, 4),
    awake=st.integers(1, 2),
    swap_s=st.integers(1, 15),
    faulty=st.sets(st.integers(0, 3), max_size=1),
    came=st.lists(
        st.lists(st.tuples(st.integers(0, 3), st.integers(1, LONGEST_CALL)), max_size=3),
        max_size=40,
    ),
    again=st.integers(1, 8),
)
@settings(max_examples=60, deadline=None)
def test_nobody_waits_longer_than_the_bound(
    servers: int,
    awake: int,
    swap_s: int,
    faulty: set[int],
    came: list[list[tuple[int, int]]],
    again: int,
):
    """Whatever comes, and however often it comes again."""
    rules = Rules(awake, longest_wait_s=40, least_turn_s=10, linger_s=1)
    world = World(servers, rules, swap_s, frozenset(faulty))
    for calls in came * again:
        world.step([(server % servers, length) for server, length in calls])
    bound = 40 + 1 + servers * (10 + LONGEST_CALL + swap_s + 3)  # steps are whole seconds
    for _ in range(bound + 1):
        world.step([])
    assert not any(world.waiting), "whoever waits is served in the end"
    assert max((waited for each in world.waited for waited in each), default=0) <= bound
