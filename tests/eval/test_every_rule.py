"""Every rule over the ballots of a run, and of a folder: the rules' own code, and no model."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.agents import Agent, Panel
from folkmoot.eval.agreement import agreement
from folkmoot.eval.every_rule import PLURAL, WEIGHTED, every_rule
from folkmoot.eval.every_rule_of import every_rule_of
from folkmoot.eval.redecide import redecide
from folkmoot.eval.worth.runs import read_runs
from folkmoot.graphs import deliberate
from folkmoot.graphs.branch import resynthesize
from folkmoot.pool import Pool
from folkmoot.protocols import RULES, BlindVote, Consensus, CritiqueRevise, Debate, Rule
from folkmoot.records import InputError, Journal, Transcript, read_journal
from tests.protocols.conftest import Anything

SEATS = ("ann", "bo", "cy", "di")
OPTIONS = ("a tax", "a ban", "neither")
PROTOCOLS = (
    BlindVote(rule="plurality"),
    BlindVote(rule=Rule(name="borda", ties="lot", quorum=0.9)),
    BlindVote(rule=Rule(name="dictator", seat="bo")),
    Debate(rounds=1, judge="cy", contest_claims=False),
    Consensus(rounds=0),
    CritiqueRevise(),
)


def of_random(walk, begin, anything, protocol, lot):
    options = None if isinstance(protocol, Consensus | CritiqueRevise) else OPTIONS
    return walk(protocol, begin(SEATS, options, seed=lot), anything(lot)).seen


@given(
    lot=st.integers(0, 10_000),
    protocol=st.sampled_from(PROTOCOLS),
    without=st.sets(st.sampled_from(SEATS), max_size=1),
)
@settings(max_examples=15)
def test_each_rule_is_counted_as_by_itself_and_none_is_left_unsaid(
    walk, begin, anything, lot, protocol, without
):
    seen = of_random(walk, begin, anything, protocol, lot)
    found = every_rule(seen, without=without)
    assert {*found.rules, *found.cannot} == set(RULES)
    for name, ruled in found.rules.items():
        alone = redecide(seen, without=without, rule=name)
        assert (ruled.status, ruled.winner, ruled.tally) == (
            alone.status,
            alone.winner,
            alone.tally,
        )
        assert (ruled.margin, ruled.pivotal) == (alone.margin, alone.pivotal)
    for name in found.cannot:
        with pytest.raises(InputError):
            redecide(seen, without=without, rule=name)


@given(lot=st.integers(0, 10_000), protocol=st.sampled_from(PROTOCOLS))
@settings(max_examples=15)
def test_the_rule_on_record_comes_to_the_decision_and_agreement_is_the_same(
    walk, begin, anything, lot, protocol
):
    seen = of_random(walk, begin, anything, protocol, lot)
    found = every_rule(seen)
    assert found.reproduced is True
    assert found.why == ""
    held = agreement(seen)
    assert (set(found.agree), found.counted) == (set(held.agree), held.counted)
    assert found.held is not None
    assert found.held.winner == seen.decision.winner


@pytest.mark.parametrize(
    "change",
    [
        {"winner": "a ban"},
        {"tally": {"a tax": 9.0, "a ban": 0.0, "neither": 0.0}},
        {"status": "tied", "winner": None, "tied": ("a tax", "a ban")},
        {"pivotal": ("di",)},
        {"margin": 0.25},
    ],
)
def test_a_decision_that_is_not_what_its_rule_comes_to_is_found(walk, begin, weigh_by, change):
    def say(call):
        return "So." if call.op == "generate" else weigh_by(call, lambda o: 1 + 4 * (o == "a tax"))

    seen = walk(BlindVote(rule="plurality"), begin(SEATS, OPTIONS), say).seen
    assert every_rule(seen).reproduced
    forged = [
        each.model_copy(update=change) if each.record == "decision" else each for each in seen
    ]
    found = every_rule(Transcript(seen.opening, forged))
    assert found.reproduced is False
    assert found.why


def test_weights_guards_and_parameters_of_some_rules(walk, begin, seats):
    leaning = {"ann": 0.9, "bo": 0.8, "cy": 0.1}
    seen = walk(BlindVote(), begin(list(leaning)), seats(**leaning)).seen
    plain = every_rule(seen)
    assert plain.rules["plurality"].pivotal == ("ann", "bo")
    assert WEIGHTED not in plain.rules
    assert set(plain.cannot) == {"dictator", "competence", "calibrated"}
    found = every_rule(seen, weights={"cy": 5}, params={"seat": "cy", "quorum": 1.0})
    assert found.rules[WEIGHTED].winner == "no"
    assert found.rules["dictator"].winner == "no"
    assert set(found.cannot) == {"competence", "calibrated"}
    assert not found.rules[PLURAL].compared
    gone = every_rule(seen, without=["ann"], params={"quorum": 1.0})
    assert gone.rules["plurality"].status == "tied"
    assert gone.held.winner is None
    json.dumps(found.plain())
    for more, part in (
        ({"params": {"quorums": 1}}, "no parameter 'quorums'"),
        ({"without": ["eve"]}, "no seat is named 'eve'"),
    ):
        with pytest.raises(InputError, match=part):
            every_rule(seen, **more)


def test_a_rule_of_ones_own_is_not_said_to_be_reproduced(walk, begin, seats):
    def first_of_all(ballots, options):
        return options[0]

    protocol = BlindVote(rule=Rule.of(first_of_all))
    seen = walk(protocol, begin(("ann", "bo")), seats(ann=0.9, bo=0.9)).seen
    assert every_rule(seen).reproduced is None


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """Seven runs, one of them stopped, one broken, and a branch of the first."""
    folder = tmp_path_factory.mktemp("study")

    async def made() -> None:
        for lot in range(5):
            seats = SEATS if lot else ("ann", "bo")
            await deliberate(
                f"What about {lot}?",
                Panel(Agent(name, model="m") for name in seats),
                BlindVote(rule=("plurality", "borda")[lot % 2]),
                Pool.scripted(Anything(lot, 0.05)),
                options=OPTIONS,
                seed=lot,
                record_dir=folder / "arm",
                run_id=f"q{lot}",
            )
        scribe = Pool.scripted(lambda call: "So it is.")
        await resynthesize(folder / "arm" / "q0", "scribe", scribe)

    asyncio.run(made())
    view = read_journal(folder / "arm" / "q1")
    with Journal.create(folder / "stopped", view.opening) as journal:
        journal.call(view.calls[0])
    with Journal.create(folder / "broken", view.opening) as journal:
        journal.call(view.calls[0])
    path = folder / "broken" / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b"q1", b"q7", 1))
    return folder


def test_a_folder_is_counted_run_by_run_and_what_is_left_out_is_said(study):
    found = every_rule_of(study)
    assert [run.record for run in found.runs] == [f"arm/q{lot}" for lot in range(5)]
    assert set(found.left_out) == {"arm/q0-by-scribe", "stopped"}
    assert set(found.broken) == {"broken"}
    assert found.wrong
    assert "branch of q0" in found.left_out["arm/q0-by-scribe"]
    assert found.irreproducible == ()
    for run in found.runs:
        alone = every_rule(study / str(run.record))
        assert run == alone.model_copy(update={"record": run.record})
    for row in found.rules:
        there = [run for run in found.runs if row.rule in run.rules]
        assert (row.counted, row.agree) == (
            len(there),
            sum(run.rules[row.rule].winner == run.held.winner for run in there),
        )
    json.dumps(found.plain())


def test_a_branch_is_nobodys_further_work(study):
    (branch,) = read_runs([study / "arm" / "q0-by-scribe"])
    assert "branch of q0" in branch.unfit


def test_the_matrix_is_a_count_over_runs_that_both_rules_counted(study):
    found = every_rule_of(study)
    for pair in found.pairs:
        both = [run.rules for run in found.runs if {pair.first, pair.second} <= set(run.rules)]
        same = [rules for rules in both if rules[pair.first].winner == rules[pair.second].winner]
        assert (pair.both, pair.same) == (len(both), len(same))
    compared = {row.rule for row in found.rules if row.compared}
    assert len(found.pairs) == len(compared) * (len(compared) - 1) // 2
    assert not compared & {"random-ballot", "maximal-lotteries", PLURAL}
    assert sorted(rule for group in found.alike for rule in group) == sorted(compared)


def test_a_seat_is_left_out_where_it_is_and_one_of_nobody_is_refused(study):
    found = every_rule_of(study, without=["di"], weights={"cy": 3})
    assert [run.without for run in found.runs] == [(), ("di",), ("di",), ("di",), ("di",)]
    assert all(WEIGHTED in run.rules for run in found.runs)
    with pytest.raises(InputError, match="'eve'"):
        every_rule_of(study, without=["eve"])
    with pytest.raises(InputError, match="no run in"):
        every_rule_of(study / "stopped")
    with pytest.raises(InputError, match="no parameter 'quorums'"):
        every_rule_of(study, params={"quorums": 1})
    with pytest.raises(InputError, match="no folder"):
        every_rule_of(study / "nowhere")


def test_no_record_is_changed(study):
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    every_rule_of(study, without=["ann"])
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before
