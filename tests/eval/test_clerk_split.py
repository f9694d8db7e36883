"""What a clerk learns from, and what it is measured on, share no topic and no text."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.agents import relation
from folkmoot.eval.clerk.sets import Pair, read_set
from folkmoot.eval.clerk.split import plain, split, topic, write_held_out
from folkmoot.eval.clerk.teach import as_denial, as_judgement, as_question, examples
from folkmoot.pool.rendering import messages
from folkmoot.records import InputError

LABELS = ("attack", "support", "neither")


def write(path: Path, rows) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def rows(topics: int, each: int = 3):
    return [
        {
            "topic": f"Topic {number}",
            "text_a": f"Claim {number}.",
            "text_b": f"Text {number}-{at}",
            "label": LABELS[at % 3],
        }
        for number in range(topics)
        for at in range(each)
    ]


def test_about_one_in_so_many_topics_is_held_out_whole(tmp_path):
    file = write(tmp_path / "set.jsonl", rows(400))
    found = split([file], 8)
    held = {row["topic"] for row in found.held_out["set"]}
    assert 25 < len(held) < 80
    assert len(found.held_out["set"]) == 3 * len(held)
    learned = {pair.first for pair in found.learned["set"]}
    assert len(learned) == 400 - len(held)
    assert not learned & {row["text_a"] for row in found.held_out["set"]}
    assert split([file], 8) == found


def test_no_text_of_a_held_out_row_is_learned_in_another_set(tmp_path):
    first = write(tmp_path / "first.jsonl", rows(400))
    held = split([first], 8).held_out["first"]
    again = [
        {
            "topic": "Other",
            "text_a": row["text_b"].upper() + "!",
            "text_b": "New.",
            "label": "attack",
        }
        for row in held
    ]
    second = write(tmp_path / "second.jsonl", [*again, {**again[0], "text_a": "Fresh."}])
    found = split([first, second], 8, ["nothing"])
    if found.held_out.get("second"):
        pytest.skip("the other topic is held out itself")
    assert [pair.first for pair in found.learned["second"]] == ["Fresh."]
    assert found.dropped["second"] == len(again)


def test_topics_can_be_named(tmp_path):
    file = write(tmp_path / "set.jsonl", rows(5))
    found = split([file], 0, ["topic 3!"])
    assert {row["topic"] for row in found.held_out["set"]} == {"Topic 3"}
    assert split([file], 0).held_out == {}


def test_files_of_one_name_are_one_set(tmp_path):
    one, other = tmp_path / "a", tmp_path / "b"
    one.mkdir()
    other.mkdir()
    files = [write(one / "set.jsonl", rows(2)), write(other / "set.jsonl", rows(4)[6:])]
    assert len(split(files, 0).learned["set"]) == 12


def test_what_is_held_out_can_be_measured_on(tmp_path):
    file = write(tmp_path / "set.jsonl", rows(400))
    (path,) = write_held_out(tmp_path / "held", split([file], 8))
    assert len(read_set(path)) == len(split([file], 8).held_out["set"])


def test_a_row_without_a_topic_goes_by_its_first_text():
    assert topic({"text_a": "Ban cars!", "text_b": "x"}) == "bancars"
    assert topic({"group": 3, "text_a": "Ban cars!"}) == "3"


@given(st.text())
def test_spelling_does_not_matter(text):
    assert plain(text.upper().lower()) == plain(plain(text.upper().lower()))


def pairs(**counts: int) -> list[Pair]:
    return [
        Pair(f"First {n}.", f"{label} {n}", label == "attack", label)  # pyright: ignore
        for label, count in counts.items()
        for n in range(count)
    ]


def test_labels_are_evened_out():
    made = examples({"set": pairs(attack=2000, support=400, neither=350)})
    count = Counter(each.target for each in made)
    assert count == {" attack": 700, " support": 400, " neither": 350}


def test_no_more_of_a_set_than_allowed_and_the_same_every_time():
    sets = {"set": pairs(attack=500, support=500)}
    assert len(examples(sets, most=100)) == 100
    assert examples(sets, most=100) == examples(sets, most=100)
    assert examples(sets, most=100) != examples(sets, most=100, seed=1)


def test_an_example_is_the_prompt_that_a_clerk_is_asked_with():
    (made,) = examples({"set": [Pair("Ban.", "Keep.", True, "attack")]}, seed=1)
    ways = [relation.ask_relation("Ban.", "Keep."), relation.ask_relation("Keep.", "Ban.")]
    asked = [messages(way) for way in ways]
    said = [{"role": "system", "content": made.system}, {"role": "user", "content": made.user}]
    assert (said, made.prefix) in asked
    assert made.target == " attack"


def test_the_same_point_is_learned_where_people_said_so():
    made = examples({"set": [Pair("A b.", f"c {n}", None, None, n % 2 == 0) for n in range(40)]})
    assert Counter(each.target for each in made) == {" yes": 20, " no": 20}


@pytest.mark.parametrize(
    ("claim", "question"),
    [
        ("The town should ban cars.", "Should the town ban cars?"),
        ("We should not share", "Should we not share?"),
        ("UK taxes are too high", "Are UK taxes too high?"),
        ("Marriage matters", "Is it true that marriage matters?"),
        ("I can swim", "Can I swim?"),
    ],
)
def test_a_motion_put_as_a_question(claim, question):
    assert as_question(claim) == question


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.jsonl"):
        split([tmp_path / "none.jsonl"], 8)


def test_sets_of_for_and_against_get_pairs_of_two_topics_that_are_neither():
    debate = [
        Pair(
            f"Ban {topic}.", f"{topic} {way} us {n}.", way == "harms", label, None, f"topic:{topic}"
        )
        for topic in ("cars", "dogs", "guns")
        for way, label in (("harms", "support"), ("helps", "attack"))
        for n in range(20)
    ]
    made = examples({"set": debate})
    strangers = [each for each in made if each.target == " neither"]
    assert strangers
    assert len(strangers) <= 0.1 * len(debate)
    for each in strangers:
        named = {topic for topic in ("cars", "dogs", "guns") if topic in each.user.casefold()}
        assert len(named) == 2
    whole = [*debate, Pair("Ban it.", "It rains.", False, "neither", None, "topic:rain")]
    assert sum(each.target == " neither" for each in examples({"set": whole})) == 1


def test_no_step_learns_from_one_debate_alone():
    many = [
        Pair("Ban cars.", f"Reason {n}.", n % 2 == 0, ("attack", "support")[n % 2], None, "topic:c")
        for n in range(40)
    ]
    groups = Counter(each.group for each in examples({"set": many}))
    assert max(groups.values()) == 4
    assert len(groups) >= 10


@pytest.mark.parametrize(
    ("claim", "denial"),
    [
        ("Cars should go.", "Cars should not go."),
        ("We should not ban cars", "We should ban cars"),
        ("The law is NOT fair", "The law is fair"),
        ("Homework helps.", None),
    ],
)
def test_a_claim_denied(claim, denial):
    assert as_denial(claim) == denial


def test_a_denied_claim_turns_what_was_said_of_it_round():
    debate = [
        Pair("Cars should go.", f"{word} {n}.", word == "Harm", label, None, "topic:cars")
        for word, label in (("Harm", "attack"), ("Good", "support"))
        for n in range(300)
    ]
    made = examples({"set": debate})
    against = [each for each in made if " neither" not in each.target]
    denied = [each for each in against if " not " in each.user.casefold()]
    harm, good = (re.compile(rf"{word} \d", re.IGNORECASE) for word in ("harm", "good"))
    apart = [each for each in denied if harm.search(each.user) or good.search(each.user)]
    assert len(apart) > 40
    for each in apart:
        assert each.target == (" support" if harm.search(each.user) else " attack")
    itself = [each for each in denied if each not in apart]
    assert len(itself) > 40
    assert {each.target for each in itself} == {" attack"}
    assert any("NOT" in each.user for each in itself)
    for each in against:
        if each not in denied:
            assert each.target == (" attack" if harm.search(each.user) else " support")


def test_some_motions_are_put_as_in_a_talk():
    debate = [
        Pair("Cars should go.", f"{word} {n}.", word == "Harm", label, None, "topic:cars")
        for word, label in (("Harm", "attack"), ("Good", "support"))
        for n in range(300)
    ]
    made = [each for each in examples({"set": debate}) if "It is right that cars go." in each.user]
    assert 60 < len(made) < 200
    opened = {
        target: [each for each in made if re.search(rf"\b{word}\b", each.user)]
        for target, word in ((" attack", "No|But|I disagree"), (" support", "Yes|Indeed|I agree"))
    }
    for target, those in opened.items():
        assert those
        assert {each.target for each in those} == {target}
    assert len(made) - sum(map(len, opened.values())) > 20, (
        "others say their side by their matter alone"
    )


@pytest.mark.parametrize(
    ("claim", "judgement"),
    [
        ("We should ban cars", "It is right that we ban cars."),
        ("Homework is bad.", "It is true that homework is bad."),
    ],
)
def test_a_claim_is_put_as_a_judgement(claim, judgement):
    assert as_judgement(claim) == judgement
