"""The line before an engine: bounded, fair between runs and seats, nothing left behind."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.pool.admission import Admission, FairQueue, Room, Ticket

QUANTUM = 100


def ticket(run: str, seat: str = "ann", prompt: int = 50, reply: int = 10) -> Ticket:
    return Ticket(run, seat, prompt, reply)


def drained(queue: FairQueue) -> list[Ticket]:
    """Everything that waits, in the order in which it goes, one on its way at a time."""
    sent: list[Ticket] = []
    while (each := queue.next()) is not None:
        sent.append(each)
        queue.leave(each)
    return sent


def test_no_more_are_on_their_way_than_there_is_room_for():
    queue = FairQueue(Room(calls=2))
    tickets = [ticket("a") for _ in range(3)]
    for each in tickets:
        queue.add(each)
    assert [queue.next(), queue.next(), queue.next()] == [tickets[0], tickets[1], None]
    assert (queue.flying, queue.waiting) == (2, 1)
    queue.leave(tickets[0])
    assert queue.next() is tickets[2]


def test_a_run_that_comes_late_does_not_wait_for_all_of_one_that_came_first():
    queue = FairQueue(Room(calls=1), QUANTUM)
    first = [ticket("first") for _ in range(50)]
    for each in first:
        queue.add(each)
    gone = [queue.next()]
    late = ticket("late")
    queue.add(late)
    queue.leave(first[0])
    while late not in gone:
        each = queue.next()
        assert each is not None
        gone.append(each)
        queue.leave(each)
    assert len(gone) <= 2 + QUANTUM // 60 + 1


def test_who_was_away_has_saved_nothing_up():
    queue = FairQueue(Room(calls=1), quantum=0)
    for _ in range(20):
        queue.add(ticket("busy"))
    drained(queue)
    for _ in range(10):
        queue.add(ticket("back"))
        queue.add(ticket("busy"))
    runs = [each.run for each in drained(queue)]
    assert runs[:6].count("back") <= 4, "it does not catch up on twenty calls"


def test_seats_of_a_run_take_turns():
    queue = FairQueue(Room(calls=1))
    for seat in ("ann", "ann", "ann", "bo", "cy"):
        queue.add(ticket("a", seat))
    assert [each.seat for each in drained(queue)] == ["ann", "bo", "cy", "ann", "ann"]


def test_of_runs_served_alike_the_one_on_its_way_goes_first():
    """Its calls share a prefix, and what is computed together need not be kept."""
    queue = FairQueue(Room(), quantum=10_000)
    queue.add(ticket("a"))
    begun = queue.next()
    assert begun is not None
    queue.add(ticket("b"))
    queue.add(ticket("a"))
    assert [each.run for each in drained(queue)] == ["a", "b"]


def test_the_cache_is_not_asked_to_hold_more_than_it_can():
    queue = FairQueue(Room(tokens=200), quantum=0)
    for run in ("a", "b"):
        for _ in range(3):
            queue.add(ticket(run, prompt=100, reply=10))
    sent = [each for _ in range(6) if (each := queue.next()) is not None]
    assert {each.run for each in sent} == {"a"}, "a's prompts share 100, b's 100 would be too much"
    assert 1 <= len(sent) <= 3
    for each in sent:
        queue.leave(each)
    assert len(drained(queue)) == 6 - len(sent), "and nobody is forgotten"


def test_what_is_larger_than_the_cache_goes_alone():
    queue = FairQueue(Room(tokens=10))
    large = ticket("a", prompt=500)
    queue.add(large)
    assert queue.next() is large


TICKETS = st.tuples(
    st.sampled_from("abcd"), st.sampled_from("xyz"), st.integers(1, 300), st.integers(1, 100)
)


@given(
    tickets=st.lists(TICKETS, max_size=40),
    calls=st.none() | st.integers(1, 5),
    tokens=st.none() | st.integers(1, 2000),
    leaving=st.randoms(use_true_random=False),
)
def test_everyone_is_sent_once_and_the_room_is_kept(tickets, calls, tokens, leaving):
    queue = FairQueue(Room(calls, tokens), QUANTUM)
    waiting = [ticket(*each) for each in tickets]
    for each in waiting:
        queue.add(each)
    flying: list[Ticket] = []
    sent: list[Ticket] = []
    while len(sent) < len(waiting):
        each = queue.next()
        if each is None:
            assert flying, "somebody waits, nobody is on the way, and none is sent"
            gone = flying.pop(leaving.randrange(len(flying)))
            queue.leave(gone)
            continue
        sent.append(each)
        flying.append(each)
        assert calls is None or len(flying) <= calls
        if tokens is not None and len(flying) > 1:
            runs = {each.run for each in flying}
            held = sum(max(one.prompt for one in flying if one.run == run) for run in runs)
            assert held + sum(one.reply for one in flying) <= tokens
    assert sorted(map(id, sent)) == sorted(map(id, waiting))
    for each in flying:
        queue.leave(each)
    assert (queue.flying, queue.waiting) == (0, 0)


@given(sizes=st.lists(st.tuples(st.integers(1, 300), st.integers(1, 100)), min_size=2, max_size=30))
def test_of_two_that_always_wait_none_gets_far_ahead(sizes):
    """Bounded unfairness: a quantum, and the largest call of each."""
    queue = FairQueue(Room(calls=1), QUANTUM)
    for prompt, reply in sizes:
        queue.add(ticket("a", prompt=prompt, reply=reply))
        queue.add(ticket("b", prompt=prompt, reply=reply))
    largest = max(prompt + reply for prompt, reply in sizes)
    served = {"a": 0, "b": 0}
    left = {"a": len(sizes), "b": len(sizes)}
    while left["a"] and left["b"]:
        each = queue.next()
        assert each is not None
        served[each.run] += each.prompt + each.reply
        left[each.run] -= 1
        queue.leave(each)
        assert abs(served["a"] - served["b"]) <= QUANTUM + 2 * largest


async def test_cancelling_gives_the_place_back(make_call):
    line = Admission(Room(calls=1))
    entered = asyncio.Event()

    async def stay(seconds: float) -> None:
        async with line.place(make_call(), "a"):
            entered.set()
            await asyncio.sleep(seconds)

    first = asyncio.create_task(stay(60))
    await entered.wait()
    waiting = [asyncio.create_task(stay(0)) for _ in range(3)]
    await asyncio.sleep(0)
    assert (line.queue.flying, line.queue.waiting) == (1, 3)
    waiting[0].cancel()
    await asyncio.sleep(0)
    assert line.queue.waiting == 2, "who is called off while waiting does not wait any more"
    first.cancel()
    await asyncio.gather(*waiting[1:])
    assert (line.queue.flying, line.queue.waiting) == (0, 0)


async def test_one_called_off_at_the_moment_of_its_turn_leaves_it_to_the_next(make_call):
    line = Admission(Room(calls=1))
    async with line.place(make_call(), "a"):
        tasks = [asyncio.create_task(_pass(line, make_call())) for _ in range(2)]
        await asyncio.sleep(0)
    tasks[0].cancel()  # It has its place, and has not run since.
    assert await asyncio.wait_for(tasks[1], 1) >= 0
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert line.queue.flying == 0


async def _pass(line: Admission, call) -> int:
    async with line.place(call, "a") as waited:
        return waited
