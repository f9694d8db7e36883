"""Branches: a run held again with part of its panel, and nothing asked twice."""

import asyncio
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.eval.worth.branches import Branches, branched, branched_sync
from folkmoot.eval.worth.quality import blind_stances
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.pool.recalled import asked_as
from folkmoot.protocols import BlindVote, Debate
from folkmoot.records import GraphError, InputError, read_journal, verify

QUESTION = "Should the library open on Sundays?"
LOT = 1
"""With which the three seats differ, so that there is something to exchange."""


@pytest.fixture
def recorded(panel: Callable[..., Panel], talk: Any, tmp_path: Any) -> Callable[..., Any]:
    """Hold a run and give its folder, with the function that answered."""

    def run(protocol: Any, *seats: str, options: Any = ("yes", "no"), **models: str) -> Any:
        said = talk(LOT)
        held = deliberate(
            QUESTION,
            panel(*seats, **models),
            protocol,
            Pool.scripted(said),
            options=options,
            record_dir=tmp_path / "runs",
        )
        outcome = asyncio.run(held)
        assert outcome.record is not None
        return outcome.record, said

    return run


def refuses(call: Any) -> Any:
    raise AssertionError(f"a model was asked: {call.purpose} by {call.seat}")


def test_a_blind_vote_needs_no_call_for_any_coalition(recorded, tmp_path):
    record, _ = recorded(BlindVote(rule="plurality"), "ann", "bo", "cy")
    branches = Branches(record, Pool.scripted(refuses), tmp_path / "branches")
    there, shares = branched_sync(branches, "yes")
    assert branches.asked == ()
    assert branches.recalled > 0
    assert shares.coalitions == 2 ** len(there) == 8
    assert sum(shares.values.values()) == pytest.approx(shares.whole - 0.5)


def test_where_seats_hear_each_other_only_what_is_missing_is_asked(recorded, tmp_path):
    record, said = recorded(Debate(rounds=1, contest_claims=False), "ann", "bo", "cy")
    stored = {asked_as(call) for call in read_journal(record).calls}
    said.calls.clear()
    branches = Branches(record, Pool.scripted(said), tmp_path / "branches")
    asyncio.run(branched(branches, "yes"))
    asked = [asked_as(call) for call in branches.asked]
    assert asked, "what a smaller panel hears was never said before"
    assert len(asked) == len(set(asked)), "nothing is asked twice"
    assert not set(asked) & stored, "nothing that is on record is asked"
    assert all(call.round > 0 for call in branches.asked), "no blind first answer is asked again"
    assert said.calls == list(branches.asked)


def test_branches_are_records_whose_blind_answers_are_those_of_the_run(recorded, tmp_path):
    record, said = recorded(Debate(rounds=1, contest_claims=False), "ann", "bo", "cy")
    branches = Branches(record, Pool.scripted(said), tmp_path / "branches")

    async def runs():
        return [
            await branches.run(seats)
            for size in (1, 2)
            for seats in combinations(("ann", "bo", "cy"), size)
        ]

    whole = asyncio.run(branches.run(("cy", "bo", "ann")))
    assert whole.record == record
    firsts = {s.seat: s.probabilities for s in blind_stances(whole.transcript)}
    for outcome in asyncio.run(runs()):
        assert verify(outcome.record).ok
        found = {s.seat: s.probabilities for s in blind_stances(outcome.transcript)}
        assert found == {seat: firsts[seat] for seat in outcome.transcript.opening.seats}


def test_a_branch_is_the_run_that_the_coalition_would_have_had(recorded, panel, talk, tmp_path):
    record, said = recorded(Debate(rounds=1, contest_claims=False), "ann", "bo", "cy")
    branches = Branches(record, Pool.scripted(said), tmp_path / "branches")
    branch = asyncio.run(branches.run(("ann", "cy")))
    straight = asyncio.run(
        deliberate(
            QUESTION,
            panel("ann", "cy"),
            Debate(rounds=1, contest_claims=False),
            Pool.scripted(talk(LOT)),
            options=("yes", "no"),
            record_dir=tmp_path / "straight",
        )
    )
    assert branch.decision == straight.decision
    assert [t.text for t in branch.transcript.turns] == [t.text for t in straight.transcript.turns]
    assert branch.transcript.opening.protocol == straight.transcript.opening.protocol


def test_clones_ask_once_for_what_both_are_asked(tmp_path):
    same = Perspective(statement="I look after the sick.")
    twins = Panel(Agent(name, model="m", perspective=same) for name in ("ann", "bo"))

    def say(call):
        if call.op == "generate":
            return "So."
        return [0.9 if option.strip() == "yes" else 0.1 for option in call.options]

    held = deliberate(
        QUESTION,
        twins,
        BlindVote(rule="plurality"),
        Pool.scripted(say),
        options=("yes", "no"),
        record_dir=tmp_path / "runs",
    )
    record = asyncio.run(held).record
    there, shares = asyncio.run(
        branched(Branches(record, Pool.scripted(refuses), tmp_path / "branches"), "yes")
    )
    assert [player.seats for player in there] == [("ann", "bo")]
    assert shares.values == {"seat ann + seat bo": 0.5}


def test_what_cannot_be_branched_says_so(recorded, tmp_path):
    record, said = recorded(Debate(judge="bo", contest_claims=False), "ann", "bo", "cy")
    branches = Branches(record, Pool.scripted(said), tmp_path / "branches")
    with pytest.raises(GraphError, match="the judge 'bo' has no seat"):
        asyncio.run(branches.run(("ann", "cy")))
    with pytest.raises(InputError, match="eve is no part of the panel"):
        asyncio.run(branches.run(("eve",)))
    with pytest.raises(InputError, match="nobody is no part"):
        asyncio.run(branches.run(()))
    with pytest.raises(InputError, match="none of the options"):
        asyncio.run(branched(branches, "maybe"))
