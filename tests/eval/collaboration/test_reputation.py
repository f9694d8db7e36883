"""Judges weighed by their past."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.agents import Agent, Panel
from folkmoot.eval.collaboration import Reputation, reputation_rule, reputations
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.protocols import Conclude, Contest, Decide, Stand, Vote
from folkmoot.protocols.composed import Composed
from folkmoot.records import InputError
from tests.eval.collaboration.conftest import drawn, sheet_from
from tests.protocols.conftest import weighed


def test_the_mean_of_the_beta_distribution():
    found = reputations(sheet_from({"ann": "aaab", "bo": "bbbb", "cy": "----"}, "aaaa"))
    assert found["ann"].value == pytest.approx(4 / 6)
    assert found["bo"].value == pytest.approx(1 / 6)
    assert found["cy"].value == 0.5


def test_what_is_long_ago_counts_less():
    early = sheet_from({"ann": "aabb", "bo": "bbaa"}, "aaaa")
    found = reputations(early, decay=0.5)
    # Of ann: 1, 1.5, .75 + a miss, .375 + a miss and a half.
    assert (found["ann"].hits, found["ann"].misses) == (0.375, 1.5)
    assert found["ann"].value < 0.5 < found["bo"].value
    assert reputations(early)["ann"].value == reputations(early)["bo"].value == 0.5


def test_against_what_the_others_said():
    found = reputations(sheet_from({"ann": "aaa", "bo": "aab", "cy": "aba", "di": "b--"}), "others")
    # The third item: of ann, bo and cy differ, and nothing leads; of bo, the others agree.
    assert (found["ann"].hits, found["ann"].misses) == (1, 0)
    assert (found["bo"].hits, found["bo"].misses) == (1, 1)
    assert (found["di"].hits, found["di"].misses) == (0, 1)


def test_reputations_are_carried_on():
    whole = reputations(sheet_from({"ann": "aab", "bo": "abb"}, "aaa"), decay=0.9)
    first = reputations(sheet_from({"ann": "a", "bo": "a"}, "a"), decay=0.9)
    rest = reputations(sheet_from({"ann": "ab", "bo": "bb"}, "aa"), decay=0.9, before=first)
    assert rest["ann"].value == pytest.approx(whole["ann"].value)
    assert rest["bo"].value == pytest.approx(whole["bo"].value)


@settings(max_examples=50)
@given(drawn(keyed=True), st.floats(0.05, 1))
def test_a_reputation_is_between_0_and_1_and_weighs_what_it_is(sheet, decay):
    found = reputations(sheet, decay=decay)
    rule = reputation_rule(found)
    for seat, each in found.items():
        assert 0 < each.value < 1
        p = (rule.competences or {})[seat]
        assert math.log(p / (1 - p)) == pytest.approx(each.value, abs=1e-5)


def test_a_judge_with_a_record_outweighs_a_new_one_and_two_new_ones_outweigh_it():
    rule = reputation_rule({"old": Reputation(seat="old", hits=8), "new": 0.5, "newer": 0.5})
    sheet = sheet_from({"old": "a", "new": "b", "newer": "b"})
    (votes,) = sheet.by_item().values()
    assert sum(0.5 for seat, choice in votes.items() if choice == "b") > 9 / 10
    weights = {seat: math.log(p / (1 - p)) for seat, p in (rule.competences or {}).items()}
    assert weights["old"] == pytest.approx(0.9, abs=1e-5)
    assert weights["new"] == weights["newer"] == pytest.approx(0.5, abs=1e-5)


async def test_judges_decide_by_their_reputation(tmp_path):
    """One judge was always right, two mostly wrong: its verdict wins against theirs."""
    past = sheet_from({"ann": "aaaaaaaa", "bo": "abbbbbbb", "cy": "babbbbbb"}, "aaaaaaaa")
    rule = reputation_rule(reputations(past))
    panel = Panel([Agent(name, model="m") for name in ("di", "ann", "bo", "cy")])
    judges = ("ann", "bo", "cy")

    def say(call):
        return weighed(
            call, lambda option: 0.9 if (option == "yes") == (call.seat == "ann") else 0.1
        )

    async def decided(rule):
        parts = (Stand(seats=("di",)), Vote(seats=judges, rule=rule), Contest())
        protocol = Composed(name="judged", parts=(*parts, Decide(rule=rule), Conclude()))
        run = await deliberate(
            "Is it so?",
            panel,
            protocol,
            Pool.scripted(say),
            options=("yes", "no"),
            record_dir=tmp_path,
        )
        assert run.decision is not None
        return run.decision

    by_reputation = await decided(rule)
    assert by_reputation.winner == "yes"
    assert by_reputation.tally == pytest.approx({"yes": 9 / 10, "no": 2 / 10 + 2 / 10}, abs=1e-5)
    assert (await decided(reputation_rule(dict.fromkeys(judges, 0.5)))).winner == "no"


@pytest.mark.parametrize("decay", [0, 1.1, math.nan])
def test_a_decay_out_of_range(decay):
    with pytest.raises(InputError, match="decay"):
        reputations(sheet_from({"ann": "a"}, "a"), decay=decay)


def test_nothing_to_hold_verdicts_against():
    with pytest.raises(InputError, match="give items a key"):
        reputations(sheet_from({"ann": "a", "bo": "b"}))
    with pytest.raises(InputError, match="several judges"):
        reputations(sheet_from({"ann": "a"}), "others")


def test_judges_without_a_reputation():
    with pytest.raises(InputError, match="'bo' has no reputation"):
        reputation_rule({"ann": 0.5}, ["bo"])
    with pytest.raises(InputError, match="weight"):
        reputation_rule({"ann": -0.5})
