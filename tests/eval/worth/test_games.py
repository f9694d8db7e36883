"""The two games: quality of votes, plurality of the log. Both are read off a record."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.eval.redecide import redecide
from folkmoot.eval.worth.players import players
from folkmoot.eval.worth.plurality import KINDS, elements, only, plurality, shared
from folkmoot.eval.worth.quality import alone, blind_stances, quality, right
from folkmoot.eval.worth.shapley import leave_one_out, shapley
from folkmoot.protocols import (
    BestOfN,
    BlindVote,
    Conclude,
    Contest,
    Debate,
    Decide,
    Hearing,
    Rule,
    in_turn,
)
from folkmoot.protocols.named.library import exchange
from folkmoot.records import InputError, Party

SEATS = ("ann", "bo", "cy", "di")
OPTIONS = ("a tax", "a ban", "neither")


def panel(*names, **more):
    """Seats that differ in what they declare: no two are clones."""
    return [Party(seat=name, model="m", statement=f"I am {name}.", **more) for name in names]


class InTurn(Debate):
    """Everybody hears those before it, from the first answer on."""

    def parts(self, setting):
        body = in_turn(exchange(setting, Hearing()), setting, "fixed")
        return (*body, Contest(), Decide(rule=self.rule), Conclude())


def names(there):
    return [player.name for player in there]


def coalition_of(there, seats):
    return frozenset(player.name for player in there if set(player.seats) & set(seats))


@given(lot=st.integers(0, 5_000), seats=st.sets(st.sampled_from(SEATS)))
@settings(max_examples=40)
def test_a_coalition_decides_as_a_blind_vote_without_the_others(walk, begin, anything, lot, seats):
    protocol = BlindVote(rule=Rule(name="plurality", quorum=0))
    seen = walk(protocol, begin(panel(*SEATS), OPTIONS, seed=lot), anything(lot)).seen
    there = players(seen.opening)
    came = redecide(seen, without=set(SEATS) - seats)
    for gold in OPTIONS:
        game = quality(seen, there, gold)
        assert game(coalition_of(there, seats)) == right(came, gold, OPTIONS)


def test_first_answers_count_and_not_what_the_exchange_made_of_them(walk, begin, seats):
    leaning = {"ann": [0.9, 0.1], "bo": [0.9, 0.1], "cy": [0.1, 0.1]}
    seen = walk(Debate(contest_claims=False), begin(panel(*leaning)), seats(**leaning)).seen
    assert seen.decision.winner == "no"
    there = players(seen.opening)
    first, last = quality(seen, there, "yes"), quality(seen, there, "yes", "last")
    everyone = frozenset(names(there))
    assert (first(everyone), last(everyone)) == (1.0, 0.0)
    assert first(frozenset()) == 0.5, "nobody is a guess"
    assert first(coalition_of(there, ("ann", "cy"))) == 0.5, "no decision is a guess"
    assert alone(seen, ("ann",), "yes") == 1.0
    assert alone(seen, ("cy",), "yes") == 0.0


def test_what_a_decision_is_worth():
    class Came:
        status, winner, tied = "decided", "a", ()

    assert (right(Came, "a", "abc"), right(Came, "b", "abc")) == (1.0, 0.0)
    Came.status, Came.winner, Came.tied = "tied", None, ("a", "b")
    assert (right(Came, "a", "abc"), right(Came, "c", "abc")) == (0.5, 0.0)
    Came.status, Came.tied = "deadlock", ()
    assert right(Came, "c", "abc") == pytest.approx(1 / 3)


def test_the_value_of_a_panel_is_its_accuracy_above_a_guess(walk, begin, seats):
    leaning = {"ann": 0.9, "bo": 0.9, "cy": 0.1}
    seen = walk(BlindVote(rule="plurality"), begin(panel(*leaning)), seats(**leaning)).seen
    there = players(seen.opening)
    found = shapley(names(there), quality(seen, there, "yes"))
    assert sum(found.values.values()) == pytest.approx(1.0 - 0.5)
    # By hand: ann adds 1/2 first, after cy and last, and nothing after bo.
    assert found.values["seat ann"] == pytest.approx(5 / 12)
    assert found.values["seat bo"] == pytest.approx(5 / 12)
    assert found.values["seat cy"] == pytest.approx(-1 / 3)


def test_twins_are_one_player_and_get_no_more_for_being_two(walk, begin, seats):
    """As two players the twins would get more together than one of them alone."""
    leaning = {"ann": 0.9, "bo": 0.9, "cy": 0.1}
    apart = [Party(seat=seat, model=f"m-{seat}", contributor=seat) for seat in leaning]
    twins = [
        each.model_copy(update={"model": "same"}) if each.seat in ("ann", "bo") else each
        for each in apart
    ]
    said = seats(**leaning)
    one = walk(BlindVote(rule="plurality"), begin(twins), said).seen
    there = players(one.opening)
    assert [player.seats for player in there] == [("ann", "bo"), ("cy",)]
    values = shapley(names(there), quality(one, there, "yes")).values
    two = walk(BlindVote(rule="plurality"), begin(apart), said).seen
    separate = players(two.opening)
    split = shapley(names(separate), quality(two, separate, "yes")).values
    assert sum(values.values()) == pytest.approx(sum(split.values())) == pytest.approx(0.5)
    assert split["ann"] + split["bo"] == pytest.approx(5 / 6)
    assert values["ann + bo"] == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("protocol", "options", "gold", "part"),
    [
        (BlindVote(), None, "yes", "the question is open"),
        (BlindVote(), OPTIONS, "yes", "none of the options"),
        (InTurn(), OPTIONS, "a tax", "not every first answer is blind"),
        (BestOfN(), OPTIONS, "a tax", "no seat took a stance"),
    ],
)
def test_where_quality_cannot_be_counted_it_says_so(
    walk, begin, anything, protocol, options, gold, part
):
    seen = walk(protocol, begin(panel(*SEATS), options), anything(1, trouble=0)).seen
    with pytest.raises(InputError, match=part):
        quality(seen, players(seen.opening), gold)


def test_where_seats_speak_in_turn_the_first_answer_alone_is_blind(walk, begin, anything):
    seen = walk(InTurn(), begin(panel(*SEATS), OPTIONS), anything(1, trouble=0)).seen
    assert [stance.seat for stance in blind_stances(seen)] == ["ann"]
    assert alone(seen, ("bo",), "a tax") is None


@given(lot=st.integers(0, 5_000), together=st.booleans())
@settings(max_examples=40)
def test_plurality_is_split_evenly_which_is_its_shapley_value(walk, begin, anything, lot, together):
    parties = [
        Party(
            seat=seat,
            model="m",
            statement=seat,
            values={"security-personal": 0.5} if seat in ("ann", "bo") else {"hedonism": 0.7},
            contributor="acme" if together and seat in ("ann", "cy") else None,
        )
        for seat in SEATS
    ]
    seen = walk(Debate(rounds=1), begin(parties, OPTIONS, seed=lot), anything(lot)).seen
    there, found = players(seen.opening), elements(seen)
    game = plurality(seen, there)
    solved = shapley(names(there), game)
    assert shared(found, there) == pytest.approx(solved.values, abs=1e-9)
    assert only(found, there) == pytest.approx(leave_one_out(names(there), game), abs=1e-9)
    assert solved.whole == len(found)
    assert solved.empty == 0
    by_kind = [shared(found, there, kind) for kind in KINDS]
    for name in names(there):
        assert sum(each[name] for each in by_kind) == pytest.approx(solved.values[name], abs=1e-9)


def test_who_is_always_outvoted_has_its_plurality_and_words_alone_have_none(walk, begin, seats):
    leaning = {"ann": 0.9, "bo": 0.9, "cy": 0.1}
    seen = walk(BlindVote(rule="plurality"), begin(panel(*leaning)), seats(**leaning)).seen
    there = players(seen.opening)
    assert shared(elements(seen), there) == {"seat ann": 0.5, "seat bo": 0.5, "seat cy": 1.0}
    assert only(elements(seen), there) == {"seat ann": 0, "seat bo": 0, "seat cy": 1}
    agreed = walk(BlindVote(), begin(panel("ann", "bo")), seats(ann=0.9, bo=0.9)).seen
    assert {each.kind for each in elements(agreed)} == {"position"}
