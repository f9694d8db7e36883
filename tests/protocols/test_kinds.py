"""Kinds of conflicts: rule kind/4, which anyone can apply again by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.agents.values import SCHWARTZ_20, Vocabulary, values_in
from folkmoot.protocols.kinds import apart, kind
from folkmoot.records import Tension
from folkmoot.records.ends import resolves


def tension(position: str) -> Tension:
    return Tension(value="face", position=position, parties=("ann",))


BOTH = [tension("a"), tension("b")]

ISSUES = {
    "definitional": [
        "Does a scooter count as a vehicle?",
        "Is a hot dog a kind of sandwich?",
        "What is the definition of poverty?",
        "What does “consent” mean?",
        "What is terrorism?",
        "Should a virus be classified as alive?",
    ],
    "interpretive": [
        "Should the clause be read as allowing weapons?",
        "What did the author intend by the ending?",
        "What does the ruling mean for small firms?",
        "Does “some went home” mean that others stayed?",
        "Does her silence imply consent?",
    ],
    "procedural": [
        "Who decides when the doctors differ?",
        "How should we decide between the two plans?",
        "Should we vote on it now?",
        "Which order should the speakers follow?",
        "By secret vote or by show of hands?",
    ],
    "value": [
        "Is it fair to tax inheritance?",
        "Is abortion morally wrong?",
        "Do animals deserve rights?",
    ],
    "preference": [
        "Should we share?",
        "Which colour would be nicer?",
        "Is tea better than coffee?",
        "A friend offers you her seat. Do you take it?",
    ],
    "factual": [
        "Did the mustard go up?",
        "Which country first gave women the right to vote?",
        "Who was the chief justice in 1980?",
        "What side of the road do you have to drive on?",
        "Is the following claim true or false? Pears should be defined as fruit.",
        "Sharing cuts the waiting time.",
        "",
    ],
}


@pytest.mark.parametrize(
    ("wanted", "issue"), [(k, i) for k, issues in ISSUES.items() for i in issues]
)
def test_the_kind_is_read_from_what_is_asked(wanted, issue):
    assert kind(issue) == wanted


@pytest.mark.parametrize(
    ("issue", "tensions", "texts", "wanted"),
    [
        ("Should we share?", BOTH, (), "value"),
        ("Should we share?", BOTH[:1] * 2, (), "preference"),
        ("Should we share?", [], ("It saves nature.", "It keeps our freedom."), "value"),
        (
            "Should we share?",
            [],
            ("It saves nature.", "It harms nature and freedom."),
            "preference",
        ),
        ("Should we share?", BOTH[:1], ("It saves nature.", "It keeps our freedom."), "preference"),
        (
            "Does it take 30 minutes more?",
            BOTH,
            ("It saves nature.", "It keeps our freedom."),
            "factual",
        ),
        ("Is it fair?", [], (), "value"),
        ("I need a poem by noon. It is for my boss.", BOTH, (), "value"),
    ],
)
def test_values_on_both_sides_make_it_a_conflict_of_values(issue, tensions, texts, wanted):
    assert kind(issue, tensions, texts) == wanted


OF_TEXT = [each.model_copy(update={"source": "text"}) for each in BOTH]


@pytest.mark.parametrize(
    "issue",
    [
        "Is torture evil?",
        "Is privacy more important than security?",
        "Which is more important, privacy or security?",
        "Does freedom trump safety?",
        "Is eating meat a sin?",
        "May a doctor lie to a patient?",
        "Do we owe the poor anything?",
        "Was the trial fair?",
        "Abortion is murder.",
        "Is the following claim true or false? Torture is evil.",
        "Who matters more, the one or the five?",
        "When may a doctor lie?",
        "How much freedom did they lose?",
    ],
)
def test_no_judge_resolves_what_sides_with_values_of_their_own_are_asked(issue):
    assert kind(issue, BOTH) == "value"
    assert not resolves("judge", kind(issue, BOTH[:1]))


@pytest.mark.parametrize(
    "issue",
    [
        "Ist es moralisch richtig, die Todesstrafe abzuschaffen?",
        "Sollten wir Tempo 30 einführen?",
        "Faut-il abolir la peine de mort ?",
        "¿Es justo cobrar más a los ricos?",
        "死刑を廃止すべきか?",
    ],
)
def test_what_has_no_word_of_english_is_told_from_the_values_alone(issue):
    assert kind(issue, BOTH) == "value"
    assert kind(issue) == kind(issue, BOTH[:1]) == kind(issue, OF_TEXT) == "preference"


@pytest.mark.parametrize(
    "issue",
    [
        "Did the mustard go up?",
        "How many people died here?",
        "When was the bridge built?",
        "Who invented the telephone?",
        "In which year did Rome fall?",
        "Is the bridge longer than 70 metres?",
    ],
)
def test_what_is_plainly_factual_stays_so_whatever_the_sides_declared(issue):
    assert kind(issue) == kind(issue, BOTH) == "factual"


@pytest.mark.parametrize("issue", ["Is it raining?", "Sharing cuts the waiting time."])
def test_what_nothing_tells_is_factual_whatever_the_sides_declared(issue):
    assert kind(issue) == kind(issue, OF_TEXT) == kind(issue, BOTH) == "factual"


@pytest.mark.parametrize(
    "issue",
    [
        "Is it morally right to ban cars, whatever it means for shop owners?",
        "Is it just that taxes imply hardship for the poor?",
        "Is it fair to define marriage by law?",
        "Is it wrong to execute a man who did not intend to kill?",
        "Does the dignity of patients mean that we must not share?",
        "Should justice be defined as fairness?",
        "How should we decide whether it is morally right to share?",
    ],
)
def test_words_of_right_and_wrong_come_before_words_of_procedure_reading_and_definition(issue):
    assert kind(issue) == kind(issue, BOTH) == "value"


@pytest.mark.parametrize(
    "issue",
    [
        "Should we take a vote on torture?",
        "Should the death penalty be decided by majority vote?",
        "Should prisoners be allowed to vote by secret ballot?",
        "Should a foetus be considered a person?",
        "Should a virus be classified as alive?",
        "Is abortion a form of murder?",
    ],
)
def test_so_do_values_on_both_sides_where_it_is_about_what_to_do_or_names_a_value(issue):
    assert kind(issue) in ("procedural", "definitional")
    assert kind(issue, BOTH) == "value"
    assert kind(issue, BOTH[:1] * 2) == kind(issue)
    assert kind(issue, [], ("It saves nature.", "It keeps our freedom.")) == "value"


@pytest.mark.parametrize(
    ("issue", "wanted"),
    [
        ("What does justice mean?", "definitional"),
        ("What is the definition of fairness?", "definitional"),
        ("How should terrorism be defined?", "definitional"),
        ("Is a hot dog a kind of sandwich?", "definitional"),
        ("Does “it is wrong to lie” mean that “lying is immoral”?", "interpretive"),
        ("How should the clause be read?", "interpretive"),
        ("Should the clause be read as allowing weapons?", "interpretive"),
        ("Who should decide when the doctors differ?", "procedural"),
        ("How should we decide between the two plans?", "procedural"),
        ("Should we vote on it now?", "procedural"),
    ],
)
def test_what_asks_for_nothing_but_a_meaning_a_reading_or_a_procedure_stays_so(issue, wanted):
    assert kind(issue) == kind(issue, BOTH) == wanted


def test_to_vote_for_something_is_no_procedure():
    assert kind("Should we vote to legalise euthanasia?") == "preference"
    assert kind("Should we vote to legalise euthanasia?", BOTH) == "value"


ISSUE_WORDS = st.lists(
    st.sampled_from(
        [
            "should",
            "we",
            "is",
            "it",
            "morally",
            "wrong",
            "fair",
            "vote",
            "by",
            "ballot",
            "define",
            "imply",
            "meant",
            "as",
            "read",
            "who",
            "decides",
            "the",
            "law",
            "what",
            "does",
            "mean",
            "a",
            "form",
            "of",
            "?",
        ]
    ),
    max_size=10,
).map(" ".join)


@given(ISSUE_WORDS)
def test_values_on_both_sides_only_ever_take_a_say_from_a_vote(words):
    without, against = kind(words), kind(words, BOTH)
    assert against in (without, "value")
    for rule in ("vote", "judge"):
        assert resolves(rule, without) or not resolves(rule, against)


def test_only_the_last_question_is_looked_at():
    story = "What does it mean to be loyal? My friend defined it once. "
    assert kind(story + "Did she ever move to Leeds?") == "factual"
    assert kind(story) == "definitional"


@given(st.lists(st.sets(st.sampled_from("abcdef")), min_size=1, max_size=4))
def test_what_is_apart_is_had_by_one_side_and_by_no_other(sides):
    found = apart([sorted(side) for side in sides])
    for at, own in enumerate(found):
        others = [side for place, side in enumerate(sides) if place != at]
        assert set(own) == sides[at].difference(*others)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("It keeps patients SAFE.", {"security-personal"}),
        ("It is unsafe.", set()),
        ("The lawn is green.", set()),
        ("They may decide  for themselves.", {"self-direction-action"}),
    ],
)
def test_values_are_found_by_whole_words(text, values):
    assert set(values_in(text)) == values


def test_where_a_value_is_named_is_told_in_codepoints():
    text = "😀 It saves nature."
    ((start, end),) = values_in(text).values()
    assert text[start:end] == "nature"


def test_a_users_own_values_are_found_by_their_words_or_else_by_their_label():
    own = Vocabulary(
        id="own",
        version="1",
        labels={"hush": "quiet streets", "pace": "speed"},
        words={"pace": ("fast*",)},
    )
    found = values_in("Quiet streets, and faster buses: speed.", own)
    assert list(found) == ["hush", "pace"]
    assert "faster" in "Quiet streets, and faster buses: speed."[slice(*found["pace"])]


def test_every_value_of_the_library_has_words_that_find_it():
    assert set(SCHWARTZ_20.words) == set(SCHWARTZ_20.labels)
    for name, words in SCHWARTZ_20.words.items():
        for word in words:
            assert name in values_in(f"Of {word.replace('*', '')} here."), (name, word)
