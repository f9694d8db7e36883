"""How opinions moved: worked by hand, and unchanged by other names."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records import (
    Decision,
    InputError,
    Opening,
    Outcome,
    Party,
    ProtocolRef,
    Stance,
    Transcript,
    Turn,
    derive,
)
from folkmoot.records.dynamics import collapse_rate, dynamics, identity_bias
from folkmoot.records.figures import Dynamics
from folkmoot.records.rounds import standings

ABC = ("a", "b", "c")


def told(
    held: dict[str, str],
    options: Sequence[str] | None = ABC,
    *,
    winner: str | None = "",
    probabilities: dict[str, float] | None = None,
    claims: dict[str, str] | None = None,
) -> Transcript:
    """A transcript in which each seat holds these options, a letter a round.

    `-` abstains, a blank is not asked. `winner`: what was decided, "" for no decision yet.
    `claims`: for each message, a letter a seat.
    """
    opening = Opening(
        run_id="r",
        question="Which?",
        options=None if options is None else tuple(options),
        seed=0,
        parties=tuple(Party(seat=seat, model="m") for seat in held),
        protocol=ProtocolRef(name="any", version="1", graph_sha256="0" * 64),
        started="2026-01-01T00:00:00.000+00:00",
    )
    records: list = []
    for round in range(max(map(len, held.values()), default=0)):
        for order, (seat, letters) in enumerate(held.items()):
            letter = letters[round : round + 1].strip()
            if letter:
                records.append(
                    stance(seat, round, order, letter, tuple(options or ()), probabilities)
                )
    for number, (message, letters) in enumerate((claims or {}).items()):
        records.append(
            Turn(
                step=50,
                order=number,
                id=message,
                seat=next(iter(held)),
                round=0,
                stage="speak",
                role="statement",
                state="valid",
                text="So.",
                call="c50.0",
            )
        )
        for order, (seat, letter) in enumerate(zip(held, letters, strict=True)):
            each = stance(seat, 0, 10 * number + order, letter, ("y", "n"), None)
            records.append(each.model_copy(update={"about": message, "step": 60}))
    if winner != "":
        records.append(
            Decision(
                step=99,
                order=0,
                status="decided" if winner else "tied",
                rule="plurality",
                options=tuple(options or ()),
                winner=winner,
            )
        )
    return Transcript(opening, records)


def stance(seat, round, order, letter, options, probabilities) -> Stance:
    valid = letter != "-"
    return Stance(
        step=round,
        order=order,
        seat=seat,
        round=round,
        stage="stand",
        options=options,
        state="valid" if valid else "abstained",
        choice=letter if valid else None,
        probabilities=probabilities,
        source="probabilities" if probabilities else "stated",
    )


def test_a_run_worked_by_hand():
    """The key is a. Round 0: a a b c. Round 1: a b b b. Round 2: a b b a."""
    seen = told({"ann": "aaa", "bo": "abb", "cy": "bbb", "di": "cba"}, winner="b")
    found = dynamics(seen, "a")
    assert [(each.modes, each.share) for each in found.rounds] == [
        (("a",), 0.5),
        (("b",), 0.75),
        (("a", "b"), 0.5),
    ]
    assert found.rounds[1].entropy == pytest.approx(0.811278 / 1.584963, abs=1e-6)
    assert found.rounds[2].polarisation == 1
    assert [each.flips for each in found.rounds] == [None, 2, 1]
    assert [each.performance for each in found.rounds] == [1, 0, 0.5]
    assert [each.focus for each in found.rounds] == [None, -1, 0.5]
    assert [(s.seat, s.flips, s.fixed, s.harmed) for s in found.seats] == [
        ("ann", 0, 0, 0),
        ("bo", 1, 0, 1),
        ("cy", 0, 0, 0),
        ("di", 2, 1, 0),
    ]
    assert (found.flips, found.flip_rate) == (3, 0.375)
    # Before round 1 the peers' modes are: ann none (a b c), bo none (a b c), cy a, di a.
    # Before round 2: ann b, bo b, cy b, di b; of these only ann differs.
    assert [each.differed for each in found.seats] == [1, 0, 1, 1]
    assert found.conformity == 0, "di went to b, the mode of its peers was a"
    assert found.obstinacy == pytest.approx(2 / 3, abs=1e-6)
    assert found.modal_adoption == 0
    assert (found.fixed, found.harmed, found.net_correction) == (1, 1, 0)
    assert (found.first_correct, found.oracle, found.correct) == (0, True, False)
    assert found.collapsed is True
    assert found.converged is False


def test_who_joins_the_others_conforms():
    found = dynamics(told({"ann": "aa", "bo": "ba", "cy": "aa"}, "ab"))
    assert (found.conformity, found.obstinacy, found.modal_adoption) == (1, 0, 1)
    assert found.converged is True
    assert [each.conformity for each in found.seats] == [None, 1, None]


def test_an_abstention_is_no_flip_and_a_seat_not_asked_again_stands():
    found = dynamics(told({"ann": "a-b", "bo": "b  ", "cy": "aaa"}, "ab"))
    assert [(each.valid, each.seats) for each in found.rounds] == [(3, 3), (2, 3), (3, 3)]
    assert [each.flips for each in found.seats] == [1, None, 0]
    assert [each.stances for each in found.seats] == [2, 1, 3]
    assert [each.flips for each in found.rounds] == [None, 0, 0]
    assert found.kappa is None, "not all seats were valid in all rounds"
    assert found.alpha is not None


def test_distributions_are_compared_where_they_are_known():
    seen = told({"ann": "a", "bo": "b"}, "ab")
    assert (seen_round := dynamics(seen).rounds[0]).compared == 0
    assert (seen_round.distance, seen_round.divergence) == (None, None)
    sure, unsure = {"a": 1.0, "b": 0.0}, {"a": 0.5, "b": 0.5}
    apart = Transcript(
        seen.opening,
        [
            each.model_copy(update={"probabilities": p})
            for each, p in zip(seen.stances, (sure, unsure), strict=True)
        ],
    )
    first = dynamics(apart).rounds[0]
    assert (first.compared, first.distance, first.divergence) == (2, 0.5, 0.311278)


def test_claims_have_coefficients_of_their_own():
    seen = told({"ann": "a", "bo": "a", "cy": "b"}, "ab", claims={"M1": "yyn", "M2": "nnn"})
    found = dynamics(seen)
    # Agreeing pairs: 1/3 and 1; expected (2/6)² + (4/6)² = 5/9.
    assert found.claims_kappa == pytest.approx((2 / 3 - 5 / 9) / (4 / 9), abs=1e-6)
    assert found.claims_alpha == pytest.approx(0.375, abs=1e-6)


def test_what_is_not_defined_is_none_and_never_zero():
    silent = dynamics(told({"ann": "", "bo": ""}))
    assert silent == Dynamics()
    assert silent.plain() == {"rounds": [], "seats": []}
    once = dynamics(told({"ann": "a", "bo": "-"}))
    assert once.rounds[0].flips is None
    assert (once.flips, once.flip_rate, once.conformity, once.obstinacy) == (None,) * 4
    assert (once.kappa, once.alpha, once.converged, once.modal_adoption) == (None,) * 4
    nobody = dynamics(told({"ann": "-", "bo": "-"}), "a")
    assert (nobody.rounds[0].share, nobody.rounds[0].entropy) == (None, None)
    assert (nobody.rounds[0].performance, nobody.oracle) == (None, False)
    unkeyed = dynamics(told({"ann": "ab", "bo": "bb"}, winner="b"))
    assert (unkeyed.fixed, unkeyed.oracle, unkeyed.correct, unkeyed.collapsed) == (None,) * 4
    assert (unkeyed.rounds[1].focus, unkeyed.seats[0].harmed) == (None, None)


@pytest.mark.parametrize(
    ("held", "winner", "collapsed"),
    [
        ({"ann": "ab", "bo": "bb"}, "b", True),
        ({"ann": "aa", "bo": "ba"}, "a", False),
        ({"ann": "aa", "bo": "bb"}, None, False),
        ({"ann": "ab", "bo": "bb"}, "", None),
        ({"ann": "cb", "bo": "bb"}, "b", None),
        ({"ann": "aa", "bo": "aa"}, "a", None),
    ],
    ids=["lost", "won", "tied", "not decided", "nobody was right", "no difference"],
)
def test_a_disagreement_collapses_where_the_right_side_loses(held, winner, collapsed):
    assert dynamics(told(held, winner=winner), "a").collapsed is collapsed


def test_rates_over_runs():
    runs = [
        dynamics(told({"ann": first, "bo": "bb"}, winner="b"), "a") for first in ("ab", "bb", "aa")
    ]
    assert collapse_rate(runs) == 1
    assert collapse_rate(runs[1:2]) is None
    follows, stays = (dynamics(told({"ann": own, "bo": "bb"})) for own in ("ab", "aa"))
    # bo differed and stayed in both: half of the cases.
    assert (follows.conformity, follows.obstinacy) == (0.5, 0.5)
    assert (stays.conformity, stays.obstinacy) == (0, 1)
    assert identity_bias(follows, stays) == 1
    assert identity_bias(follows, dynamics(told({"ann": "aa", "bo": "aa"}))) is None


@pytest.mark.parametrize(("options", "says"), [(ABC, "none of the options"), (None, "is open")])
def test_a_key_has_to_be_an_option(options, says):
    with pytest.raises(InputError) as fault:
        dynamics(told({"ann": ""}, options), "z")
    assert says in fault.value.message


def test_groups_may_have_held_different_numbers_of_rounds_by_the_same_step():
    seen = told({"ann": "ab", "bo": "bb"})
    late = [each.model_copy(update={"step": 9 - each.step}) for each in seen.stances]
    assert [each.round for each in standings(Transcript(seen.opening, late))] == [0, 1]


def test_an_outcome_has_dynamics_and_no_file_of_it_does(run):
    outcome = derive(run.opening, run.transcript.records)
    assert isinstance(outcome, Outcome)
    assert outcome.dynamics.flips == 1
    assert outcome.dynamics == dynamics(run.transcript)
    assert all(b"flip_rate" not in data for data in outcome.derived().values())


histories = st.lists(st.text("abc-", min_size=1, max_size=4), min_size=1, max_size=5).map(
    lambda letters: {f"s{n}": each for n, each in enumerate(letters)}
)


def renamed(found: Dynamics, options: dict[str, str], seats: dict[str, str]) -> Dynamics:
    """The same dynamics under other names; modes in no order."""
    plain = found.model_dump()
    for each in plain["rounds"]:
        each["modes"] = tuple(sorted(options[mode] for mode in each["modes"]))
    for each in plain["seats"]:
        each["seat"] = seats[each["seat"]]
    plain["key"] = None if plain["key"] is None else options[plain["key"]]
    plain["seats"] = tuple(sorted(plain["seats"], key=lambda each: each["seat"]))
    return Dynamics.model_validate(plain)


@given(histories, st.permutations("abc"), st.permutations(range(5)), st.sampled_from([None, *ABC]))
def test_other_names_of_options_and_seats_change_nothing_but_names(held, letters, seats, key):
    new = dict(zip("abc", letters, strict=True))
    seat = {old: f"t{n}" for old, n in zip(held, seats, strict=False)}
    same = {name: name for name in (*ABC, *seat.values())}
    other = {seat[s]: "".join(new.get(c, c) for c in text) for s, text in held.items()}
    lost = dict(sorted(other.items()))
    mine = dynamics(told(held, winner="a"), key)
    theirs = dynamics(told(lost, winner=new["a"]), None if key is None else new[key])
    assert renamed(mine, new, seat) == renamed(theirs, same, same)


@given(st.integers(2, 6), st.integers(1, 4))
def test_where_all_agree_there_is_nothing_to_see(seats, rounds):
    found = dynamics(told({f"s{n}": "a" * rounds for n in range(seats)}))
    assert {(each.share, each.entropy, each.polarisation) for each in found.rounds} == {(1, 0, 0)}
    assert found.flips in (None, 0)
    assert (found.conformity, found.obstinacy, found.converged) == (None, None, None)


@given(histories, st.sampled_from(ABC))
def test_the_figures_add_up(held, key):
    found = dynamics(told(held, winner="a"), key)
    if found.net_correction is not None:
        assert found.net_correction == sum(s.fixed or 0 for s in found.seats) - sum(
            s.harmed or 0 for s in found.seats
        )
        assert found.fixed + found.harmed <= found.flips
    if found.conformity is not None:
        assert found.conformity + found.obstinacy <= 1 + 1e-6
    known = [each.performance for each in found.rounds]
    if None not in known:
        assert sum(each.focus or 0 for each in found.rounds) == pytest.approx(
            known[-1] - known[0], abs=1e-5
        )
    if found.first_correct is not None:
        assert found.oracle
