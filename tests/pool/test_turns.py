"""Servers that take turns: who is awake, who waits, and what becomes of those who give up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from folkmoot.pool import Pool
from folkmoot.pool.engine import OnProgress, OnText, Progress
from folkmoot.pool.scripted import Scripted
from folkmoot.pool.turn_order import Rules
from folkmoot.pool.turns import Turns
from folkmoot.pool.vllm.server import VllmServer
from folkmoot.records import Call, EngineUnavailable, PoolError, Reply, Sampling, Segment

MakeCall = Callable[..., Call]
SHORT = {"sampling": Sampling(max_tokens=8, seed=1)}
QUICK = Rules(longest_wait_s=60, least_turn_s=0, linger_s=0.02)


class Memory:
    """What the servers share: more than it holds must never be awake."""

    def __init__(self, holds: int = 1) -> None:
        self.holds = holds
        self.awake: set[str] = set()
        self.log: list[str] = []


class Fake(Scripted):
    """A server with a script for a model."""

    def __init__(
        self, model: str, memory: Memory, *, known: bool = True, swap_s: float = 0.01
    ) -> None:
        super().__init__(lambda call: f"{model} says {call.order}", [model], name=model)
        self.memory = memory
        self.known, self.swap_s = known, swap_s
        self.faults = 0
        self.open = asyncio.Event()
        self.open.set()
        self.resting = asyncio.Event()
        self.flying = 0
        self.closed = False

    async def prepare(self, on_progress: OnProgress | None = None) -> bool:
        return self.known

    async def wake(self, on_progress: OnProgress | None = None) -> None:
        if on_progress is not None:
            on_progress(Progress(f"waking {self.name}"))
        self.memory.awake.add(self.name)
        assert len(self.memory.awake) <= self.memory.holds, "they do not fit beside each other"
        try:
            await asyncio.sleep(self.swap_s)
            if self.faults:
                self.faults -= 1
                raise EngineUnavailable(f"{self.name} has no weights", "look for them")
        except BaseException:
            self.memory.awake.discard(self.name)
            raise
        self.memory.log.append(self.name)

    async def rest(self) -> None:
        assert not self.flying, "a call was broken off"
        self.resting.set()
        await asyncio.sleep(self.swap_s)
        self.memory.awake.discard(self.name)

    async def answer(self, call: Call, on_text: OnText | None = None) -> Reply:
        assert self.name in self.memory.awake
        self.flying += 1
        try:
            await self.open.wait()
            await asyncio.sleep(0.005)
            return await super().answer(call, on_text)
        finally:
            self.flying -= 1

    async def close(self) -> None:
        await self.rest()
        self.closed = True


@asynccontextmanager
async def taking_turns(
    *models: str, holds: int = 1, rules: Rules = QUICK, **how: Any
) -> AsyncIterator[tuple[Turns, list[Fake], Memory]]:
    memory = Memory(holds)
    fakes = [Fake(model, memory, **how) for model in models]
    turns = Turns("gpu", fakes, awake=holds, rules=rules)
    for engine in turns.engines:
        await engine.start()
    yield turns, fakes, memory
    for engine in turns.engines:
        await engine.close()
    assert all(fake.closed for fake in fakes)
    assert not memory.awake


@pytest.fixture
def ask(make_call: MakeCall) -> MakeCall:
    def make(model: str, order: int = 0) -> Call:
        return make_call(model=model, order=order)

    return make


async def test_a_call_waits_for_its_servers_turn(ask: MakeCall):
    async with taking_turns("a", "b") as (turns, _, memory):
        a, b = turns.engines
        assert memory.log == [], "nobody is woken before somebody is asked"
        replies = await asyncio.gather(a.answer(ask("a", 1)), b.answer(ask("b", 2)))
        assert [reply.text for reply in replies] == ["a says 1", "b says 2"]
        assert memory.log == ["a", "b"]
        assert turns.swaps == 1
        assert turns.swapping_s >= 0.03
        timing = replies[1].timing
        assert timing is not None
        assert timing.waited is not None
        assert timing.engine is not None
        assert timing.waited >= 30 > timing.engine


async def test_ten_runs_that_ask_both_in_each_step_change_turns_once_a_step(ask: MakeCall):
    async with taking_turns("a", "b") as (turns, _, _):

        async def run() -> None:
            for step in range(5):
                await asyncio.gather(*(it.answer(ask(it.name, step)) for it in turns.engines))

        await asyncio.gather(*(run() for _ in range(10)))
        assert turns.swaps == 5


async def test_the_most_waiting_work_goes_first(ask: MakeCall):
    async with taking_turns("a", "b", "c") as (turns, fakes, memory):
        a, b, c = turns.engines
        fakes[0].open.clear()
        first = asyncio.create_task(a.answer(ask("a")))
        await asyncio.sleep(0.03)
        others = [asyncio.create_task(b.answer(ask("b")))]
        others += [asyncio.create_task(c.answer(ask("c", order))) for order in range(3)]
        await asyncio.sleep(0.03)
        assert memory.log == ["a"], "a turn lasts while there is work in flight"
        fakes[0].open.set()
        await asyncio.gather(first, *others)
        assert memory.log == ["a", "c", "b"]


async def test_who_has_waited_for_long_gets_a_turn_beside_work_that_never_ends(ask: MakeCall):
    rules = Rules(longest_wait_s=0.1, least_turn_s=0.05, linger_s=0.01)
    async with taking_turns("a", "b", rules=rules) as (turns, _, memory):
        a, b = turns.engines
        going = True

        async def on_and_on() -> None:
            while going:
                await a.answer(ask("a"))

        busy = [asyncio.create_task(on_and_on()) for _ in range(4)]
        await asyncio.sleep(0.05)
        async with asyncio.timeout(2):
            reply = await b.answer(ask("b"))
        assert reply.timing is not None
        assert 100 <= (reply.timing.waited or 0) < 1000
        await asyncio.sleep(0.1)
        assert memory.log[:3] == ["a", "b", "a"], "and the others go on after it"
        going = False
        await asyncio.gather(*busy)


async def test_giving_up_while_waiting_leaves_nothing_behind(ask: MakeCall):
    async with taking_turns("a", "b") as (turns, fakes, memory):
        a, b = turns.engines
        fakes[0].open.clear()
        first = asyncio.create_task(a.answer(ask("a")))
        await asyncio.sleep(0.03)
        call = ask("b")
        given_up = asyncio.create_task(b.answer(call))
        await asyncio.sleep(0.01)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        spent = await b.spent(call)
        assert spent is not None
        assert spent.prompt == 0
        fakes[0].open.set()
        await first
        await asyncio.sleep(0.1)
        assert memory.log == ["a"], "nobody waits for b: it is not woken"
        assert fakes[1].history == []


async def test_giving_up_while_another_makes_room_wakes_nobody(ask: MakeCall):
    async with taking_turns("a", "b", swap_s=0.2) as (turns, fakes, memory):
        a, b = turns.engines
        await a.answer(ask("a"))
        given_up = asyncio.create_task(b.answer(ask("b")))
        await fakes[0].resting.wait()
        given_up.cancel()
        await asyncio.sleep(0.5)
        assert memory.log == ["a"]
        assert not memory.awake
        assert (await a.answer(ask("a"))).state == "ok", "and the way is free"


async def test_giving_up_in_flight_ends_a_turn(ask: MakeCall):
    async with taking_turns("a", "b") as (turns, fakes, _):
        a, b = turns.engines
        fakes[0].open.clear()
        stuck = asyncio.create_task(a.answer(ask("a")))
        await asyncio.sleep(0.03)
        other = asyncio.create_task(b.answer(ask("b")))
        stuck.cancel()
        async with asyncio.timeout(2):
            assert (await other).state == "ok"


async def test_the_moment_of_being_let_in_is_no_hole(ask: MakeCall):
    """Cancelled between being let in and going on, a call must not count as in flight for ever."""
    async with taking_turns("a", "b") as (turns, _, _):
        a, b = turns.engines
        await a.answer(ask("a"))
        call = asyncio.create_task(a.answer(ask("a", 1)))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait({call})
        async with asyncio.timeout(2):
            assert (await b.answer(ask("b"))).state == "ok"


async def test_one_that_cannot_be_woken_does_not_keep_the_others_from_work(ask: MakeCall):
    async with taking_turns("a", "b") as (turns, fakes, memory):
        a, b = turns.engines
        fakes[1].faults = 1
        failing = [asyncio.create_task(b.answer(ask("b", order))) for order in range(3)]
        await asyncio.sleep(0)
        async with asyncio.timeout(2):
            assert (await a.answer(ask("a"))).state == "ok"
        faults = await asyncio.gather(*failing, return_exceptions=True)
        assert [str(fault) for fault in faults] == ["b has no weights\n       look for them"] * 3
        again = asyncio.create_task(b.answer(ask("b")))
        await asyncio.sleep(0.1)
        assert (await a.answer(ask("a"))).state == "ok", "b is set aside for a while"
        assert memory.log == ["a"]
        again.cancel()


async def test_what_was_set_aside_is_tried_again(ask: MakeCall, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("folkmoot.pool.turns._ASIDE_S", 0.05)
    async with taking_turns("a", "b") as (turns, fakes, _):
        fakes[1].faults = 2
        pool = Pool(turns.engines, patience_s=5)
        await pool.open(["a", "b"])
        replies = await asyncio.gather(pool.answer(ask("b")), pool.answer(ask("a")))
        assert [reply.state for reply in replies] == ["ok", "ok"]
        assert replies[0].retries == 2
        assert replies[1].retries == 0
        await pool.close()


async def test_two_fit_beside_each_other(ask: MakeCall):
    async with taking_turns("a", "b", "c", holds=2) as (turns, _, memory):
        a, b, c = turns.engines
        await asyncio.gather(a.answer(ask("a")), b.answer(ask("b")))
        assert memory.awake == {"a", "b"}
        assert turns.swaps == 0
        await asyncio.gather(b.answer(ask("b")), c.answer(ask("c")))
        assert turns.swaps == 1


async def test_who_must_be_woken_once_to_be_known_is_woken_at_the_start(ask: MakeCall):
    async with taking_turns("a", "b", known=False) as (_, _, memory):
        assert memory.log == ["a", "b"]
    memory = Memory()
    broken = Fake("b", memory, known=False)
    broken.faults = 1
    turns = Turns("gpu", [Fake("a", memory), broken], rules=QUICK)
    told: list[Progress] = []
    with pytest.raises(PoolError, match="b has no weights"):
        await turns.engines[1].start(told.append)
    assert told[0].what == "waking b"
    assert broken.closed
    with pytest.raises(EngineUnavailable, match="is not started"):
        await turns.engines[1].answer(ask("b"))


async def test_counting_wakes_a_server_only_if_nobody_else_can_tell():
    async with taking_turns("a", "b") as (turns, fakes, memory):
        segments = [Segment(role="user", text="three short words")]
        assert await turns.engines[1].count("b", segments) == 3
        assert memory.log == []
        plain = fakes[1].count

        async def only_awake(model: str, segments: Any) -> int:
            if "b" not in memory.awake:
                raise EngineUnavailable("asleep")
            return await plain(model, segments)

        fakes[1].count = only_awake
        assert await turns.engines[1].count("b", segments) == 3
        assert memory.log == ["b"]


async def test_closing_while_one_is_woken_and_others_wait(ask: MakeCall):
    async with taking_turns("a", "b", swap_s=0.1) as (turns, _, memory):
        a, b = turns.engines
        await a.answer(ask("a"))
        waiting = [asyncio.create_task(b.answer(ask("b", order))) for order in range(2)]
        await asyncio.sleep(0.15)
        assert memory.awake == {"b"} or not memory.awake
        await asyncio.gather(a.close(), b.close())
        for task in waiting:
            with pytest.raises(EngineUnavailable, match="engine 'b' is closed"):
                await task


async def test_the_record_says_with_whom_it_takes_turns():
    async with taking_turns("a") as (turns, _, _):
        assert turns.engines[0].describe()["turns"] == "gpu"
        assert turns.engines[0].describe()["kind"] == "scripted"


@pytest.mark.vllm
async def test_real_servers_in_turns(
    vllm_here: None, tiny_served_model: Path, tmp_path: Path, ask: MakeCall
):
    """Each is started once: what it is to be woken again is told with a stub, and is quicker."""
    servers = [
        VllmServer(name, {name: str(tiny_served_model)}, window=512, kv_cache_gib=1, logs=tmp_path)
        for name in ("a", "b")
    ]
    turns = Turns("here", servers)
    async with Pool(turns.engines) as pool:
        await pool.open(["a", "b"])
        calls = [ask(name, order).model_copy(update=SHORT) for name in "ab" for order in range(4)]
        before = [await pool.count(call.model, call.segments) for call in calls]
        assert servers[0].pid is None, "counting wakes nobody"
        asked = [asyncio.create_task(pool.answer(call)) for call in calls]
        await asyncio.sleep(1)
        asked[7].cancel()
        replies = await asyncio.gather(*asked[:7])
        assert {reply.state for reply in replies} <= {"ok", "cut_off", "empty"}
        assert [reply.usage.prompt for reply in replies if reply.usage] == before[:7]
        assert [await pool.count(call.model, call.segments) for call in calls] == before
        assert turns.swaps == 1
        assert servers[0].pid is None, "it has made room"
        usages = [reply.usage for reply in replies if reply.usage]
        for server, mine in zip(servers, (usages[:4], usages[4:]), strict=True):
            counted = await server.counters()
            assert counted.prompt == sum(usage.prompt for usage in mine)
            assert counted.generation == sum(usage.completion for usage in mine)
