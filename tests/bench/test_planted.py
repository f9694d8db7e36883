"""The retained run of planted conflicts: 103 records, read and audited anew, have the stated figures."""

import asyncio
from pathlib import Path

import pytest
from kept import opened
from planted import Item, again, figures

from folkmoot.graphs.rederive import rederive

KEPT = Path(__file__).parents[2] / "bench" / "retained" / "planted.tar.xz"


@pytest.fixture(scope="module")
def done():
    return again(KEPT)


def test_the_retained_run_has_the_stated_figures(done):
    found = figures(done)
    assert (found["planted"], found["null"], found["unopposed"]) == (69, 22, 12)
    assert found["recall"] == 0.9275
    assert found["parties"] == 0.9648
    assert (found["kind"], found["of_known_kind"]) == (1.0, 40)
    assert found["false_a_null_run"] == 0.0
    assert found["false_an_unopposed_run"] == 0.25


def test_only_the_clerk_found_them(done):
    """Nobody declared anything and no stance showed anything: what is found is layer 3's."""
    found = [each for item, _, conflicts in done if item.planted for each in conflicts]
    assert len(found) >= 64
    assert {each.detection.method for each in found} == {"clerk"}


def test_every_quotation_is_what_the_seat_said(done):
    item: Item
    for item, _, conflicts in done:
        for each in conflicts:
            for position in each.positions:
                for quote in position.spans:
                    assert any(quote.exact in item.said[seat] for seat in position.parties)


def test_its_records_are_what_their_replies_come_to():
    """Every twentieth: the rules of this version draw up the same conflicts."""
    with opened(KEPT) as folder:
        records = sorted(path.parent for path in folder.glob("*/journal.jsonl"))
        assert len(records) == 103
        for record in records[::20]:
            assert asyncio.run(rederive(record)) == ()
