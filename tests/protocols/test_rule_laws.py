"""Laws that the rules promise (axioms), and what stands around them: ties, blocks, bars, draws."""

from fractions import Fraction
from itertools import pairwise as steps

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from folkmoot.protocols import RULES, Rule
from folkmoot.protocols.description import description
from folkmoot.protocols.rules import Found, Occasion
from folkmoot.protocols.rules.duels import margins
from folkmoot.protocols.rules.lotteries import LOTS
from folkmoot.protocols.rules.weighted import reconciled
from folkmoot.records import Ballot, InputError

OPTIONS = ("A", "B", "C", "D")
GIVEN = {
    "dictator": {"seat": "s0"},
    "competence": {"competences": {f"s{n}": 0.55 + n / 20 for n in range(9)}},
    "calibrated": {"calibration": {f"s{n}": (1.0, 0.1) for n in range(9)}},
}
CONDORCET = ("copeland", "minimax", "ranked-pairs", "schulze", "split-cycle", "maximal-lotteries")
CLONEPROOF = ("ranked-pairs", "schulze", "split-cycle", "maximal-lotteries")
MONOTONE = ("plurality", "borda", "copeland", "minimax", "ranked-pairs", "schulze", "split-cycle")


def rule(name: str, **params) -> Rule:
    return Rule(name=name, **GIVEN.get(name, {}), **params)


def ballot(number: int, ranking, seat: str | None = None, **parts) -> Ballot:
    scores = {option: 0.4 - 0.1 * place for place, option in enumerate(ranking)}
    fields = {
        "scores": scores,
        "approvals": tuple(ranking[:2]),
        "points": {option: 4 - place for place, option in enumerate(ranking)},
        "grades": {option: 4 - place for place, option in enumerate(ranking)},
        "confidence": 0.5 + (number % 5) / 10,
        "held": (ranking[-1], ranking[0]),
        **parts,
    }
    return Ballot(
        step=0,
        order=number,
        id=f"b{number}",
        seat=seat or f"s{number}",
        round=0,
        options=OPTIONS,
        state="valid",
        ranking=tuple(ranking),
        **fields,
    )


def cast(*rankings: str, **parts) -> list[Ballot]:
    return [ballot(number, ranking, **parts) for number, ranking in enumerate(rankings)]


profiles = st.lists(st.permutations(OPTIONS), min_size=1, max_size=7)
every = pytest.mark.parametrize("name", RULES)


def winners(name: str, ballots, options=OPTIONS) -> set:
    found = rule(name).find(ballots, options)
    return {frozenset(each) for each in found.views} if found.views else set(found.winners)


@every
@settings(deadline=None, max_examples=25)
@given(
    profiles, st.permutations(OPTIONS), st.permutations("WXYZ"), st.randoms(use_true_random=False)
)
def test_neither_names_nor_orders_count(name, votes, order, names, chance):
    """Neutral and anonymous, but for the one rule that names a seat."""
    new = dict(zip(OPTIONS, names, strict=True))
    ballots = cast(*votes)
    renamed = [
        each.model_copy(
            update={
                "ranking": tuple(new[o] for o in each.ranking),
                "approvals": tuple(new[o] for o in each.approvals),
                "held": tuple(new[o] for o in each.held),
                **{part: {new[o]: n for o, n in getattr(each, part).items()} for part in PARTS},
            }
        )
        for each in ballots
    ]
    chance.shuffle(renamed)
    before = rule(name).find(ballots, OPTIONS)
    after = rule(name).find(renamed, [new[option] for option in order])
    assert set(after.winners) == {new[option] for option in before.winners}
    assert after.tally == {new[option]: n for option, n in before.tally.items()}
    assert after.margin == before.margin
    assert len(after.views) == len(before.views)


PARTS = ("scores", "points", "grades")


@pytest.mark.parametrize("name", CONDORCET)
@settings(deadline=None, max_examples=60)
@given(profiles)
def test_whoever_beats_all_others_wins_alone(name, votes):
    ballots = cast(*votes)
    lead = margins(ballots, OPTIONS)
    beats_all = {a for a in OPTIONS if all(lead[a, b] > 0 for b in OPTIONS if b != a)}
    if beats_all:
        assert winners(name, ballots) == beats_all


