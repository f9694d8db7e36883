"""Lessons are taught by the very prompts of a deliberation."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.agents.contribution_file import ContributionFile
from folkmoot.eval.contribution import Lesson, examples, held_out, read_lessons
from folkmoot.eval.contribution.lessons import weighings, written
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.pool.rendering import messages
from folkmoot.protocols import BlindVote
from folkmoot.records import ContributionError

SAID = "I look after people and spare them pain."
FILE = ContributionFile(
    format="contribution/1",
    name="care",
    contributor="someone",
    licence="MIT",
    base="m",
    perspective=Perspective(
        statement=SAID, values={"benevolence-caring": 0.9}, red_lines=("pain",)
    ),
)
CHOICE = Lesson(
    question="The train comes. What do you do?",
    options=("I pull the lever", "I wait", "I call for help"),
    answer="I wait",
    reason="Nobody asked me.",
)
OPEN = Lesson(question="What is right?", answer="To spare people pain.")


def rendered(example):
    """As `messages` renders a call: the turns, and how the reply is opened."""
    turns = (("system", example.system), ("user", example.user))
    return [{"role": role, "content": text} for role, text in turns], example.prefix


@pytest.mark.parametrize(
    "lesson", [CHOICE, OPEN, CHOICE.model_copy(update={"options": ("yes", "no"), "answer": "no"})]
)
async def test_the_prompts_are_those_of_a_run(lesson, tmp_path):
    """Whatever a blind vote of one seat asks is word for word what a lesson teaches."""

    def say(call):
        if call.op == "choose":
            options = lesson.options if call.order % 2 == 0 else lesson.options[::-1]
            return [0.9 if each == lesson.answer else 0.05 for each in options]
        return "anything"

    seat = Agent.of(FILE.contribution(), FILE.name)
    asked = []

    def heard(call):
        asked.append(call)
        return say(call)

    await deliberate(
        lesson.question,
        Panel([seat]),
        BlindVote(),
        Pool.scripted(heard, models=["care"]),
        options=lesson.options,
        record_dir=tmp_path,
    )
    first = [call for call in asked if call.purpose in ("stand", "reason", "answer")]
    taught = [*(order[0] for order in weighings(lesson, FILE)), *written(lesson, FILE)]
    assert len(first) == len(taught) > 0
    assert [messages(call.segments) for call in first] == [rendered(each) for each in taught]
    for call, order in zip(first, weighings(lesson, FILE), strict=False):
        assert [each.target for each in order] == list(call.options)


def test_a_choice_is_taught_in_both_orders_and_with_its_reason():
    made = examples([CHOICE], FILE)
    letters = {each.user: each.target for each in made if each.target.strip() in "ABC"}
    assert sorted(letters.values()) == [" B", " B"]  # the middle one of three is so both ways
    two = CHOICE.model_copy(update={"options": ("I wait", "I go"), "reason": None})
    assert sorted(each.target for each in examples([two], FILE)) == [" A", " B"]
    (reason,) = (each for each in made if each.target == " Nobody asked me.")
    assert reason.prefix == "Answer: B\nReason:"
    assert reason.closes
    assert all(SAID in each.user for each in made)


def test_an_answer_in_words_is_taught_to_its_end():
    (made,) = examples([OPEN], FILE)
    assert (made.target, made.closes) == (" To spare people pain.", True)


def test_the_order_is_drawn_from_the_seed():
    many = [OPEN.model_copy(update={"question": f"What is {n}?"}) for n in range(20)]
    assert examples(many, FILE, 1) == examples(many, FILE, 1) != examples(many, FILE, 2)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"options": ("a", "b"), "answer": "c"}, "none of the options"),
        ({"options": ("a", "a"), "answer": "a"}, "the same"),
        ({"options": ("a",), "answer": "a"}, "at least 2"),
        ({"answer": "a", "reason": "b"}, "beside options"),
        ({"answer": ""}, "at least 1"),
    ],
)
def test_what_is_no_lesson(fields, fault):
    with pytest.raises(ValidationError, match=fault):
        Lesson(question="q", **fields)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no lesson"),
        ('{"question": "q"}\n', "f.jsonl:1: answer"),
        ('{"question": "q", "answer": "a"}\n\n[1]\n', "f.jsonl:3"),
        ("{", "f.jsonl:1"),
        ('{"question": "q", "options": ["a", "b"], "answer": "c"}', "none of the options"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path, text, said):
    (tmp_path / "f.jsonl").write_text(text)
    with pytest.raises(ContributionError, match=said.replace("[", r"\[")):
        read_lessons(tmp_path / "f.jsonl")
    with pytest.raises(ContributionError, match="cannot read"):
        read_lessons(tmp_path / "none.jsonl")


def test_fields_of_its_own_are_passed_over(tmp_path):
    (tmp_path / "f.jsonl").write_text(json.dumps({"id": 7, "question": "q", "answer": "a"}))
    assert read_lessons(tmp_path / "f.jsonl")[0] == Lesson(question="q", answer="a")


@given(st.lists(st.text(min_size=1), max_size=30), st.integers(0, 5))
def test_a_question_is_on_one_side_alone(questions, one_in):
    lessons = [Lesson(question=each, answer=f"a{n}") for n, each in enumerate(questions)]
    learned, measured = held_out(lessons, one_in)
    assert sorted(map(str, (*learned, *measured))) == sorted(map(str, lessons))
    assert not {each.question for each in learned} & {each.question for each in measured}
    if one_in == 0:
        assert measured == ()
    if one_in == 1:
        assert learned == ()
