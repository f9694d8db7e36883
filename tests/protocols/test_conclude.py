"""The answer: one text, put together from the record; where it is silent, the gate says so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.protocols import BlindVote, Debate, catalogue, named
from folkmoot.records import Place, audit
from folkmoot.records.treat import treatments


def test_the_answer_names_the_sides_and_quotes_them(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.9, cy=0.1)
    seen = walk(BlindVote(), begin(["ann", "bo", "cy"]), leaning).seen
    first = {turn.seat: turn for turn in seen.turns}
    text = seen.answer.text
    assert text.splitlines()[0] == "Yes. Decided by majority 2:1."
    for seat in first:
        assert f"“{first[seat].text}” [{first[seat].id}]" in text
    assert seen.answer.author == "composed"
    assert {cite for each in seen.answer.sentences for cite in each.cites} == {"M1", "M2", "M3"}


@pytest.mark.parametrize(
    ("options", "said"),
    [(("Yes.", "No!"), "Yes. Decided by"), (("はい。", "いいえ。"), "はい。 Decided by")],
)
def test_an_option_with_a_stop_of_its_own_gets_no_second_one(begin, walk, weigh_by, options, said):
    def say(call):
        return weigh_by(call, lambda o: 0.9 if o == options[0] else 0.1) if call.options else "So."

    seen = walk(BlindVote(), begin(["ann", "bo"], options), say).seen
    assert seen.answer.text.startswith(said)
    split = walk(
        BlindVote(),
        begin(["ann", "bo", "cy"], options),
        lambda call: (
            weigh_by(call, lambda o: 0.9 if (o == options[0]) != (call.seat == "cy") else 0.1)
            if call.options
            else "So."
        ),
    ).seen.at(Place(99, 0, "conclude"))
    (right,) = treatments(split, split.answer.text)
    assert right.misstatements == ()
    (wrong,) = treatments(split, f"{options[1]} Decided by majority 2:1.")
    assert wrong.misstatements == (f"{options[1]!r} was not decided for",)


def test_where_all_agree_a_reason_is_quoted(begin, walk, seats):
    seen = walk(BlindVote(), begin(["ann", "bo"]), seats(ann=0.9, bo=0.9)).seen
    assert any(f"“{turn.text}”" in seen.answer.text for turn in seen.turns)
    assert seen.answer.treatments == ()


def test_sentences_of_the_answer_slice_out_of_it(begin, walk, seats):
    seen = walk(Debate(), begin(["ann", "bo", "cy"]), seats(ann=0.9, bo=0.9, cy=0.1)).seen
    text = seen.answer.text
    cut = [text[each.start : each.end] for each in seen.answer.sentences]
    assert all(each.strip() == each != "" for each in cut)
    assert cut[0] == "Yes."


def test_the_gate_flags_silence_on_a_serious_open_conflict_and_on_no_other(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.9, cy=0.1)
    seen = walk(BlindVote(), begin(["ann", "bo", "cy"]), leaning).seen
    seen = seen.at(Place(99, 0, "conclude"))
    (voiced,) = treatments(seen, seen.answer.text)
    assert (voiced.treatment, voiced.flagged) == ("addressed", False)
    (silent,) = treatments(seen, "All is well.")
    assert (silent.treatment, silent.positions_voiced, silent.flagged) == ("silent", (), True)
    quote = seen.conflicts[0].positions[0].spans[0].exact
    (half,) = treatments(seen, f"All is well: “{quote}”")
    assert (half.treatment, half.positions_voiced, half.flagged) == ("partial", ("cf1.a",), False)


def test_silence_on_what_agreement_ended_is_not_flagged(begin, walk, seats):
    leaning = seats(ann=0.9, bo=[0.1, 0.9])
    seen = walk(Debate(contest_claims=False), begin(["ann", "bo"]), leaning).seen
    seen = seen.at(Place(99, 1, "conclude"))
    assert [each.flagged for each in treatments(seen, "All is well.")] == [False]


def test_undecided_open_answers_are_all_set_out(begin, walk, weigh_by):
    def say(call):
        if call.op == "generate":
            return f"The answer of place {call.order}."
        return [1 / len(call.options)] * len(call.options)

    seen = walk(Debate(rounds=0), begin(["ann", "bo"], None), say).seen
    assert seen.decision.winner is None
    assert all(turn.text in seen.answer.text for turn in seen.turns)
    assert audit(seen) == ()


def judged(text: str, begin, walk, seats, **leaning: float):
    """How a text treats the conflict of ann and bo (yes) against cy (no), and the record."""
    leaning = leaning or {"ann": 0.9, "bo": 0.9, "cy": 0.1}
    seen = walk(BlindVote(), begin(list(leaning)), seats(**leaning)).seen
    said = {turn.seat: turn for turn in seen.turns}
    text = text.format(
        **{seat: f"“{turn.text}” [{turn.id}]" for seat, turn in said.items()},
        false=f"“I say so.” [{said['ann'].id}]",
    )
    (found,) = treatments(seen.at(Place(99, 0, "conclude")), text)
    return found


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("yes: ann, cy. {ann}\nno: bo. {cy}", ("cy does not hold 'yes'", "bo does not hold 'no'")),
        ("The panel is split.\n- no: bo and cy.", ("bo does not hold 'no'",)),
        ("Yes: cy. Nobody else.", ("cy does not hold 'yes'",)),
        ("{cy} and {false}", None),
        ('All agree: "I say so." [M77]', ("M77 does not say “I say so.”",)),
        ("No. Decided by majority 2:1.\nyes: ann, bo.\nno: cy.", ("'no' was not decided for",)),
        ("no", ("'no' was not decided for",)),
    ],
)
def test_what_is_not_so_is_a_misstatement_and_is_flagged(begin, walk, seats, text, wrong):
    found = judged(text, begin, walk, seats)
    assert (found.treatment, found.flagged) == ("misstated", True)
    if wrong is None:
        (wrong,) = ((each,) for each in found.misstatements)
        assert "does not say “I say so.”" in wrong[0]
    assert found.misstatements == wrong


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("Yes. Decided by majority.\nyes: bo and ann.\nno: cy.", "addressed"),
        ("Yes.\n- yes: ann, bo. {ann}\n- no: cy. {cy}", "addressed"),
        ("ann and bo hold that {ann}", "partial"),
        ("yes: ann.", "silent"),
        ("yes: cy would have none of it.", "silent"),
        ("No decision was easy. “I say so.” is what nobody said.", "silent"),
        ("Said in so many words: “yes: cy.”", "silent"),
    ],
)
def test_what_is_so_or_cannot_be_checked_is_no_misstatement(begin, walk, seats, text, how):
    assert judged(text, begin, walk, seats).treatment == how


def test_where_nothing_was_decided_no_option_can_have_won(begin, walk, seats):
    tied = {"ann": 0.9, "bo": 0.1}
    assert judged("Yes. So it is.", begin, walk, seats, **tied).treatment == "misstated"
    assert judged("No decision: tied.", begin, walk, seats, **tied).treatment == "silent"


def test_what_a_seat_quotes_or_lists_inside_its_own_words_is_its_own(begin, walk, weigh_by):
    """A message with false holders and a false quotation, itself quoted to the letter."""

    def say(call):
        if call.op == "generate":
            return "yes: cy, ann.\nno: bo. “It harms.” [M9] That is all."
        yes = 0.1 if call.seat == "cy" else 0.9
        return weigh_by(call, lambda o: yes if o == "yes" else 1 - yes)

    seen = walk(BlindVote(), begin(["ann", "bo", "cy"]), say).seen
    seen = seen.at(Place(99, 0, "conclude"))
    text = seen.turns[0].text
    (quoted,) = treatments(seen, f"“{text}” [{seen.turns[0].id}]")
    assert quoted.misstatements == ()
    (said,) = treatments(seen, text)
    assert set(said.misstatements) == {
        "cy does not hold 'yes'",
        "bo does not hold 'no'",
        "M9 does not say “It harms.”",
    }


def opposed(weigh_by, yes: set[str]):
    """Two camps: each agrees with its own claims, and surely with none of the others'."""

    def say(call):
        if call.op == "generate":
            return f"Claim of {call.seat} stands here. More of it."
        if call.purpose == "judge":
            task = next(segment.text for segment in call.segments if segment.label == "task")
            speaker = task.partition("Claim of ")[2].partition(" ")[0]
            ours = (speaker in yes) == (call.seat in yes)
            return weigh_by(call, lambda o: 0.95 if (o == "agree") == ours else 0.05)
        leans = 0.95 if call.seat in yes else 0.05
        return weigh_by(call, lambda o: leans if o == "yes" else 1 - leans)

    return say


