"""The page on the record's format has every record and every field of it."""

import re
from pathlib import Path
from typing import get_args

import pytest

from folkmoot.records import Ballot, Record, Reply
from folkmoot.records.recount import _COUNTS
from folkmoot.records.transcript import _RANK

PAGE = (Path(__file__).parents[2] / "docs" / "record-format.md").read_text(encoding="utf-8")
PLACE = {"record", "step", "order", "round"}
KINDS = {kind.model_fields["record"].default: kind for kind in get_args(get_args(Record)[0])}
ELSEWHERE = ("reply", "conflict", "settlement")
"""A reply has a paragraph of its own, conflicts a page."""
NAMES = {"question", "stop", "summary", "refutation", "dissent", "condition", "act"}


def row(name: str) -> str:
    found = re.search(rf"^\| `{name}` \|(.*)$", PAGE, re.MULTILINE)
    assert found, f"no row for {name}"
    return found[1]


@pytest.mark.parametrize("name", [name for name in KINDS if name not in (*ELSEWHERE, "ballot")])
def test_every_field_of_a_record_is_there(name):
    said = row(name)
    fields = KINDS[name].model_fields.keys() - PLACE
    assert [field for field in sorted(fields) if f"`{field}`" not in said] == []
    named = set(re.findall(r"`([a-z_]+)`", said))
    assert named - fields - NAMES == set()


def test_every_field_of_a_ballot_is_there():
    text = PAGE[PAGE.index("A **ballot** has") : PAGE.index("## The head")]
    fields = Ballot.model_fields.keys() - PLACE
    assert fields <= set(re.findall(r"`([a-z_]+)`", text))


def test_every_field_of_a_reply_is_there():
    text = PAGE[PAGE.index("**Reply.**") : PAGE.index("**Record.**")]
    fields = Reply.model_fields.keys() - PLACE - {"call", "seat", "stage", "model", "op"}
    fields -= {"purpose", "about"}
    assert [field for field in sorted(fields) if f"`{field}`" not in text] == []


def test_records_sort_as_the_page_says():
    said = " ".join(PAGE[PAGE.index("in the order of types") :].split(".")[0].split())
    assert said == f"in the order of types {', '.join(_RANK)}"
    assert set(_RANK) == set(KINDS)
    listed = re.search(r"went its way: ([a-z_, ]+) \| once under each key", PAGE)
    assert listed
    assert set(listed[1].split(", ")) == set(KINDS) - {"reply"}


def test_the_rules_that_are_recounted_are_named():
    table = PAGE[PAGE.index("| rule | what it must come to |") : PAGE.index("Not recounted:")]
    named = set(re.findall(r"`([a-z-]+)`", " ".join(re.findall(r"^\| (.*?) \|", table, re.M))))
    assert named - {"decided_by"} == set(_COUNTS)