@pytest.mark.parametrize("name", MONOTONE)
@settings(deadline=None, max_examples=60)
@given(profiles, st.data())
def test_who_wins_is_not_hurt_by_being_ranked_higher(name, votes, data):
    before = winners(name, cast(*votes))
    winner = data.draw(st.sampled_from(sorted(before)))
    at = data.draw(st.integers(0, len(votes) - 1))
    place = votes[at].index(winner)
    higher = data.draw(st.integers(0, place))
    rest = [option for option in votes[at] if option != winner]
    raised = [*votes[:at], [*rest[:higher], winner, *rest[higher:]], *votes[at + 1 :]]
    assert winner in winners(name, cast(*raised))


@pytest.mark.parametrize("name", CLONEPROOF)
@settings(deadline=None, max_examples=60)
@given(profiles, st.lists(st.booleans(), min_size=7, max_size=7))
def test_a_clone_neither_helps_nor_harms(name, votes, first):
    """D gets a twin beside it in every ranking. Others win as before; D or its twin where D did.

    Under maximal lotteries the same of who has a chance; ranked pairs may have more ways to break ties
    among twins, so only margins without ties are looked at there.
    """
    ballots = cast(*votes)
    if name in ("ranked-pairs", "maximal-lotteries"):
        found = [abs(m) for (a, b), m in margins(ballots, OPTIONS).items() if a < b]
        if len(set(found)) < len(found) or 0 in found:
            return
    cloned = [
        [
            each
            for option in vote
            for each in ((("D", "E") if up else ("E", "D")) if option == "D" else (option,))
        ]
        for vote, up in zip(votes, first, strict=False)
    ]
    after = winners(name, cast(*cloned), (*OPTIONS, "E"))
    before = winners(name, ballots)
    assert after - {"D", "E"} == before - {"D"}
    assert bool(after & {"D", "E"}) == ("D" in before)


def test_irv_is_the_rule_that_a_higher_rank_can_hurt():
    """The classic example (17 ballots): A wins, and loses once two more rank it first."""
    votes = ["ABC"] * 6 + ["CAB"] * 5 + ["BCA"] * 4 + ["BAC"] * 2
    assert winners("irv", cast(*votes), "ABC") == {"A"}
    raised = votes[:-2] + ["ABC"] * 2
    assert winners("irv", cast(*raised), "ABC") == {"C"}


@pytest.mark.parametrize(
    ("ties", "draw", "winner"),
    [("declare", 0, None), ("order", 0, "A"), ("lot", 0, "A"), ("lot", LOTS - 1, "B")],
)
def test_a_tie_ends_as_the_rule_declares(ties, draw, winner):
    given_ = Rule(name="plurality", ties=ties)
    count = given_.count(cast("ABCD", "BACD"), OPTIONS, Occasion(draw=draw))
    assert (count.winner, count.tied) == (winner, ("A", "B"))
    assert count.status == ("tied" if winner is None else "decided")
    assert ("broken" in count.why) == (winner is not None)


def test_a_tie_leaves_the_status_quo_where_it_is_among_those_in_front():
    for stays, winner in (("B", "B"), ("D", None)):
        given_ = Rule(name="plurality", ties="status_quo", status_quo=stays)
        assert given_.count(cast("ABCD", "BACD"), OPTIONS).winner == winner


def test_below_the_least_margin_nothing_is_decided():
    votes = cast("ABCD", "ABCD", "BACD")
    assert Rule(name="plurality", least_margin=1).count(votes, OPTIONS).winner == "A"
    count = Rule(name="plurality", least_margin=1.5).count(votes, OPTIONS)
    assert (count.status, count.winner, count.margin) == ("deadlock", None, 1.0)


def test_nobody_is_forced_to_win_where_seats_differ():
    free = Rule(name="plurality", forced=False)
    count = free.count(cast("ABCD", "ABCD", "BACD"), OPTIONS)
    assert (count.status, count.winner, count.tally["A"]) == ("no_forced_winner", None, 2.0)
    assert free.count(cast("ABCD", "ABDC"), OPTIONS).winner == "A"


