"""The breaker: who is gone is tried by one at a time."""

import asyncio

from folkmoot.pool.breaker import FAULTS, Breaker


def opened() -> Breaker:
    breaker = Breaker()
    for number in range(FAULTS):
        breaker.failed(breaker.enter(), "gone", f"call {number}")
    return breaker


def test_one_call_that_fails_again_and_again_does_not_open_it():
    breaker, call = Breaker(), object()
    for _ in range(3 * FAULTS):
        breaker.failed(breaker.enter(), "poison", call)
    assert breaker.state == "closed"


def test_several_in_a_row_open_it_and_an_answer_closes_it():
    breaker = opened()
    assert (breaker.state, breaker.fault, breaker.passes) == ("open", "gone", False)
    assert breaker.gone_s > 0
    breaker.answered(False)
    assert (breaker.state, breaker.fault, breaker.gone_s) == ("closed", "", 0.0)


def test_an_answer_in_between_begins_the_count_anew():
    breaker = Breaker()
    for number in range(3 * FAULTS):
        breaker.failed(breaker.enter(), "now and then", f"call {number}")
        if number % 2:
            breaker.answered(breaker.enter())
    assert breaker.state == "closed"


async def test_one_at_a_time_tries_it():
    breaker = opened()
    assert await breaker.passage(0.01) is None, "not yet"
    assert await breaker.passage(2.0) is True
    assert breaker.state == "trying"
    assert await breaker.passage(0.5) is None, "one is finding out"
    breaker.answered(True)
    assert await breaker.passage(0.0) is False, "closed: all pass, none of them tries"


async def test_who_waits_goes_at_once_when_it_closes():
    breaker = opened()
    assert await breaker.passage(2.0) is True
    waiting = [asyncio.create_task(breaker.passage(30.0)) for _ in range(5)]
    await asyncio.sleep(0)
    breaker.answered(True)
    assert await asyncio.wait_for(asyncio.gather(*waiting), 1.0) == [False] * 5


async def test_one_that_tries_and_is_called_off_leaves_it_to_the_next():
    breaker = opened()
    assert await breaker.passage(2.0) is True
    waiting = asyncio.create_task(breaker.passage(5.0))
    await asyncio.sleep(0)
    breaker.left(True)
    assert await asyncio.wait_for(waiting, 2.0) is True


async def test_a_late_fault_of_an_earlier_call_does_not_end_the_try():
    breaker = opened()
    assert await breaker.passage(2.0) is True
    breaker.failed(False, "was on its way before", "another")
    assert breaker.state == "trying"
