"""What may not matter does not: names of seats, labels of options, a seat that never votes."""

import json

import pytest

from folkmoot.protocols import catalogue, named
from folkmoot.records import Party, RecordAdapter, clones

SEATS = ("zoë-1", "kim-2", "lou-3", "max-4")
OTHERS = ("bea-9", "zed-8", "abe-7", "moe-6")
"""As long as the names they stand for, and in another order by the alphabet."""
OPTIONS, RELABELLED = ("a tax", "a ban", "neither"), ("z tax", "b ban", "anything"[:7])
NEEDED = ("seat",)

every = pytest.mark.parametrize("name", [entry.name for entry in catalogue()])


def build(name: str, seats):
    params = next(entry.params for entry in catalogue() if entry.name == name)
    return named(name, **{field: seats[0] for field in NEEDED if field in params})


def panel(seats):
    return (
        Party(seat=seats[0], model="m", statement="I see it.", values={"face": 1.0}),
        Party(seat=seats[1], model="m", statement="I pay for it.", values={"tradition": 1.0}),
        Party(seat=seats[2], model="m", stance="stated"),
        Party(seat=seats[3], model="m"),
    )


def written(seen) -> str:
    """Everything on record but the digests of texts, as one text."""
    records = [RecordAdapter.dump_python(each, mode="json") for each in seen]
    return json.dumps(records, ensure_ascii=False, sort_keys=False)


def swapped(text: str, these, those) -> str:
    for number, each in enumerate(these):
        text = text.replace(each, f"\x00{number}\x00")
    for number, each in enumerate(those):
        text = text.replace(f"\x00{number}\x00", each)
    return text


@every
@pytest.mark.parametrize("options", [OPTIONS, None], ids=["choice", "open"])
@pytest.mark.parametrize("lot", [3, 8])
def test_other_names_for_the_seats_change_nothing_but_the_names(
    begin, walk, anything, name, options, lot
):
    one = walk(build(name, SEATS), begin(panel(SEATS), options, seed=5), anything(lot, 0.05))
    two = walk(build(name, OTHERS), begin(panel(OTHERS), options, seed=5), anything(lot, 0.05))
    assert json.loads(swapped(written(one.seen), SEATS, OTHERS)) == json.loads(written(two.seen))


@every
@pytest.mark.parametrize("lot", [3, 8])
def test_other_labels_for_the_options_change_nothing_but_the_labels(
    begin, walk, anything, name, lot
):
    one = walk(build(name, SEATS), begin(panel(SEATS), OPTIONS, seed=5), anything(lot, 0.05))
    two = walk(build(name, SEATS), begin(panel(SEATS), RELABELLED, seed=5), anything(lot, 0.05))
    had, have = one.seen.decision, two.seen.decision
    label = dict(zip(OPTIONS, RELABELLED, strict=True))
    assert (had.status, label.get(had.winner)) == (have.status, have.winner)
    assert {label[option]: figure for option, figure in had.tally.items()} == have.tally
    assert [stance.choice and label[stance.choice] for stance in one.seen.stands()] == [
        stance.choice for stance in two.seen.stands()
    ]
    assert [each.kind for each in one.seen.conflicts] == [each.kind for each in two.seen.conflicts]


PANELS_ALONE = {"single", "self-consistency", "best-of-n"}
"""One seat answers: there is nobody whose absence could matter."""
JUDGED = {"angel-devil", "before-a-judge", "steerable", "mixture", "council"}
"""One seat decides: its tally is its own."""


VOTED = [e.name for e in catalogue() if e.name not in PANELS_ALONE | JUDGED]


@pytest.mark.parametrize("name", VOTED)
def test_a_seat_that_always_abstains_changes_no_tally(begin, walk, seats, name):
    """With the seat or without it, those who vote come to the same count."""
    leaning = {"ann": 0.9, "bo": 0.1, "cy": 0.9, "ed": 0.9, "di": 0.5}
    decisions = [
        walk(
            build(name, present), begin(list(present), ("yes", "no")), seats(**leaning)
        ).seen.decision
        for present in (tuple(leaning), tuple(seat for seat in leaning if seat != "di"))
    ]
    assert decisions[0].tally == decisions[1].tally
    assert decisions[0].not_valid == {"di": "abstained"}
    assert (decisions[0].status, decisions[0].winner) == (decisions[1].status, decisions[1].winner)


CLONES = ("ann", "bo", "cy", "di")
"""Four seats that are one agent; the fifth is another."""
RULED = [e.name for e in catalogue() if "rule" in e.params]


def farmers(count: int):
    """So many copies of one agent, and one fisher."""
    farm = {"statement": "We farm.", "values": {"security-societal": 1.0}}
    copies = [Party(seat=seat, model="m", **farm) for seat in CLONES[:count]]
    return (*copies, Party(seat="ed", model="m", statement="I fish."))


def decided(begin, walk, seats, name, rule, count):
    """How it is decided where copies lean one way a little, and the other seat the other way a lot."""
    leaning = {**dict.fromkeys(CLONES[:count], 0.6), "ed": 0.05}
    about = named(name, rule=rule)
    return walk(about, begin(farmers(count), ("yes", "no")), seats(**leaning)).seen.decision


@pytest.mark.parametrize("rule", ["maximin", "nash"])
@pytest.mark.parametrize("name", RULED)
def test_a_majority_of_clones_is_one_perspective_to_rules_across_perspectives(
    begin, walk, seats, name, rule
):
    one, four = (decided(begin, walk, seats, name, rule, count) for count in (1, 4))
    assert (one.rule, one.status, one.winner) == (rule, "decided", "no")
    assert (four.status, four.winner) == (one.status, one.winner)
    assert four.tally == pytest.approx(one.tally)
    assert four.params["perspectives"] == {**dict.fromkeys(CLONES, "ann"), "ed": "ed"}


@pytest.mark.parametrize("name", RULED)
def test_a_majority_of_clones_carries_a_vote_by_seats(begin, walk, seats, name):
    """What the same panel comes to under plurality: the check says so before, see `clones`."""
    one, four = (decided(begin, walk, seats, name, "plurality", count) for count in (1, 4))
    assert one.status == "tied"
    assert (four.status, four.winner, four.tally["yes"]) == ("decided", "yes", 4)


def test_bridging_promises_less_a_perspective_weighs_more_the_more_seats_it_has(begin, walk, seats):
    one, four = (decided(begin, walk, seats, "blind-vote", "bridging", count) for count in (1, 4))
    assert one.status == "tied"
    assert (four.status, four.winner) == ("decided", "yes")


@every
def test_clones_that_answer_alike_are_on_one_side_of_every_conflict(begin, walk, seats, name):
    leaning = {**dict.fromkeys(CLONES, 0.9), "ed": 0.1}
    seen = walk(
        build(name, (*CLONES, "ed")), begin(farmers(4), ("yes", "no")), seats(**leaning)
    ).seen
    assert clones(seen.opening.parties) == (CLONES,)
    for conflict in seen.conflicts:
        split = [position for position in conflict.positions if set(position.parties) & set(CLONES)]
        assert len(split) <= 1