@pytest.mark.parametrize(("forced", "status"), [(None, "no_forced_winner"), (True, "decided")])
def test_on_a_question_of_values_nobody_is_forced_to_win_by_default(forced, status):
    here, rule = Occasion(of_values=True), Rule(name="plurality", forced=forced)
    assert rule.count(cast("ABCD", "ABCD", "BACD"), OPTIONS, here).status == status
    assert rule.params(here).get("forced", True) is (forced is True)
    assert Rule(name="plurality").count(cast("ABCD", "ABCD", "BACD"), OPTIONS).winner == "A"


def test_a_blocked_option_is_out_and_who_blocked_it_is_on_record():
    votes = [*cast("ABCD", "ABCD", "BACD")[:2], ballot(2, "BACD", blocks=("A",))]
    count = Rule(name="plurality", veto=True).count(votes, OPTIONS)
    assert (count.winner, count.blocked) == ("B", {"A": ("s2",)})
    assert "A" not in count.tally
    assert Rule(name="plurality").count(votes, OPTIONS).winner == "A"
    stuck = [ballot(0, "ABCD", blocks=OPTIONS)]
    assert Rule(name="plurality", veto=True).count(stuck, OPTIONS).status == "deadlock"


def test_ballots_without_what_a_rule_reads_do_not_count():
    votes = [ballot(0, "ABCD"), *(ballot(n, "BACD", approvals=None) for n in (1, 2))]
    count = Rule.of("approval").count(votes, OPTIONS)
    assert (count.status, count.counted) == ("deadlock", 1)


def test_pivotal_are_those_without_whom_the_outcome_is_another():
    votes = cast("ABCD", "ABCD", "BACD")
    here = Occasion()
    assert Rule.of("majority").pivotal(votes, OPTIONS, here) == ("s0", "s1")
    assert Rule.of("unanimity").pivotal(votes, OPTIONS, here) == ("s2",)
    assert Rule.of("random-ballot").pivotal(votes, OPTIONS, here) is None


