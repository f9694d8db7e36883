"""What two records come to otherwise: conflicts by what they say, and the same from either side."""

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.protocols.conftest as replies
from folkmoot.protocols import Consensus, Debate
from folkmoot.records import (
    Conflict,
    Detection,
    Event,
    InputError,
    Position,
    Severity,
    derive,
    same_conflict,
)
from folkmoot.records.conflicts import Span
from folkmoot.records.diff import diff
from folkmoot.records.diff_arms import diff_arms
from folkmoot.records.pointers import ABSENT, differences
from folkmoot.records.same_conflict import LIKE, paired

SEATS = ("ann", "bo", "cy", "di")
OPTIONS = ("a tax", "a ban", "neither")


def outcome(lot, options=OPTIONS, rule="majority", seats=SEATS):
    protocol = Consensus(rounds=0) if options is None else Debate(rounds=1, rule=rule)
    opening = replies.opening_of(seats, options)
    seen = replies.Walk(protocol, opening, replies.Anything(lot, 0.1)).seen
    return derive(seen.opening, seen.records)


OUTCOMES = st.builds(
    outcome,
    st.integers(0, 40),
    st.sampled_from((OPTIONS, None)),
    st.sampled_from(("majority", "plurality", "borda")),
)


@given(OUTCOMES)
@settings(max_examples=15)
def test_a_record_does_not_differ_from_itself(one):
    found = diff(one, one)
    assert found.empty
    assert set(found.plain()) >= {"first", "second", "conflicts"}


@given(OUTCOMES, OUTCOMES)
@settings(max_examples=25)
def test_the_second_differs_from_the_first_as_the_first_from_the_second(one, other):
    found = diff(one, other)
    assert found.mirrored() == diff(other, one)
    assert found.mirrored().mirrored() == found
    assert found.empty == diff(other, one).empty
    json.dumps(found.plain())


@given(OUTCOMES, OUTCOMES)
@settings(max_examples=15)
def test_every_conflict_is_paired_or_new_or_gone(one, other):
    found = diff(one, other).conflicts
    pairs = paired(one.conflicts, other.conflicts)
    assert len({pair.first for pair in pairs}) == len({pair.second for pair in pairs}) == len(pairs)
    assert len(pairs) + len(found.vanished) == len(one.conflicts)
    assert len(pairs) + len(found.appeared) == len(other.conflicts)
    assert len(found.changed) <= len(pairs)


def conflict(id, issue, sides, about="M1", quotes=(), **fields):
    spans = tuple(
        Span(message="M1", message_sha256="0" * 64, start=0, end=len(q), exact=q) for q in quotes
    )
    given = {
        "step": 3,
        "order": int(id[2:]),
        "id": id,
        "issue": issue,
        "about": about,
        "kind": "factual",
        "positions": tuple(
            Position(id=f"{id}.{n}", summary=summary, parties=parties, spans=() if n else spans)
            for n, (summary, parties) in enumerate(sides.items())
        ),
        "severity": Severity(level=2, breadth=0.5),
        "history": (Event(round=0, event="opened"),),
        "status": "open",
        "detection": Detection(method="rule", rule="r"),
    }
    return Conflict(**(given | fields))


SPLIT = {"it holds": ("ann",), "contradicted": ("bo",)}


def test_the_same_conflict_under_another_id_is_not_new(run):
    claim = "“A tax hurts the poor most of all”"
    ours = conflict("cf7", f"Does this hold: {claim}?", SPLIT, quotes=(claim,))
    theirs = conflict(
        "cf2",
        f"Does this hold: {claim}?",
        {"it holds": ("ann", "bo"), "contradicted": ("cy",)},
        quotes=(claim,),
        kind="value",
        status="conceded",
    )
    first = derive(run.opening, [*run.records, ours])
    second = derive(run.opening, [*run.records, theirs])
    found = diff(first, second).conflicts
    assert not found.appeared
    assert not found.vanished
    (change,) = found.changed
    assert (change.first, change.second, change.by) == ("cf7", "cf2", "issue")
    assert (change.changed["kind"].first, change.changed["kind"].second) == ("factual", "value")
    assert change.changed["status"].second == "conceded"
    assert {seat: (c.first, c.second) for seat, c in change.sides.items()} == {
        "bo": ("contradicted", "it holds"),
        "cy": (None, "contradicted"),
    }
    assert diff(first, derive(run.opening, run.records)).conflicts.vanished[0].id == "cf7"


@pytest.mark.parametrize(
    ("theirs", "by"),
    [
        (conflict("cf4", "Is it  cheap?", SPLIT, quotes=("It is.",)), "content"),
        (conflict("cf4", "IS IT CHEAP?", SPLIT, quotes=("It isn't.",)), "issue and seats"),
        (conflict("cf4", "Is it cheap?", {"yes": ("cy",), "no": ("di",)}), "issue"),
        (conflict("cf4", "Is it cheap now?", SPLIT, quotes=("It is.",)), "words"),
        (conflict("cf4", "Are dogs barking loudly?", {"yes": ("cy",), "no": ("di",)}), None),
        (conflict("cf4", "Is it cheap?", SPLIT, about="question", quotes=("It is.",)), None),
    ],
)
def test_what_makes_two_conflicts_the_same(theirs, by):
    found = paired([conflict("cf1", "Is it cheap?", SPLIT, quotes=("It is.",))], [theirs])
    assert [pair.by for pair in found] == ([by] if by else [])


