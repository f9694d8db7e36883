import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records import Turn, quotation, sentences, span, text_digest


def turn(text: str, state: str = "valid") -> Turn:
    return Turn.model_validate(
        {
            "step": 0,
            "order": 0,
            "id": "M1",
            "seat": "a",
            "round": 0,
            "stage": "speak",
            "role": "statement",
            "state": state,
            "text": text,
            "call": "c0.0",
        }
    )


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith paid 3.5 per cent. I agree.", ["Dr. Smith paid 3.5 per cent.", "I agree."]),
        ("Ask, e.g. Mrs. J. Doe. She knows.", ["Ask, e.g. Mrs. J. Doe.", "She knows."]),
        (
            "Cake, tea, etc. We left at 5 p.m. It rained.",
            ["Cake, tea, etc.", "We left at 5 p.m.", "It rained."],
        ),
        ("It stopped… and began. See No. 5.", ["It stopped… and began.", "See No. 5."]),
        ("It stopped… And began.", ["It stopped…", "And began."]),
        ("I said no. So be it.", ["I said no.", "So be it."]),
        ("The U.S. Senate met.", ["The U.S. Senate met."]),
        ("“Stop!” He did. (Really.) Yes", ["“Stop!”", "He did.", "(Really.)", "Yes"]),
        ("Why?! Because…", ["Why?!", "Because…"]),
        ("See a.b/c.d?e=1 now. Done.", ["See a.b/c.d?e=1 now.", "Done."]),
        (
            "1. First item.\r\n2) Second\n\n - third\n> cited",
            ["First item.", "Second", "third", "cited"],
        ),
        ("这是。那是！好", ["这是。", "那是！", "好"]),
        ("😀 No way. E\u0301 ok? \0 hmm.", ["😀 No way.", "E\u0301 ok?", "\0 hmm."]),
        ("Odd.\u0301 One.", ["Odd.\u0301 One."]),
        ("  \t Padded. \u00a0 So. ", ["Padded.", "So."]),
        ("...\n!!!\n---\n", []),
        ("", []),
    ],
)
def test_where_sentences_end(text, expected):
    assert cut(text) == expected


@given(st.text())
def test_sentences_are_ordered_apart_and_trimmed_and_lose_no_word(text):
    pieces = sentences(text)
    last = 0
    for start, end in pieces:
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        last = end
    inside = {place for start, end in pieces for place in range(start, end)}
    letters = [place for place, letter in enumerate(text) if letter.isalpha()]
    assert set(letters) <= inside


@given(st.text(alphabet=" .!?a1-)\n\0e\u0301😀。No", max_size=60))
def test_a_quotation_slices_out_of_its_message(text):
    quoted = quotation(turn(text))
    if quoted is None:
        assert not any(letter.isalnum() for letter in text)
        return
    assert text[quoted.start : quoted.end] == quoted.exact
    assert quoted.message_sha256 == text_digest(text)
    assert quoted.message == "M1"


@pytest.mark.parametrize(
    "text",
    [
        "No. Records are private. They stay so.",
        "I see what you mean. But trams ruin the shops.",
        "No.",
        "One line.\n\nAnother.",
        "x" * 300,
    ],
)
def test_a_message_is_quoted_with_all_that_it_says(text):
    said = quotation(turn(f" \n{text}\n"))
    assert said is not None
    assert said.exact == text


def test_a_long_message_is_quoted_to_the_last_sentence_that_fits_else_to_the_last_word():
    sentence = "Trams ruin the small shops of the old town. "
    whole = quotation(turn(sentence * 20))
    assert whole is not None
    assert whole.exact == (sentence * 6).strip()
    words = quotation(turn("No. " + "word " * 500))
    assert words is not None
    assert 290 < len(words.exact) <= 300
    assert words.exact.endswith(" word")
    letters = quotation(turn("x" * 1000))
    assert letters is not None
    assert len(letters.exact) == 300


def test_offsets_count_codepoints():
    said = quotation(turn("😀😀 Yes we can. E\u0301"))
    assert said is not None
    assert (said.start, said.end, said.exact) == (0, 17, "😀😀 Yes we can. E\u0301")


def test_what_was_not_heard_is_not_quoted():
    assert quotation(turn("Half of a sen", "unavailable")) is None
    assert quotation(turn("", "empty")) is None
    assert quotation(turn(" \n ... ")) is None
    cut_off = quotation(turn("Half of a sen", "cut_off"))
    assert cut_off is not None
    assert cut_off.exact == "Half of a sen"


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 6)])
def test_a_span_outside_its_message_is_refused(start, end):
    with pytest.raises(ValueError, match="no span"):
        span(turn("Hello"), start, end)


def test_a_long_line_costs_no_more_than_its_length():
    text = "a. " * 20_000 + "Dr. " * 20_000 + "."
    assert len(sentences(text)) > 1