EIGHT = ("ann", "bo", "cy", "di", "ed", "flo", "gus", "hal")


def test_the_answer_is_flagged_where_more_is_contested_than_it_says(begin, walk, weigh_by):
    say = opposed(weigh_by, {*EIGHT[:4]})
    seen = walk(Debate(rounds=0), begin(EIGHT), say).seen
    serious = [c for c in seen.conflicts if c.severity.level >= 2]
    assert len(serious) == 9, "the question and eight claims"
    text, found = seen.answer.text, {each.conflict: each for each in seen.answer.treatments}
    assert text.count("\nContested: ") == 3
    flagged = [c for c in serious if found[c.id].flagged]
    assert flagged != []
    for conflict in serious:
        silent = conflict.positions[0].spans[0].exact not in text
        assert (conflict.about != "question" and silent) == found[conflict.id].flagged
        assert (found[conflict.id].treatment == "silent") == found[conflict.id].flagged
    assert {found[c.id].treatment for c in serious if not found[c.id].flagged} >= {"addressed"}
    assert audit(seen) == ()


def test_a_claim_that_is_quoted_as_a_reason_alone_is_only_half_addressed(begin, walk, weigh_by):
    seen = walk(Debate(rounds=0), begin(EIGHT), opposed(weigh_by, {*EIGHT[:4]})).seen
    claim = next(c for c in seen.conflicts if c.about != "question")
    seen = seen.at(Place(99, 0, "conclude"))
    quoted = f"“{claim.positions[0].spans[0].exact}” [{claim.about}]"
    against = ", ".join(claim.positions[1].parties)

    def how(text):
        return next(each for each in treatments(seen, text) if each.conflict == claim.id)

    assert how(f"yes: {', '.join(claim.positions[0].parties)}. {quoted}").treatment == "partial"
    assert how(f"Contested: {quoted} disagree: {against}.").treatment == "addressed"
    assert how(f"{quoted}, with which {against} disagree").treatment == "addressed"
    swapped = how(f"Contested: {quoted} agree: {against}.")
    assert (swapped.treatment, swapped.flagged) == ("misstated", True)
    assert len(swapped.misstatements) == 4


@pytest.mark.parametrize("options", [("yes", "no"), ("a tax on all", "a ban", "neither"), None])
@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
@settings(max_examples=4)
@given(lot=st.integers(0, 10**6))
def test_a_composed_answer_misstates_nothing(begin, walk, anything, name, options, lot):
    params = next(each.params for each in catalogue() if each.name == name)
    needed = {"seat": "ann"} if "seat" in params else {}
    opening = begin(["ann", "bo", "cy", "di"], options, seed=lot)
    seen = walk(named(name, **needed), opening, anything(lot)).seen
    assert [each for each in seen.answer.treatments if each.misstatements] == []
