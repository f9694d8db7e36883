"""Hearings, turn orders, summaries and vectors in whole runs: recorded, verified and taken up again."""

import asyncio

import pytest

from folkmoot.graphs import Answered, Recorded, deliberate, resume_as
from folkmoot.pool import Pool
from folkmoot.protocols import (
    Embed,
    Hearing,
    NoDuplicates,
    Refute,
    Repeat,
    Setting,
    Summarise,
    TopK,
    Truncate,
    in_turn,
)
from folkmoot.protocols.account import Account
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.records import audit, verify

FILTERED = Hearing(
    topology={"name": "random", "p": 0.8, "redrawn": True},
    filter=[NoDuplicates(at_least=0.99), TopK(k=2), Truncate(characters=12)],
    visibility=["answer", "rationale", "confidence", "identity", "tally"],
    history="summary",
)


class Round:
    """Everything at once: vectors, a refutation, seats in turn, a summary."""

    name, version = "round", "1"

    def params(self):
        return {}

    def parts(self, setting: Setting):
        body = (Stand(hearing=FILTERED), Account(hearing=FILTERED), Speak(hearing=FILTERED))
        again = (Refute(seat="cy"), Embed(), *in_turn(body, setting, "rotating"), Summarise())
        return (Stand(), Speak(), Repeat(again, 2), Contest(), Decide(), Conclude())

    def faults(self, seats):
        return ()


@pytest.fixture
def pool(seats):
    def scripted() -> Pool:
        leaning = seats(ann=[0.9, 0.1, 0.9], bo=[0.1, 0.9], cy=0.2)

        def say(call):
            if call.op == "embed":
                return (1.0, call.order / 10)
            return "In short." if call.purpose in ("summary", "refute") else leaning(call)

        return Pool.scripted(say)

    return scripted


async def test_a_run_with_all_of_it_verifies_and_says_what_was_held_back(panel, pool, tmp_path):
    outcome = await deliberate(
        "Share?", panel("ann", "bo", "cy"), Round(), pool(), options=("yes", "no"),
        record_dir=tmp_path, run_id="one",
    )  # fmt: skip
    seen = outcome.transcript
    assert audit(seen) == ()
    assert verify(tmp_path / "one").ok
    assert {each.filter for each in seen.filterings} == {"successive"}
    assert any("by embeddings" in held.why for each in seen.filterings for held in each.held)
    assert any(each.altered for each in seen.filterings)
    assert {turn.role for turn in seen.turns} == {"statement", "refutation", "summary"}
    assert {reply.about for reply in seen.replies if reply.vector} >= {"question", "M1"}


class Stopping:
    """Stops the run from outside after so many replies and records."""

    def __init__(self, after: int) -> None:
        self.left, self.task = after, asyncio.current_task()

    def __call__(self, event) -> None:
        self.left -= isinstance(event, Answered | Recorded)
        if self.left == 0 and self.task is not None:
            self.task.cancel()


@pytest.mark.parametrize("after", [31, 90])
async def test_a_stopped_one_is_taken_up_as_if_it_had_not_been(panel, pool, tmp_path, after):
    async def run(folder, watch=None):
        return await deliberate(
            "Share?", panel("ann", "bo", "cy"), Round(), pool(), options=("yes", "no"),
            record_dir=folder, run_id="one", watch=watch,
        )  # fmt: skip

    straight = await run(tmp_path / "straight")

    async def stopped():
        await run(tmp_path / "stopped", Stopping(after))

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(stopped())
    taken_up = await resume_as(tmp_path / "stopped" / "one", Round(), pool())
    plain = [
        [r.plain() for r in o.transcript.records if r.record != "reply"]
        for o in (straight, taken_up)
    ]
    assert plain[0] == plain[1]
