"""Decision rules against published elections, an oracle of their own, and laws."""

from itertools import pairwise as steps
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.protocols import Rule
from folkmoot.protocols.rules import pairwise
from folkmoot.records import Ballot, InputError


def ballot(number: int, ranking: str, state: str = "valid", options: str = "ABCDE") -> Ballot:
    return Ballot(
        step=0,
        order=number,
        id=f"b{number}",
        seat=f"s{number}",
        round=0,
        options=tuple(options),
        state=state,
        ranking=tuple(ranking) if state == "valid" else (),
    )


def ballots(*groups: str) -> list[Ballot]:
    """From groups such as `5 ACBED`; a ranking `-` is a ballot that is unavailable."""
    cast: list[Ballot] = []
    for group in groups:
        times, ranking = group.split()
        for _ in range(int(times)):
            cast.append(ballot(len(cast), ranking, "unavailable" if ranking == "-" else "valid"))
    return cast


SCHULZE = [
    # Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent
    # single-winner election method" (Social Choice and Welfare 36, 2011), examples 1 to 4.
    (
        "5 ACBED,5 ADECB,8 BEDAC,3 CABED,7 CAEBD,2 CBADE,7 DCEBA,8 EBADC",
        "E",
        "EACBD",
    ),
    (
        "5 ACBD,2 ACDB,3 ADCB,4 BACD,3 CBDA,3 CDBA,1 DACB,5 DBAC,4 DCBA",
        "D",
        "DACB",
    ),
    (
        "3 ABDEC,5 ADEBC,1 ADECB,2 BADEC,2 BDECA,4 CABDE,6 CBADE,2 DBECA,5 DECAB",
        "B",
        "BADEC",
    ),
    ("3 ABCD,2 DABC,2 DBCA,2 CBDA", "BD", None),
    # The capital of Tennessee: Memphis, Nashville, Chattanooga, Knoxville. Nashville beats all.
    ("42 ABCD,26 BCDA,15 CDBA,17 DCBA", "B", "BCDA"),
]


@pytest.mark.parametrize(("groups", "winners", "order"), SCHULZE)
def test_schulze_elects_whom_it_is_published_to_elect(groups, winners, order):
    cast = ballots(*groups.split(","))
    options = sorted(set(cast[0].ranking))
    count = Rule(name="schulze").count(cast, options)
    if len(winners) > 1:
        assert (count.status, count.winner, count.tied) == ("tied", None, tuple(winners))
    else:
        assert (count.status, count.winner, count.tied) == ("decided", winners, ())
    if order:
        assert sorted(options, key=lambda o: -count.tally[o]) == list(order)


rankings = st.lists(
    st.permutations("ABCD").flatmap(
        lambda order: st.integers(0, 4).map(lambda n: "".join(order[:n]))
    ),
    max_size=9,
)


def strongest(prefer: dict[tuple[str, str], int], a: str, b: str) -> int:
    """The strongest path from a to b, over every path there is."""
    others = [each for each in "ABCD" if each not in (a, b)]
    paths = ((a, *via, b) for n in range(3) for via in permutations(others, n))
    return max(
        min(prefer[x, y] if prefer[x, y] > prefer[y, x] else 0 for x, y in steps(path))
        for path in paths
    )


@settings(deadline=None, max_examples=40)
@given(rankings)
def test_schulze_agrees_with_the_definition(votes):
    cast = [ballot(n, vote, "valid" if vote else "abstained") for n, vote in enumerate(votes)]
    valid = [each for each in cast if each.state == "valid"]
    prefer = pairwise(valid, "ABCD")
    best = tuple(
        a
        for a in "ABCD"
        if all(strongest(prefer, a, b) >= strongest(prefer, b, a) for b in "ABCD" if b != a)
    )
    count = Rule(name="schulze", quorum=0).count(cast, "ABCD")
    if not valid:
        assert count.status == "deadlock"
    elif len(best) == 1:
        assert (count.status, count.winner) == ("decided", best[0])
    else:
        assert (count.status, count.winner, count.tied) == ("tied", None, best)


@settings(deadline=None, max_examples=40)
@given(
    rankings, st.permutations("ABCD"), st.permutations("WXYZ"), st.randoms(use_true_random=False)
)
def test_neither_the_order_of_ballots_and_options_nor_names_matter(votes, order, names, chance):
    new = dict(zip("ABCD", names, strict=True))
    cast = [ballot(n, vote, "valid" if vote else "abstained") for n, vote in enumerate(votes)]
    renamed = [
        each.model_copy(update={"ranking": tuple(new[o] for o in each.ranking)}) for each in cast
    ]
    chance.shuffle(renamed)
    for name in ("plurality", "majority", "supermajority", "unanimity", "schulze"):
        before = Rule(name=name).count(cast, "ABCD")
        after = Rule(name=name).count(renamed, [new[option] for option in order])
        assert after.status == before.status
        assert after.winner == (before.winner and new[before.winner])
        assert set(after.tied) == {new[option] for option in before.tied}
        assert after.tally == {new[option]: n for option, n in before.tally.items()}
        assert after.margin == before.margin


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=9))
def test_first_choice_rules_nest(votes):
    """Whoever wins by a higher bar wins by every lower one."""
    cast = [ballot(n, vote) for n, vote in enumerate(votes)]
    winners = [
        Rule(name=name).count(cast, "ABCD").winner
        for name in ("unanimity", "supermajority", "majority", "plurality")
    ]
    held = [winner for winner in winners if winner]
    assert winners == [None] * (4 - len(held)) + held
    assert len(set(held)) <= 1


@pytest.mark.parametrize(
    ("rule", "groups", "status", "winner"),
    [
        ("plurality", "2 A,1 B,1 C", "decided", "A"),
        ("plurality", "2 A,2 B,1 C", "tied", None),
        ("majority", "2 A,1 B,1 C", "deadlock", None),
        ("majority", "2 A,2 B", "deadlock", None),
        ("majority", "3 A,2 B", "decided", "A"),
        ("supermajority", "2 A,1 B", "decided", "A"),
        ("supermajority", "65 A,35 B", "deadlock", None),
        ("unanimity", "4 A", "decided", "A"),
        ("unanimity", "9 A,1 B", "deadlock", None),
        ("majority", "2 A,1 B,3 -", "decided", "A"),
        ("majority", "2 A,4 -", "deadlock", None),
        ("schulze", "1 AB,4 -", "deadlock", None),
        ("unanimity", "3 -", "deadlock", None),
    ],
)
def test_bars_and_quorum(rule, groups, status, winner):
    count = Rule.of(rule).count(ballots(*groups.split(",")), "ABC")
    assert (count.status, count.winner) == (status, winner)


def test_options_left_out_rank_last_and_tied():
    prefer = pairwise(ballots("1 A", "1 BA"), "ABC")
    assert prefer == {
        ("A", "B"): 1,
        ("A", "C"): 2,
        ("B", "A"): 1,
        ("B", "C"): 1,
        ("C", "A"): 0,
        ("C", "B"): 0,
    }


def test_a_rule_is_given_by_name_or_with_its_quorum():
    assert Rule.of({"name": "schulze", "quorum": 0.9}) == Rule(name="schulze", quorum=0.9)
    assert Rule.of(Rule()) == Rule.of("majority")
    with pytest.raises(InputError, match="no decision rule is named 'bucklin'") as fault:
        Rule.of("bucklin")
    assert "schulze" in fault.value.hint