def test_the_most_alike_go_together_and_the_rest_is_left():
    ours = [conflict("cf1", "is the red fox quick and sly today", SPLIT)]
    theirs = [
        conflict("cf1", "is the red fox slow and sly today or not", SPLIT),
        conflict("cf2", "is the red fox quick and sly now", SPLIT),
    ]
    (pair,) = paired(ours, theirs)
    assert (pair.second, pair.by) == (1, "words")
    assert pair.likeness >= float(LIKE)


WORDS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6).map(" ".join)


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6))
@settings(max_examples=60)
def test_no_two_that_are_alike_enough_are_left_unpaired(ours, theirs):
    """The index that spares comparing all with all misses none."""
    first = [conflict(f"cf{n}", issue, {}) for n, issue in enumerate(ours)]
    second = [conflict(f"cf{n}", issue, {}) for n, issue in enumerate(theirs)]
    pairs = paired(first, second)
    left = [set(w.split()) for i, w in enumerate(ours) if i not in {p.first for p in pairs}]
    right = [set(w.split()) for j, w in enumerate(theirs) if j not in {p.second for p in pairs}]
    assert all(Fraction(len(a & b), len(a | b)) < LIKE for a in left for b in right)
    turned = {(p.second, p.first, p.by) for p in paired(second, first)}
    assert {(p.first, p.second, p.by) for p in pairs} == turned


def test_thousands_of_conflicts_are_paired_without_comparing_all_with_all(monkeypatch):
    many = [
        conflict(f"cf{n}", f"Does this hold: word{n} other{n} and{n} more{n}?", SPLIT)
        for n in range(3000)
    ]
    changed = [
        each.model_copy(update={"issue": each.issue.replace("more", "less")}) for each in many
    ]
    compared = []
    likeness = same_conflict._likeness
    monkeypatch.setattr(
        same_conflict, "_likeness", lambda *two: compared.append(1) or likeness(*two)
    )
    found = paired(many, changed)
    assert [pair.first for pair in found] == [pair.second for pair in found] == list(range(3000))
    assert len(compared) == 3000


def test_candidates_of_an_open_question_go_by_their_words():
    one = outcome(3, None)
    turns = {turn.id: f"{turn.seat}: {turn.text}" for turn in one.transcript.turns}
    other = derive(one.transcript.opening, [r for r in one.transcript if r.record != "decision"])
    found = diff(one, other)
    assert set(found.tally) <= set(turns.values())
    assert "status" in found.decision


def test_two_arms_are_compared_question_by_question(run, tmp_path):
    for arm, lots in {"one": (1, 2, 3), "two": (1, 2, 4)}.items():
        for lot in lots:
            opening = run.opening.model_copy(
                update={"question": f"Share {lot}?", "run_id": f"q{lot}"}
            )
            if arm == "two" and lot == 2:
                opening = opening.model_copy(update={"seed": 99})
            run._replace(opening=opening).write(tmp_path / arm / f"q{lot}")
    found = diff_arms(tmp_path / "one", tmp_path / "two")
    assert [pair.first.run_id for pair in found.pairs] == ["q1", "q2"]
    assert [each.question for each in found.only_first] == ["Share 3?"]
    assert [each.question for each in found.only_second] == ["Share 4?"]
    assert (found.counts["pairs"], found.counts["differing"]) == (2, 0)
    assert list(found.pairs[1].begun) == ["seed"]
    assert found.pairs[1].same_outcome
    assert not found.empty
    turned = diff_arms(tmp_path / "two", tmp_path / "one")
    assert found.mirrored().model_dump() == turned.model_dump()
    assert diff_arms(tmp_path / "one", tmp_path / "one").empty
    with pytest.raises(InputError, match="no question in common"):
        diff_arms(tmp_path / "one" / "q1", tmp_path / "one" / "q2")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.text("a/~", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("a/~", max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


def at(value, pointer):
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key, ABSENT)
        else:
            value = value[int(key)] if int(key) < len(value) else ABSENT
    return value


@given(JSON, JSON)
def test_pointers_name_every_place_that_differs_and_no_other(one, other):
    places = list(differences(one, other))
    assert bool(places) == (json.dumps(one) != json.dumps(other) and repr(one) != repr(other))
    for pointer, ours, theirs in places:
        assert at(one, pointer) is ours or at(one, pointer) == ours
        assert at(other, pointer) is theirs or at(other, pointer) == theirs
        assert repr(ours) != repr(theirs)
