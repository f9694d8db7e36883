"""What may not matter does not: names of seats, labels of options, a seat that never votes."""

import json

import pytest

from folkmoot.protocols import catalogue, named
from folkmoot.records import Party, RecordAdapter

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


PANELS_ALONE = {"single", "self-consistency"}
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
