"""The answer: one text, put together from the record; where it is silent, the gate says so."""

from folkmoot.protocols import BlindVote, Debate
from folkmoot.protocols.conclude import treatments
from folkmoot.records import Place, audit


def test_the_answer_names_the_sides_and_quotes_them(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.9, cy=0.1)
    seen = walk(BlindVote(), begin(["ann", "bo", "cy"]), leaning).seen
    first = {turn.seat: turn for turn in seen.turns}
    text = seen.answer.text
    assert text.splitlines()[0] == "Yes. Decided by majority 2:1."
    for seat in first:
        quoted = first[seat].text.split(". ")[0] + "."
        assert f"“{quoted}” [{first[seat].id}]" in text
    assert seen.answer.author == "composed"
    assert {cite for each in seen.answer.sentences for cite in each.cites} == {"M1", "M2", "M3"}


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
