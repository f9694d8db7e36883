"""Pieces of a text never end inside a character."""

from hypothesis import given
from hypothesis import strategies as st

from folkmoot.pool.embedded.detokenise import Pieces


class Bytes:
    """A tokeniser whose tokens are bytes."""

    def decode(self, tokens: list[int], **_: object) -> str:
        return bytes(tokens).decode("utf-8", "replace")


def pieces_of(tokens: bytes) -> list[str]:
    pieces = Pieces(Bytes())
    found = [pieces.new(tokens[: at + 1]) for at in range(len(tokens))]
    return [*found, pieces.new(tokens, last=True)]


@given(st.text())
def test_joined_they_are_the_text(text):
    text = text.encode("utf-8", "replace").decode()
    found = pieces_of(text.encode())
    assert "".join(found) == text.lstrip()


def test_a_character_comes_whole():
    assert pieces_of("a🙂b".encode()) == ["a", "", "", "", "🙂", "b", ""]


def test_bytes_that_never_become_a_character_are_shown_at_the_end():
    assert pieces_of(b"ok\xf0\x9f") == ["o", "k", "", "", "\ufffd"]


@given(st.binary(max_size=12))
def test_any_bytes_end_as_the_whole_text(tokens):
    whole = tokens.decode("utf-8", "replace").lstrip()
    assert "".join(pieces_of(tokens)) == whole
