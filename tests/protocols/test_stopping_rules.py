"""Every stopping rule and gate, both ways, at its value, from the record alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from folkmoot.protocols.description import description
from folkmoot.protocols.stopping import (
    AllOf,
    AnyOf,
    CallsSpent,
    Confident,
    Deadline,
    DivergenceUnchanged,
    Drifting,
    EntropyUnchanged,
    Not,
    Quorum,
    Settled,
    Share,
    Stable,
    Still,
    TokensSpent,
    Unanimous,
    Unassailable,
    WorthDebating,
    features,
)
from folkmoot.protocols.stopping.beta_binomial import Mixture, beta_binomial, cumulative, gap
from folkmoot.records import Party, Reply, Stance, Timing, Transcript, Turn, Usage

OPTIONS = ("a", "b", "c")


@pytest.fixture(scope="session")
def held(begin):
    """A transcript in which each seat holds these options, a letter a round.

    `-` abstains, `?` could not be read, a blank is not asked. Seats are named s0, s1, …
    """

    def make(*letters: str, options=OPTIONS, sure: float | None = None) -> Transcript:
        seats = [f"s{n}" for n in range(len(letters))]
        parties = [Party(seat=seat, model="m") for seat in seats]
        found = [
            Stance(
                step=round,
                order=order,
                seat=seats[order],
                round=round,
                stage="stand",
                options=OPTIONS,
                state={"-": "abstained", "?": "unreadable"}.get(said[round], "valid"),
                choice=None if said[round] in "-?" else said[round],
                probabilities=_spread(said[round], sure) if sure is not None else None,
                source="stated" if sure is None else "probabilities",
            )
            for order, said in enumerate(letters)
            for round in range(len(said))
            if said[round] != " "
        ]
        return Transcript(begin(parties, options), found)

    return make


def _spread(choice: str, sure: float) -> dict[str, float]:
    return {o: sure if o == choice else (1 - sure) / 2 for o in OPTIONS}


def replied(begin, *replies: tuple) -> Transcript:
    """Replies of (step, usage, took_ms, waited, state)."""
    return Transcript(
        begin(["s0"]),
        [
            Reply(
                step=step,
                order=order,
                seat="s0",
                purpose="p",
                state=state,
                usage=None if tokens is None else Usage(prompt=tokens - 1, completion=1),
                took_ms=took,
                timing=None if waited is None else Timing(waited=waited),
            )
            for order, (step, tokens, took, waited, state) in enumerate(replies)
        ],
    )


RULES = [
    # rule, what the seats held, holds, value, bar
    (Settled(), ("a", "a"), True, 1, 1),
    (Settled(), ("a", "b"), False, 0.5, 1),
    (Unanimous(), ("a", "a", "-"), True, 1, 1),
    (Unanimous(), ("a", "a", "b"), False, 2 / 3, 1),
    (Unanimous(quorum=3), ("a", "a", "-"), False, 1, 1),
    (Unanimous(), ("-", "?"), False, None, 1),
    (Still(), ("aa", "bb"), True, 0, 0),
    (Still(), ("aa", "ba"), False, 1, 0),
    (Still(), ("a", "b"), False, None, 0),
    (Still(), ("a-", "bb"), False, 1, 0),
    (Still(rounds=2), ("abb", "aaa"), False, 1, 0),
    (Still(rounds=2), ("bbb", "aaa"), True, 0, 0),
    (Share(bar=0.75), ("a", "a", "a", "b"), True, 0.75, 0.75),
    (Share(bar=2 / 3), ("a", "a", "b"), True, 2 / 3, 2 / 3),
    (Share(bar=0.75), ("a", "a", "b"), False, 2 / 3, 0.75),
    (Share(bar=0.75), ("a", "-", "-"), False, 1, 0.75),
    (Unassailable(), ("a", "a", "a", "b", " "), True, 1, 0),
    (Unassailable(), ("a", "a", "b", " "), False, 0, 0),
    (Unassailable(), ("a", "a", "a", "-", "?"), True, 1, 0),
    (Unassailable(), ("a", "b"), False, 0, 0),
    (Unassailable(seats=("s0", "s1")), ("a", "a", "-", "-"), True, 2, 0),
    (Quorum(need=2), ("a", "b", "-"), True, 2, 2),
    (Quorum(need=3), ("a", "b", "-"), False, 2, 3),
    (EntropyUnchanged(), ("aa", "bb"), True, 0, 0.05),
    (EntropyUnchanged(), ("ab", "ba"), True, 0, 0.05),
    (EntropyUnchanged(), ("aa", "ba"), False, pytest.approx(1 / 1.584963, abs=1e-6), 0.05),
    (EntropyUnchanged(), ("a", "b"), False, None, 0.05),
    (EntropyUnchanged(), ("aa", "b-"), False, pytest.approx(1 / 1.584963, abs=1e-6), 0.05),
    (DivergenceUnchanged(), ("ab", "ba"), True, 0, 0.05),
    (DivergenceUnchanged(), ("ab", "ab"), False, 1, 0.05),
    (DivergenceUnchanged(rounds=2), ("abb", "abb"), False, 1, 0.05),
    (DivergenceUnchanged(), ("a-", "a-"), False, None, 0.05),
    (Stable(), ("aaa", "bbb"), True, 0, 0.05),
    (Stable(), ("aba", "bab"), True, 0, 0.05),
    (Stable(), ("aa", "bb"), False, None, 0.05),
    (Drifting(key="a"), ("ab", "ab"), True, -1, 0),
    (Drifting(key="a"), ("aa", "ab"), True, -0.5, 0),
    (Drifting(key="a"), ("ba", "ba"), False, 1, 0),
    (Drifting(key="a"), ("aa", "aa"), False, 0, 0),
    (Drifting(key="a"), ("a", "a"), False, None, 0),
    (Drifting(key="z"), ("ab", "ab"), False, None, 0),
]


@pytest.mark.parametrize(("rule", "letters", "holds", "value", "bar"), RULES)
def test_a_rule_over_stances(held, rule, letters, holds, value, bar):
    found = rule.look(held(*letters))
    assert (found.holds, found.value, found.bar) == (holds, value, bar)
    assert found.says


@pytest.mark.parametrize("rule", list({type(each): each for each, *_ in RULES}.values()))
def test_on_an_open_question_and_before_anybody_spoke_no_such_rule_holds(held, begin, rule):
    assert not rule.look(Transcript(begin(["s0"], None), ())).holds
    assert not rule.look(held(" ", " ")).holds


def test_a_quorum_on_an_open_question_is_of_those_who_can_be_heard(begin):
    spoken = [
        Turn(
            step=0, order=n, id=f"M{n}", seat=f"s{n}", round=0, stage="speak", role="statement",
            state=state, text="So.", call=f"c0.{n}",
        )
        for n, state in enumerate(("valid", "cut_off", "empty"))
    ]  # fmt: skip
    seen = Transcript(begin(["s0", "s1", "s2"], None), spoken)
    assert Quorum(need=2).look(seen).holds
    assert not Quorum(need=3).look(seen).holds


# Beta-Binomial


def test_one_seat_that_moves_in_a_small_panel_is_not_stable(held):
    found = Stable().look(held("aaa", "aaa", "bbb", "bba", "bbb"))
    assert not found.holds
    assert found.value > 0.05
    assert Stable(rounds=1, bar=0.5).look(held("aaa", "aaa", "bbb", "bba", "bbb")).holds


def test_a_large_panel_is_stable_while_single_seats_move(held):
    still = ["aaa"] * 100 + ["bbb"] * 100
    assert Stable().look(held(*still, "aab")).holds
    assert not Stable().look(held(*["aab"] * 30, *["bbb"] * 30)).holds


def test_a_mixture_by_hand():
    prior = Mixture.opposed(2)
    # Beta(2, 1) foretells 0, 1, 2 of 2 with 1/6, 2/6, 3/6.
    assert [round(1 / 2.718281828 ** -beta_binomial(k, 2, 2, 1), 6) for k in range(3)] == [
        0.166667,
        0.333333,
        0.5,
    ]
    assert cumulative(prior, 2) == pytest.approx([1 / 3, 2 / 3, 1])
    after = prior.given(2, 2)
    assert after.weights == pytest.approx((0.75, 0.25))
    assert after.betas == ((4, 1), (3, 2))
    assert gap([0.1, 0.5, 1.0], [0.3, 0.4, 1.0]) == pytest.approx(0.2)


@given(st.integers(1, 40), st.data())
def test_a_mixture_is_a_distribution_and_learns(of, data):
    count = data.draw(st.integers(0, of))
    after = Mixture.opposed(4).given(count, of)
    assert sum(after.weights) == pytest.approx(1)
    assert cumulative(after, of)[-1] == pytest.approx(1)
    assert (after.weights[0] > after.weights[1]) == (2 * count > of)


# What it cost


def test_calls(begin):
    seen = replied(begin, (0, 10, 1, None, "ok"), (0, None, None, None, "unavailable"))
    assert CallsSpent(bar=2).look(seen)[:3] == (True, 2, 2)
    assert CallsSpent(bar=3).look(seen)[:3] == (False, 2, 3)


def test_tokens(begin):
    seen = replied(begin, (0, 10, 1, None, "ok"), (1, 20, 1, None, "ok"))
    assert TokensSpent(bar=30).look(seen)[:3] == (True, 30, 30)
    assert TokensSpent(bar=31).look(seen)[:3] == (False, 30, 31)


def test_tokens_that_nobody_reported_are_unknown_and_never_zero(begin):
    seen = replied(begin, (0, 10, 1, None, "ok"), (1, None, 1, None, "ok"))
    found = TokensSpent(bar=30).look(seen)
    assert (found.holds, found.value) == (False, None)
    assert found.says == "at least 10 tokens; 1 replies do not say"
    assert TokensSpent(bar=10).look(seen)[:2] == (True, 10), "what is known is enough"
    refused = replied(begin, (0, 10, 1, None, "ok"), (1, None, None, None, "unavailable"))
    assert TokensSpent(bar=30).look(refused)[:2] == (False, 10), "it was never answered"


def test_time_is_the_longest_of_each_step_and_read_from_the_record(begin):
    seen = replied(
        begin, (0, 1, 100, 20, "ok"), (0, 1, 90, 40, "ok"), (2, 1, 50, None, "ok")
    )  # fmt: skip
    assert Deadline(bar=180).look(seen)[:3] == (True, 180, 180)
    assert Deadline(bar=181).look(seen)[:3] == (False, 180, 181)
    unknown = replied(begin, (0, 1, 100, None, "ok"), (1, 1, None, None, "ok"))
    assert Deadline(bar=180).look(unknown)[:2] == (False, None)
    assert Deadline(bar=90).look(unknown)[:2] == (True, 100)
    assert "do not say" in Deadline(bar=180).look(unknown).says


# Gates


@pytest.mark.parametrize(
    ("gate", "letters", "sure", "holds", "value"),
    [
        (Confident(), ("a", "b"), 0.9, True, 0.9),
        (Confident(bar=0.95), ("a", "b"), 0.9, False, 0.9),
        (Confident(), ("ab", "bb"), 0.9, True, 0.9),
        (Confident(), ("a", "-"), 0.9, False, 0),
        (Confident(over="mean", bar=0.4), ("a", "-"), 0.9, True, 0.45),
        (Confident(seat="s0"), ("a", "-"), 0.9, True, 0.9),
        (Confident(seat="s1"), ("a", " "), 0.9, False, None),
        (Confident(), ("a", "b"), None, False, None),
        (Confident(), (" ", " "), None, False, None),
        (AllOf(of=(Unanimous(), Confident())), ("a", "a"), 0.9, True, None),
        (AllOf(of=(Unanimous(), Confident())), ("a", "b"), 0.9, False, 0.5),
    ],
)
def test_a_gate_of_confidence(held, gate, letters, sure, holds, value):
    found = gate.look(held(*letters, sure=sure))
    assert (found.holds, found.value) == (holds, value)


def gate_of_entropy(found):
    """A stand-in for a trained classifier."""
    return 0.25 if found.entropy is None else found.entropy


def test_a_learned_gate_reads_the_first_round_alone(held):
    gate = WorthDebating(probability=gate_of_entropy, bar=0.5)
    assert gate.look(held("a", "b", "c"))[:3] == (True, 1, 0.5)
    assert gate.look(held("ac", "ab", "aa"))[:3] == (False, 0, 0.5)
    assert gate.look(held("-", "-"))[:3] == (False, 0.25, 0.5)
    assert gate.look(held(" "))[:2] == (False, None)
    described = description(gate)["probability"]
    assert described["name"].endswith(":gate_of_entropy")
    assert len(described["sha256"]) == 64
    with pytest.raises(ValueError, match="no probability"):
        WorthDebating(probability=lambda _: 1.5).look(held("a"))


def test_features_that_are_not_known_are_none(held):
    found = features(held("a", "b", "-", sure=0.8))
    assert found is not None
    assert (found.seats, found.valid, found.share, found.least_confidence) == (3, 2, 0.5, 0.8)
    assert (found.words, found.questions) == (None, None)
    stated = features(held("a", "b"))
    assert (stated.least_confidence, stated.mean_confidence, stated.distance) == (None,) * 3
    assert features(held(" ")) is None


# Combinations


def test_of_several_each_is_on_record_with_its_value(held):
    either = AnyOf(of=(Unanimous(), Share(bar=0.5)))
    found = either.look(held("a", "a", "b"))
    assert (found.holds, found.value, found.bar) == (True, 2 / 3, 0.5)
    assert found.says == (
        "unanimous does not hold at 0.666667 against 1 (2 of 3 hold the mode); "
        "share holds at 0.666667 against 0.5 (2 of 3 hold the mode)"
    )
    assert either.look(held("a", "b", "c"))[:3] == (False, None, None)
    both = AllOf(of=(Share(bar=0.5), Unanimous()))
    assert both.look(held("a", "a", "b"))[:3] == (False, 2 / 3, 1)
    assert both.look(held("a", "a"))[:3] == (True, None, None)


def settled_on_a(seen):
    return {each.choice for each in seen.stands()} == {"a"}


def test_plain_functions_combine_too(held):
    rule = AnyOf(of=(settled_on_a, Not(of=Quorum(need=1))))
    assert rule.look(held("a", "a")).holds
    assert rule.look(held("-", "?")).holds
    assert not rule.look(held("a", "b")).holds
    assert description(rule)["of"][0]["name"].endswith(":settled_on_a")
    with pytest.raises((TypeError, ValidationError)):
        AnyOf(of=("settled",))
    with pytest.raises(ValidationError):
        AllOf(of=())


# What holds of all

EVERY = [
    *(
        type(rule)()
        for rule in (Settled(), Unanimous(), Still(), Share(), Unassailable(), Stable())
    ),
    EntropyUnchanged(bar=0.3),
    DivergenceUnchanged(bar=0.3),
    Quorum(need=2),
    AnyOf(of=(Unanimous(), Still())),
    WorthDebating(probability=gate_of_entropy),
]
rounds = st.lists(st.text("abc-", min_size=3, max_size=3), min_size=1, max_size=5)


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)
@settings(max_examples=25)
@given(letters=rounds, new=st.permutations("abc"), data=st.data())
def test_other_names_of_options_and_another_order_of_seats_change_nothing(
    held, rule, letters, new, data
):
    other = dict(zip("abc", new, strict=True))
    renamed = ["".join(other.get(letter, letter) for letter in each) for each in letters]
    one = rule.look(held(*letters))
    two = rule.look(held(*data.draw(st.permutations(renamed))))
    assert one.holds == two.holds
    assert one.bar == two.bar
    assert one.value == pytest.approx(two.value)


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)
@settings(max_examples=25)
@given(letters=rounds, lot=st.randoms())
def test_a_look_depends_on_the_record_alone_whatever_the_order_of_arrival(held, rule, letters, lot):
    seen = held(*letters)
    arrived = lot.sample(seen.records, len(seen.records))
    assert rule.look(Transcript(seen.opening, arrived)) == rule.look(seen) == rule.look(seen)


@given(st.lists(st.sampled_from("abc-"), min_size=1, max_size=7), st.data())
def test_what_is_unassailable_cannot_be_overturned_by_who_is_undecided(held, letters, data):
    found = Unassailable().look(held(*letters))
    lead = max("abc", key=letters.count)
    votes = [data.draw(st.sampled_from("abc")) if each == "-" else each for each in letters]
    if found.holds:
        assert all(votes.count(o) < votes.count(lead) for o in "abc" if o != lead)
    else:
        worst = max((o for o in "abc" if o != lead), key=letters.count)
        against = [worst if each == "-" else each for each in letters]
        assert against.count(worst) >= against.count(lead)