def test_lots_fall_as_often_as_the_tally_says():
    votes = cast("ABCD", "ABCD", "BACD", "CABD")
    fell = [
        Rule.of("random-ballot").count(votes, OPTIONS, Occasion(draw=LOTS * n // 100)).winner
        for n in range(100)
    ]
    assert [fell.count(option) for option in OPTIONS] == [50, 25, 25, 0]
    cycle = cast("ABC", "BCA", "CAB")
    tally = Rule.of("maximal-lotteries").find(cycle, "ABC").tally
    assert set(tally.values()) == {Fraction(1, 3)}


def test_reconcile_recalibrates_as_published():
    given_ = {1.0: 1, 0.95: 0.8, 0.9: 0.8, 0.85: 0.5, 0.8: 0.5, 0.7: 0.3, 0.6: 0.1, 0.1: 0.1}
    assert {p: float(reconciled(p)) for p in given_} == given_


def test_free_mads_score_step_by_step():
    """s0: A, A; s1: B, A. A: 20+20/2 + 30/2 over two holders; B: 20 - 25/2 over one."""
    votes = [ballot(0, "ABCD", held=("A", "A")), ballot(1, "ABCD", held=("B", "A"))]
    tally = Rule.of("trajectory").find(votes, OPTIONS).tally
    assert (tally["A"], tally["B"], tally["C"]) == (Fraction(45, 2), Fraction(15, 2), 0)
    gap = [ballot(0, "ABCD", held=("A", None, "B"))]
    tally = Rule.of("trajectory").find(gap, OPTIONS).tally
    assert (tally["A"], tally["B"]) == (20 - Fraction(25, 3), 10)


def test_one_who_knows_outweighs_two_who_hardly_do():
    p = {"s0": 0.9, "s1": 0.6, "s2": 0.6}  # odds 9 against 1.5 × 1.5
    found = Rule(name="competence", competences=p).find(cast("ABCD", "BACD", "BACD"), OPTIONS)
    assert found.winners == ("A",)
    assert found.tally["A"] == pytest.approx(2.197225, abs=1e-6)


def test_witnesses_multiply_and_means_do_not():
    votes = [
        ballot(0, "AB", scores={"A": 0.99, "B": 0.01}),
        ballot(1, "BA", scores={"A": 0.3, "B": 0.7}),
        ballot(2, "BA", scores={"A": 0.3, "B": 0.7}),
    ]
    assert Rule.of("soft").find(votes, "AB").tally["A"] == Fraction(53, 100)
    assert Rule.of("bayes").find(votes, "AB").winners == ("A",)
    no = [
        ballot(0, "AB", scores={"A": 1.0, "B": 0.0}),
        ballot(1, "BA", scores={"A": 0.0, "B": 1.0}),
    ]
    assert Rule.of("bayes").count(no, "AB").status == "deadlock"


def test_a_perspective_counts_once_however_many_share_it():
    votes = [
        *(ballot(n, "AB", approvals=("A",), scores={"A": 1.0, "B": 0.5}) for n in range(3)),
        ballot(3, "BA", approvals=("B",), scores={"A": 0.1, "B": 0.6}),
    ]
    same = {"s0": "s0", "s1": "s0", "s2": "s0", "s3": "s3"}
    for name in ("maximin", "nash"):
        assert Rule(name=name, perspectives=same).find(votes, "AB").winners == ("B",)
    assert Rule.of("score").find(votes, "AB").winners == ("A",)
    tally = Rule(name="bridging", perspectives=same).find(votes, "AB").tally
    assert tally == {"A": Fraction(4, 15), "B": Fraction(2, 15)}


def test_hybrid_consensus_asks_less_after_five_turns():
    votes = cast("ABCD", "ABCD", "ABCD", "BACD")
    for turn, winner in ((5, None), (6, "A")):
        assert Rule.of("hybrid").count(votes, OPTIONS, Occasion(turn=turn)).winner == winner
    assert Rule.of("hybrid").count(votes[1:], OPTIONS, Occasion(turn=6)).winner is None


def test_views_represent_the_minority_too():
    votes = [
        *(ballot(n, "AB", approvals=("A", "B")) for n in range(3)),
        *(ballot(n, "C", approvals=("C",)) for n in (3, 4)),
    ]
    count = Rule(name="pav", views=2, ties="order").count(votes, OPTIONS)
    assert (count.status, count.winner, count.views) == ("no_forced_winner", None, ("A", "C"))
    assert Rule(name="pav", views=2).count(votes, OPTIONS).tied == ("A", "B")


def loudest(ballots, options):
    return max(options, key=lambda option: sum(b.choice == option for b in ballots))


def test_a_rule_of_ones_own_has_the_same_standing():
    own = Rule.of(loudest)
    count = own.count(cast("ABCD", "BACD", "BACD"), OPTIONS)
    assert (own.name, count.status, count.winner) == ("loudest", "decided", "B")
    assert description(own) == description(Rule.of(loudest))
    assert "sha256" in description(own)["function"]
    assert own.model_dump(mode="json", exclude_none=True)["function"].endswith(":loudest")
    for result, status in (
        ((), "deadlock"),
        (("A", "B"), "tied"),
        (Found(("C",), {"C": 1}), "decided"),
    ):

        def fixed(ballots, options, result=result):
            return result

        assert Rule.of(fixed).count(cast("ABCD"), OPTIONS).status == status
    with pytest.raises(InputError, match="no decision rule is named"):
        Rule.of(lambda ballots, options: "A")

    def wrong(ballots, options):
        return "Z"

    with pytest.raises(ValueError, match="'Z'"):
        Rule.of(wrong).count(cast("ABCD"), OPTIONS)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"name": "plurality", "threshold": 0.6}, "takes no threshold"),
        ({"name": "dictator"}, "needs its seat"),
        ({"name": "competence", "competences": {"s0": 1.0}}, "above 0 and below 1"),
        ({"ties": "status_quo"}, "go together"),
        ({"name": "plurality", "function": loudest}, "another name"),
        ({"name": "pass@n"}, "no decision rule"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(params, said):
    with pytest.raises(ValidationError, match=said):
        Rule(**params)


@settings(deadline=None, max_examples=40)
@given(profiles, st.integers(51, 99))
def test_higher_bars_elect_less(votes, percent):
    count = [
        Rule(name="supermajority", threshold=bar / 100).count(cast(*votes), OPTIONS).winner
        for bar in (percent, min(99, percent + 10), 100)
    ]
    assert all(later in (None, earlier) for earlier, later in steps(count))
