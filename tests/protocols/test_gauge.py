"""Values in tension: those declared, else those that the sides' words name."""

import pytest

from folkmoot.agents.values import SCHWARTZ_20
from folkmoot.protocols import Debate
from folkmoot.protocols.gauge import vocabulary_of
from folkmoot.records import Party
from folkmoot.records.opening import VocabularyRef
from tests.protocols.conftest import weighed

DEBATE = Debate(rounds=0, contest_claims=False)
GREEN = "First this. It saves nature."
FREE = "It costs us our freedom."


def saying(leaning, **texts: str):
    def say(call):
        return texts[call.seat] if call.op == "generate" else leaning(call)

    return say


def tensions(begin, walk, seats, parties, **texts: str):
    names = ("ann", "bo", "cy")
    given = {**dict.fromkeys(names, "So it is."), **texts}
    say = saying(seats(ann=0.9, bo=0.1, cy=0.1), **given)
    seen = walk(DEBATE, begin(parties), say).seen
    return seen, seen.conflicts[0]


def plain(**values: dict[str, float]) -> list[Party]:
    return [Party(seat=s, model="m", values=values.get(s, {})) for s in ("ann", "bo", "cy")]


def test_where_nobody_declared_any_values_are_read_from_what_is_said(begin, walk, seats):
    seen, conflict = tensions(begin, walk, seats, plain(), ann=GREEN, cy=FREE)
    found = [(t.value, t.position, t.parties, t.source) for t in conflict.values_in_tension]
    assert found == [
        ("universalism-nature", "cf1.a", ("ann",), "text"),
        ("power-resources", "cf1.b", ("cy",), "text"),
        ("self-direction-action", "cf1.b", ("cy",), "text"),
    ]
    first = conflict.values_in_tension[0]
    assert (first.span.exact, first.vocabulary) == ("It saves nature.", "schwartz20/touche23")
    assert seen.turn(first.span.message).text[first.span.start : first.span.end] == first.span.exact
    assert conflict.kind == "value"


def test_what_only_the_name_of_an_option_says_is_in_no_tension_and_yet_of_values(
    begin, walk, seats
):
    options = ("protect nature", "keep our freedom")
    say = saying(seats(ann=0.9, bo=0.1, cy=0.1), ann="So be it.", bo="So not.", cy="So not, no.")

    def leaning(call):
        return (
            say(call)
            if call.op == "generate"
            else weighed(call, lambda o: 9 if o == mine(call) else 1)
        )

    def mine(call):
        return options[call.seat != "ann"]

    seen = walk(DEBATE, begin(plain(), options), leaning).seen
    (conflict,) = seen.conflicts
    assert conflict.values_in_tension == (), "a tension shows the sentence that names the value"
    assert conflict.kind == "value"


def test_what_both_sides_name_is_in_no_tension(begin, walk, seats):
    _, conflict = tensions(begin, walk, seats, plain(), ann=GREEN, bo="Nature loses.")
    assert conflict.values_in_tension == ()
    assert conflict.kind == "preference"


def test_what_the_user_says_is_of_values_is(begin, walk, seats):
    opening = begin(plain(), question="Did the mustard go up?")
    for of_values, kind in ((False, "factual"), (True, "value")):
        asked = opening.model_copy(update={"of_values": of_values})
        (conflict,) = walk(DEBATE, asked, seats(ann=0.9, bo=0.1, cy=0.1)).seen.conflicts
        assert conflict.kind == kind


@pytest.mark.parametrize("who", ["ann", "bo"])
def test_where_anybody_declared_one_what_is_said_does_not_count(begin, walk, seats, who):
    parties = plain(**{who: {"face": 1.0}})
    _, conflict = tensions(begin, walk, seats, parties, ann=GREEN, bo=FREE)
    (found,) = conflict.values_in_tension
    assert (found.value, found.parties, found.source, found.span) == (
        "face",
        (who,),
        "declared",
        None,
    )


def test_a_declared_value_names_its_vocabulary(begin, walk, seats):
    own = VocabularyRef(id="own", version="3", labels={"hush": "quiet streets"})
    parties = [Party(seat="ann", model="m", values={"hush": 1.0}, vocabulary=own), *plain()[1:]]
    _, conflict = tensions(begin, walk, seats, parties)
    (found,) = conflict.values_in_tension
    assert (found.value, found.vocabulary) == ("hush", "own/3")


def test_texts_are_read_by_the_panels_vocabulary(begin):
    own = VocabularyRef(id="own", version="3", labels={"hush": "quiet streets"})
    declared = Party(seat="ann", model="m", values={"hush": 1.0}, vocabulary=own)
    found = vocabulary_of(begin([declared, "bo"]))
    assert (found.id, found.version, found.labels) == ("own", "3", {"hush": "quiet streets"})
    assert vocabulary_of(begin(["ann"])) is SCHWARTZ_20
