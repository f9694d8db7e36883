"""Stopping rules in runs that are stopped and taken up again: they come to the same."""

import asyncio
from itertools import count

import pytest

from folkmoot.graphs import Answered, Recorded, deliberate, resume
from folkmoot.pool import Pool
from folkmoot.protocols import Repeat
from folkmoot.protocols.account import Account
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import AnyOf, CalledOff, Deadline, Moderate, Stable, TokensSpent
from folkmoot.records import Transcript, read_journal, verify

SEATS = ("ann", "bo", "mo")
DEBATERS = ("ann", "bo")
RULE = AnyOf(
    of=(CalledOff(), Stable(), TokensSpent(bar=10**9), Deadline(bar=10**9)),
)
PLAN = Composed(
    name="moderated",
    version="1",
    parts=(
        Stand(seats=DEBATERS),
        Speak(),
        Repeat((Stand(seats=DEBATERS), Account(), Speak(), Moderate(moderator="mo")), 4, RULE),
        Contest(),
        Decide(),
        Conclude(),
    ),
)


@pytest.fixture
def say(seats):
    leaning = seats(ann=0.9, bo=[0.1, 0.9, 0.1], mo=0.9)

    def reply(call):
        if call.purpose != "moderate":
            return leaning(call)
        yes = 0.9 if call.round == 2 else 0.2
        return [yes if option == " yes" else 1 - yes for option in call.options]

    return reply


async def run(panel, pool, folder, name, watch=None):
    return await deliberate(
        "Share?",
        panel(*SEATS),
        PLAN,
        pool,
        options=("yes", "no"),
        record_dir=folder,
        run_id=name,
        watch=watch,
    )


async def test_a_check_depends_on_the_record_alone(panel, say, tmp_path):
    outcome = await run(panel, Pool.scripted(say), tmp_path, "one")
    checks = outcome.transcript.checks
    assert [each.holds for each in checks] == [False, False, True]
    assert "called-off holds at 0.9 against 0.5" in checks[-1].says
    view = read_journal(tmp_path / "one")
    for check in checks:
        before = [each for each in view.records if each.step < check.step]
        again = RULE.look(Transcript(view.opening, before))
        assert (again.holds, again.says) == (check.holds, check.says)
    assert verify(tmp_path / "one").ok


@pytest.mark.parametrize("after", [3, 17, 21, 24, 33, 41])
async def test_a_run_taken_up_again_ends_by_the_same_rule_and_asks_nothing_twice(
    panel, say, tmp_path, after
):
    seen = count(1)

    def stop(event):
        if isinstance(event, Answered | Recorded) and next(seen) == after:
            task.cancel()

    task = asyncio.create_task(run(panel, Pool.scripted(say), tmp_path, "one", stop))
    with pytest.raises(asyncio.CancelledError):
        await task
    before = read_journal(tmp_path / "one")
    have, pool = set(before.replies), Pool.scripted(say)
    ended = await resume(tmp_path / "one", pool)
    assert {call.id for call in pool.engines[0].history} & have == set()
    kept = [each for each in before.records if each in ended.transcript.checks]
    assert list(ended.transcript.checks)[: len(kept)] == kept
    assert [each.holds for each in ended.transcript.checks] == [False, False, True]
    assert ended.transcript.checks[-1].step == 12
    assert verify(tmp_path / "one").ok
