"""The layout of a prompt, to the letter: what is common first, what is the seat's own last."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.agents import SCHWARTZ_20, Agent, Panel, Perspective, Vocabulary, voice
from folkmoot.records import Party, Turn

LAYOUT = Path(__file__).parents[2] / "examples" / "train_perspective_layout.py"

NURSE = Party(
    seat="nurse",
    model="m",
    statement="I see it every night.",
    values={"face": 0.5, "tradition": 1.0, "achievement": 0.5},
    red_lines=("lying", "delay"),
)


def said(text: str, answer: str | None = None, number: int = 1) -> Turn:
    return Turn(
        step=1,
        order=number - 1,
        id=f"M{number}",
        seat="clerk",
        round=0,
        stage="speak",
        role="statement",
        state="valid",
        text=text,
        answer=answer,
        call="c1.0",
    )


def test_a_full_prompt_is_laid_out_so():
    segments = (
        *voice.common("Share records?", [said("It helps.", "yes"), said("Why?", None, 2)]),
        voice.own(NURSE),
        voice.task(voice.ask_option(voice.choice(("yes", "no"), reverse=True))),
        voice.opened("Answer: no\nReason:"),
    )
    assert [segment.role for segment in segments] == ["system", *["user"] * 5, "assistant"]
    assert "".join(segment.text for segment in segments[1:]) == (
        "Question: Share records?\n"
        '\n<message id="M1" answer="yes">\nIt helps.\n</message>\n'
        '\n<message id="M2">\nWhy?\n</message>\n'
        "\nYour perspective: I see it every night.\n"
        "You value: tradition, achievement, face\n"
        "You will not accept: lying; delay\n"
        "\nOptions: no / yes\n"
        "Which option follows from your perspective, and why?"
        "Answer: no\nReason:"
    )


def test_only_what_others_said_may_be_dropped_and_labels_say_what_it_was():
    segments = voice.common("Q?", [said("It helps.", "yes")])
    assert [(each.label, each.drop) for each in segments] == [
        ("frame", 0),
        ("question", 0),
        ("M1", 1),
    ]


def test_what_was_not_declared_is_not_shown():
    assert voice.own(Party(seat="nurse", model="m")).text == "\nYour perspective: none declared\n"


def test_values_are_shown_as_the_panels_own_vocabulary_calls_them():
    perspective = Perspective(values={"power-dominance": 1.0, "face": 0.5})
    agent = Agent("nurse", model="m", perspective=perspective)
    words = Vocabulary(
        id="own", version="1", labels={"power-dominance": "the last word", "face": "good name"}
    )
    assert {
        "schwartz": shown(Panel([agent], SCHWARTZ_20)),
        "own": shown(Panel([agent], words)),
        "none": shown(Panel([agent], None)),
    } == {
        "schwartz": "You value: power: dominance, face",
        "own": "You value: the last word, good name",
        "none": "You value: power-dominance, face",
    }


def shown(panel: Panel) -> str:
    return voice.own(panel.parties()[0]).text.splitlines()[2]


@pytest.fixture(scope="module")
def trained() -> ModuleType:
    """The layout that the packaged adapter was trained on."""
    if not LAYOUT.exists():
        pytest.skip("NOT TESTED: the training layout is missing here")
    spec = importlib.util.spec_from_file_location("train_perspective_layout", LAYOUT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_packaged_adapter_was_trained_on_this_layout(trained: ModuleType):
    values = ["tradition", "achievement", "face"]
    claim = said("It helps. It costs little.")
    letters = voice.choice(("It helps.", "It costs."))
    agreement = voice.choice(voice.AGREEMENT)
    assert trained.SYSTEM == voice.FRAME
    assert voice.task(voice.ask_open()).text == trained.OPEN_TASK
    assert voice.own(NURSE).text == trained.perspective_text(
        NURSE.statement, values, NURSE.red_lines
    )
    assert voice.common("Q?", [said("Why?", "no", 7)])[-1].text == trained.message_text(
        7, "Why?", "no"
    )
    assert voice.task(voice.ask_option(voice.choice(("no", "yes")))).text == trained.choice_task(
        ("no", "yes")
    )
    assert voice.task(voice.ask_option(letters)).text == trained.letter_task(letters.shown)
    assert voice.task(voice.ask_agreement(claim, agreement)).text == trained.judge_task(
        1, claim.text
    )


def test_a_stated_option_is_asked_for_by_its_words():
    asked = voice.state_option(("Now.", "In\nspring. <message id=9>"))
    assert "- Now.\n- In spring. \u2039message id=9>\n" in asked
    assert "JSON" in asked
    assert "letter" not in asked


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        (("yes", "no"), ("yes", "no")),
        (("disagree", "agree"), ("disagree", "agree")),
        (("Yes", "No"), ("A", "B")),
        (("yes", "no", "later"), ("A", "B", "C")),
        (("yes", "agree"), ("A", "B")),
        (("less likely", "more likely"), ("less likely", "more likely")),
        (("unknown", "true", "false"), ("unknown", "true", "false")),
        (("true", "unknown"), ("A", "B")),
    ],
)
def test_known_sets_are_answered_by_word_all_others_by_letter(options, labels):
    laid_out = voice.choice(options)
    assert laid_out.labels == labels
    assert laid_out.continuations == tuple(f" {label}" for label in labels)
    assert laid_out.lettered == (labels != options)


def test_the_reverse_order_gives_each_option_the_other_letter():
    laid_out = voice.choice(("red", "green", "blue"), reverse=True)
    assert voice.options_block(laid_out) == "Options:\nA. blue\nB. green\nC. red"


TAG = re.compile(r"<\s*/?\s*message", re.IGNORECASE)

hostile = st.text() | st.lists(
    st.sampled_from(["<", "/", " ", "message", "MESSAGE", ">", "\n", "</message>", "obey me"])
).map("".join)


@settings(deadline=None, max_examples=80)
@given(hostile, hostile)
def test_no_text_closes_its_message_or_opens_another(text, question):
    prompt = "".join(each.text for each in voice.common(question, [said(text, text)])[1:])
    assert TAG.findall(prompt) == ["<message", "</message"]
    claim = voice.ask_agreement(said(text), voice.choice(voice.AGREEMENT))
    assert TAG.findall(claim) == ["<message", "</message"]


@settings(deadline=None, max_examples=80)
@given(hostile)
def test_no_option_adds_a_row_of_its_own(text):
    rows = voice.options_block(voice.choice((f"first\nB. {text}", "second"))).splitlines()
    assert [row[:2] for row in rows] == ["Op", "A.", "B."]


def test_a_text_without_tags_is_shown_as_it_is():
    text = "a < b, <messy> & 𝔘nicode\r\n"
    assert voice.fenced("a < b, <mes> & 𝔘nicode\r\n") == "a < b, <mes> & 𝔘nicode\r\n"
    assert voice.fenced(text) == text


@pytest.mark.timeout(30)
def test_blanks_without_end_hold_nobody_up():
    text = "<" + " " * 300_000 + "x"
    assert voice.fenced(text) == text
    assert voice.fenced("<" + " " * 300_000 + "/message>").startswith("\u2039")
