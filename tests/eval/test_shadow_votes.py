"""Shadow votes: shares that are counted right, and a recount that is what a seat would have made of it."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.protocols.conftest as replies
from folkmoot.agents import Agent, Panel
from folkmoot.eval.shadow_votes import Case, by_name, finding, recounted, votes
from folkmoot.graphs import deliberate, shadowed
from folkmoot.pool import Pool
from folkmoot.protocols import BlindVote, Debate, Rule
from folkmoot.records import Outcome
from folkmoot.records.shadows import shadow_runs

OPTIONS = ("a tax", "a ban", "neither")
RULES = (
    "plurality",
    "majority",
    "unanimity",
    "borda",
    "approval",
    "score",
    "cumulative",
    "schulze",
    Rule(name="plurality", ties="order"),
    Rule(name="majority", quorum=1.0),
    Rule(name="plurality", forced=False),
    Rule(name="plurality", ties="lot"),
)


def pool_of(weights: dict[str, list[float]]) -> Pool:
    """Seats that lean to the options by these weights; one without any cannot be read."""

    def say(call):
        if call.op == "generate":
            return "It is so."
        own = weights[call.seat]
        if not any(own):
            return replies.Reply.to(call, "unavailable")
        return replies.weighed(call, lambda option: own[OPTIONS.index(option)])

    return Pool.scripted(say)


async def run(folder: Path, seats, weights, protocol, options=OPTIONS) -> Outcome:
    panel = Panel(Agent(seat, model="m") for seat in seats)
    return await deliberate(
        "Which?", panel, protocol, pool_of(weights), options=options, record_dir=folder, run_id="r"
    )


async def case(folder: Path, seats, weights, protocol, gold=None, shadow="new") -> Case:
    outcome = await run(folder, seats, weights, protocol)
    await shadowed(outcome, [Agent(shadow, model="m")], pool_of(weights))
    (beside,) = shadow_runs(outcome)
    return Case(outcome, beside, gold)


leaning = st.lists(st.sampled_from([0.1, 1.0, 3.0, 7.0]), min_size=3, max_size=3)


@settings(deadline=None, max_examples=40)
@given(
    rule=st.sampled_from(RULES),
    weights=st.lists(leaning, min_size=2, max_size=5),
)
def test_the_recount_is_what_a_vote_of_all_of_them_comes_to(tmp_path_factory, rule, weights):
    """Where nobody hears anybody, a seat on probation would have changed just what the recount says."""
    seats = [f"seat {at}" for at in range(len(weights))]
    given_to = dict(zip(seats, weights, strict=True))
    protocol = BlindVote(rule=rule)
    shadow = seats[-1]
    found = asyncio.run(
        case(tmp_path_factory.mktemp("one"), seats[:-1], given_to, protocol, shadow=shadow)
    )
    together = asyncio.run(run(tmp_path_factory.mktemp("all"), seats, given_to, protocol))
    changed = recounted(found)
    chose = found.beside.outcome.transcript.stances[0].choice
    if chose is None:
        assert changed is None
        return
    decision = together.decision
    assert changed.before == (found.main.decision.winner or found.main.decision.status)
    assert changed.after == (decision.winner or decision.status)


async def test_the_shares(tmp_path):
    yes, no, neither = [9, 1, 1], [1, 9, 1], [0, 0, 0]
    given_to = [  # two on the panel, the newcomer, what is right
        (yes, yes, yes, "a tax"),
        (yes, yes, no, "a ban"),
        (yes, no, yes, "a tax"),
        (no, no, neither, "a ban"),
        (no, no, no, None),
    ]
    cases = [
        await case(
            tmp_path / str(at),
            ("ann", "bo"),
            {"ann": ann, "bo": bo, "new": new},
            BlindVote(),
            gold,
        )
        for at, (ann, bo, new, gold) in enumerate(given_to)
    ]
    found = votes("new", by_name(cases)["new"])
    assert (found.asked, found.states) == (5, {"unavailable": 1, "valid": 4})
    assert (found.valid.hits, found.valid.of) == (4, 5)
    assert (found.agreed.hits, found.agreed.of) == (2, 3), "one was a deadlock, one had no choice"
    assert (found.right.hits, found.right.of) == (3, 3)
    assert (found.panel_right.hits, found.panel_right.of) == (1, 3), "a deadlock is not right"
    assert found.chance == pytest.approx(1 / 3)
    assert (found.valid.low, found.valid.high) == pytest.approx((0.3755, 0.9638), abs=1e-4)
    assert found.recounted == 4
    assert [(each.before, each.after) for each in found.changed] == [("deadlock", "a tax")]
    evidence = finding(found)
    assert (evidence.check, evidence.verdict) == ("shadow-votes", "warned")
    assert "does not answer" in evidence.mend
    assert evidence.evidence["valid"]["hits"] == 4
    assert "asked 5 times" in evidence.said


async def test_one_that_is_right_less_often_than_a_draw_is_to_be_looked_at(tmp_path):
    given_to = {"ann": [9, 1, 1], "new": [1, 9, 1]}
    once = await case(tmp_path, ("ann",), given_to, BlindVote(), "a tax")
    few, many = (finding(votes("new", [once] * times)) for times in (2, 30))
    assert few.verdict == "passed", "twice may be chance"
    assert (many.verdict, many.mend) == ("warned", "it is right less often than a draw")


def test_one_that_was_never_asked():
    found = votes("new", [])
    assert (found.asked, found.valid, found.agreed, found.right) == (0, None, None, None)
    assert finding(found).verdict == "not_asked"


@pytest.mark.parametrize(
    "protocol",
    [
        BlindVote(rule="random-ballot"),
        BlindVote(rule="maximal-lotteries"),
        Debate(rounds=0, judge="ann", contest_claims=False),
    ],
    ids=["drawn", "lottery", "judge"],
)
async def test_what_cannot_be_counted_again_is_not(tmp_path, protocol):
    given_to = {"ann": [9, 1, 1], "bo": [1, 9, 1], "new": [1, 9, 1]}
    found = await case(tmp_path, ("ann", "bo"), given_to, protocol)
    assert recounted(found) is None
    assert votes("new", [found]).recounted == 0


async def test_an_open_question_has_nothing_to_count(tmp_path):
    given_to = {"ann": [9, 1, 1], "new": [1, 9, 1]}
    outcome = await run(tmp_path, ("ann",), given_to, BlindVote(), options=None)
    await shadowed(outcome, [Agent("new", model="m")], pool_of(given_to))
    (beside,) = shadow_runs(outcome)
    found = votes("new", [Case(outcome, beside, "a tax")])
    assert (found.asked, found.valid.hits) == (1, 1)
    assert (found.agreed, found.right, found.recounted) == (None, None, 0)
