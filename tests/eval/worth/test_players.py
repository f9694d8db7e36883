"""Players: nobody is worth more for having come twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.eval.worth.players import checked, member, players
from folkmoot.records import HUMAN, InputError, ModelRef, Party


def party(seat, model="m", contributor=None, statement=None):
    said = f"I am {seat}." if statement is None else statement
    return Party(seat=seat, model=model, contributor=contributor, statement=said)


def groups(opening, identity=None):
    return [player.seats for player in players(opening, identity)]


def test_seats_of_no_contributor_stand_for_themselves(begin):
    opening = begin([party("ann"), party("bo"), party("cy", "other")])
    assert groups(opening) == [("ann",), ("bo",), ("cy",)]
    assert [str(each) for player in players(opening) for each in player.members] == [
        "seat ann",
        "seat bo",
        "seat cy",
    ]


def test_a_contributor_plays_once_however_many_seats_it_has(begin):
    opening = begin(
        [party("ann", "m", "acme"), party("bo", "n", "globex"), party("cy", "o", "acme")]
    )
    assert groups(opening) == [("ann", "cy"), ("bo",)]


def test_contributors_of_the_same_weights_are_one(begin):
    parties = [
        party(s, model, f"from {s}") for s, model in (("ann", "x"), ("bo", "y"), ("cy", "z"))
    ]
    models = [
        ModelRef(name="x", weights_sha256="a" * 64, adapter_sha256="b" * 64),
        ModelRef(name="y", weights_sha256="a" * 64, adapter_sha256="b" * 64),
        ModelRef(name="z", weights_sha256="a" * 64, adapter_sha256="c" * 64),
    ]
    opening = begin(parties).model_copy(update={"models": tuple(models)})
    assert groups(opening) == [("ann", "bo"), ("cy",)]
    assert players(opening)[0].name == "from ann + from bo"
    # Where digests are not known, one name is one model.
    assert groups(begin(parties)) == [("ann",), ("bo",), ("cy",)]
    assert groups(begin([party("ann", "x", "a"), party("bo", "x", "b")])) == [("ann", "bo")]


def test_clones_are_one_with_or_without_a_contributor(begin):
    same = "I look after people."
    opening = begin([party("ann", statement=same), party("bo", statement=f" {same} "), party("cy")])
    assert groups(opening) == [("ann", "bo"), ("cy",)]


def test_two_people_are_two(begin):
    opening = begin([party("ann", HUMAN, "a", "same"), party("bo", HUMAN, "b", "same")])
    assert groups(opening) == [("ann",), ("bo",)]


def test_an_identity_map_joins_what_nothing_else_shows(begin):
    opening = begin([party("ann", "x", "acme"), party("bo", "y", "globex"), party("cy", "z")])
    assert groups(opening, {"acme": "one", "globex": "one"}) == [("ann", "bo"), ("cy",)]
    assert groups(opening, {"acme": "one", "cy": "one"}) == [("ann", "cy"), ("bo",)]
    known = [member(each) for each in opening.parties]
    assert checked({"acme": "one"}, known) == {"acme": "one"}
    with pytest.raises(InputError, match="no contributor or seat is named 'eve'"):
        checked({"eve": "one"}, known)


def test_a_contributor_named_as_a_seat_is_not_that_seat(begin):
    opening = begin([party("ann", "x", "bo"), party("bo", "y")])
    assert groups(opening) == [("ann",), ("bo",)]


@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from([None, "a", "b", "c"])),
        min_size=1,
        max_size=7,
    )
)
def test_every_seat_is_one_player_s_and_every_member_too(begin, drawn):
    parties = [party(f"s{n}", model, whose) for n, (model, whose) in enumerate(drawn)]
    opening = begin(parties)
    found = players(opening)
    assert sorted(seat for player in found for seat in player.seats) == sorted(opening.seats)
    members = [each for player in found for each in player.members]
    assert len(members) == len(set(members)) == len({member(p) for p in parties})
    for player in found:
        assert {member(opening.party(seat)) for seat in player.seats} == set(player.members)
