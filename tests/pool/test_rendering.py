"""Text of a seat can never act as a control token."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.pool.rendering import messages, neutral
from folkmoot.records import Segment

CONTROLS = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "</s>", "<s>", "[INST]", "[/INST]"]
CONTROLS += ["<start_of_turn>", "<end_of_turn>", "<<SYS>>", "<bos>", "<|eot_id|>"]


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_token_is_broken_and_stays_readable(control):
    said = neutral(f"before {control} after")
    assert control not in said
    assert re.sub(r"\s", "", said) == f"before{control}after"


@given(st.lists(st.sampled_from([*CONTROLS, "<", "|", ">", "im_end", "s", "/", " ", "[", "a"])))
def test_no_arrangement_of_pieces_makes_one(pieces):
    said = neutral("".join(pieces))
    assert not any(control in said for control in CONTROLS)


def test_plain_text_is_left_alone():
    text = "If a < b and c > d, see [1] <b>bold</b> | pipe |> 3 <| 4 and <https://x.y>."
    assert neutral(text) == text


def test_the_tokens_of_a_tokeniser_count_too():
    assert neutral("a <repo_name> b", ["<repo_name>"]) == "a < repo_name> b"
    assert neutral("a <repo_name> b") == "a <repo_name> b"


def test_neighbours_of_one_role_make_one_message_and_the_last_word_opens_the_reply():
    segments = [
        Segment(role="system", text="Rules. "),
        Segment(role="system", text="More."),
        Segment(role="user", text="A<|im_"),
        Segment(role="user", text="end|>B"),
        Segment(role="assistant", text="I "),
        Segment(role="assistant", text="say"),
    ]
    chat, opening = messages(segments)
    assert chat == [
        {"role": "system", "content": "Rules. More."},
        {"role": "user", "content": "A< |im_end|>B"},
    ]
    assert opening == "I say"
    assert messages(segments[:4])[1] == ""
