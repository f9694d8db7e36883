"""The protocols that are controls: who is asked, what is heard, what is decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.graphs.files import read_protocol, rebuilt, write_protocol
from folkmoot.protocols import (
    AsBefore,
    Best,
    BestOfN,
    BlindVote,
    Composed,
    CritiqueRevise,
    Dar,
    Debate,
    FanIn,
    Gate,
    GatedDebate,
    Group,
    Hearing,
    Noise,
    NoisePeers,
    Parallel,
    Repeat,
    SelfConsistency,
    SelfCorrection,
    Setting,
    Settled,
    Single,
    Speak,
    Stand,
    Visibility,
    deaf,
    noised,
    reference,
    yoked,
)
from folkmoot.protocols.filters.noise import ELSEWHERE
from folkmoot.records import Reply

SEATS = ("ann", "bo", "cy")
YES_NO = ("yes", "no")
CHOICE = Setting(SEATS, YES_NO)


class Marked:
    """Seats that say their own name in every text, and lean as they are told."""

    def __init__(self, **yes):
        self.yes = yes

    def __call__(self, call):
        if call.op == "generate":
            return f"{call.seat.upper()} says that this {call.id} holds. And more."
        likely = self.yes.get(call.seat, 0.8)
        first = call.options[0].strip()
        if first not in ("yes", "no"):
            return [0.9, *[0.1 / (len(call.options) - 1)] * (len(call.options) - 1)]
        return [likely, 1 - likely] if first == "yes" else [1 - likely, likely]


@pytest.mark.parametrize("options", [YES_NO, None], ids=["choice", "open"])
def test_self_correction_hears_itself_and_nobody_else(begin, walk, prompt, options):
    went = walk(SelfCorrection(rounds=3), begin(SEATS, options), Marked(ann=0.9, bo=0.1))
    later = [call for call in went.calls if call.round > 0 and call.purpose != "rank"]
    assert {call.round for call in later} == {1, 2, 3}
    for call in later:
        heard = {seat for seat in SEATS if f"{seat.upper()} says" in prompt(call)}
        assert heard == {call.seat}


def test_self_correction_has_all_its_rounds_though_all_agree(begin, walk):
    went = walk(SelfCorrection(rounds=4), begin(SEATS), Marked())
    assert max(call.round for call in went.calls) == 4
    assert went.seen.decision.winner == "yes"


def test_one_seat_can_correct_itself_alone(begin, walk):
    went = walk(SelfCorrection(rounds=2, only="bo"), begin(SEATS), Marked(bo=0.1))
    assert {call.seat for call in went.calls} == {"bo"}
    assert went.seen.decision.winner == "no"
    assert "'zoe'" in SelfCorrection(only="zoe").faults(SEATS)[0]


def test_its_prompts_are_those_of_a_debate_without_the_peers(begin, walk):
    leaning = Marked(ann=0.9, bo=0.1)
    nobody = {"name": "custom", "edges": ()}
    debate = Debate(rounds=1, contest_claims=False, topology=nobody)
    one = walk(SelfCorrection(rounds=1), begin(SEATS), leaning).calls
    two = walk(debate, begin(SEATS), leaning).calls
    assert {call.round for call in one} == {0, 1}
    assert [call.segments for call in one if call.round == 0] == [
        call.segments for call in two if call.round == 0
    ]
    assert len(one) == len(two)


@pytest.mark.parametrize("options", [YES_NO, None], ids=["choice", "open"])
def test_peers_are_noise_and_a_seats_own_words_are_its_own(begin, walk, prompt, options):
    protocol = NoisePeers(rounds=2, contest_claims=False)
    went = walk(protocol, begin(SEATS, options), Marked(ann=0.9, bo=0.1, cy=0.6))
    later = [call for call in went.calls if call.round > 0 and call.purpose != "rank"]
    assert later
    for call in later:
        text = prompt(call)
        assert {seat for seat in SEATS if f"{seat.upper()} says" in text} <= {call.seat}
        assert ' answer="' not in text, "what peers argue for is not shown"
        messages = [each for each in call.segments if each.label.startswith("M")]
        assert len(messages) == len(SEATS) * call.round, "as many messages as in the debate"


def test_noise_is_as_long_in_words_and_on_record(begin, walk):
    seen = walk(NoisePeers(rounds=1), begin(SEATS), Marked(ann=0.9, bo=0.1)).seen
    assert {each.filter for each in seen.filterings} == {"noise"}
    for each in seen.filterings:
        assert not each.held
        assert {held.message for held in each.altered} == {
            turn.id for turn in seen.turns if turn.seat != each.seat and turn.round == 0
        }


@given(
    st.lists(st.text("ab .", min_size=1, max_size=30), min_size=1, max_size=5).filter(
        lambda texts: any(text.split() for text in texts)
    ),
    st.integers(0, 999),
)
def test_noise_has_the_words_of_its_texts_and_the_number_of_the_message(begin, walk, texts, seed):
    seen = walk(Debate(rounds=0), begin(SEATS, seed=seed), Marked()).seen
    noise = Noise(texts=tuple(texts))
    kept = noise.keep(seen, "ann", seen.turns)
    assert (
        set(kept.texts) == {turn.id for turn in seen.turns if turn.seat != "ann"} == set(kept.why)
    )
    words = {word for text in texts for word in text.split()}
    for message, text in kept.texts.items():
        assert len(text.split()) == len(seen.turn(message).text.split())
        assert set(text.split()) <= words
    assert kept == noise.keep(seen, "ann", seen.turns)


def test_all_readers_are_shown_the_same_noise_and_other_messages_other_noise(begin, walk):
    seen = walk(Debate(rounds=0), begin(SEATS), Marked()).seen
    shown = {reader: Noise().keep(seen, reader, seen.turns).texts for reader in SEATS}
    both = shown["ann"].keys() & shown["bo"].keys()
    assert both
    assert all(shown["ann"][each] == shown["bo"][each] for each in both)
    assert len(set(shown["ann"].values())) == 2


def test_noise_needs_words():
    with pytest.raises(ValueError, match="at least one word"):
        Noise(texts=("", "  "))
    assert all(len(text.split()) > 7 for text in ELSEWHERE)
    assert len(set(ELSEWHERE)) == len(ELSEWHERE)


def test_everything_that_hears_hears_noise_wherever_it_stands():
    hearing = Hearing(filter=Dar(), visibility=Visibility(confidence=True, tally=True))
    speak = Speak(hearing=hearing)
    body = (Repeat((speak,), 2), Gate(Settled(), (speak,), (Group(SEATS, (FanIn(speak, 2),)),)))
    changed = noised((*body, Parallel((Group(("ann",), (speak,)),)), Best()), Noise())
    said = str(changed)
    assert said.count("Noise(") == 4
    assert said.count("Dar(") == 4, "the filters that were there stay"
    assert "confidence=True" not in said
    assert "tally=True" not in said
    assert changed[-1] == Best()


def test_a_protocol_in_which_nobody_hears_is_deaf():
    assert deaf(SelfConsistency(seat="ann").parts(Setting(SEATS, YES_NO)))
    assert deaf(CritiqueRevise().parts(Setting(SEATS)))
    assert not deaf(Debate().parts(Setting(SEATS, YES_NO)))
    assert deaf(BlindVote().parts(CHOICE))
    assert deaf(Debate(rounds=0).parts(CHOICE))
    assert not deaf((Stand(), Repeat((Stand(),), 1)))
    assert not deaf((Stand(), Stand(hearing=Hearing(same_round=True))))


@pytest.mark.parametrize("protocol", [Debate(rounds=3), GatedDebate(rounds=3)])
@pytest.mark.parametrize("options", [YES_NO, None], ids=["choice", "open"])
def test_yoked_parts_take_the_way_of_the_other_run(begin, walk, protocol, options):
    """Whoever agrees in it, and whoever would have."""
    apart, together = Marked(ann=0.95, bo=0.05, cy=0.9), Marked(ann=0.95, bo=0.96, cy=0.97)
    opening = begin(SEATS, options)
    for here, there in ((apart, together), (together, apart)):
        run = walk(protocol, opening, here)
        parts = yoked(protocol.parts(Setting.of(opening)), run.seen)
        control = Composed(name="yoked", parts=parts)
        other = walk(control, opening, there)
        assert other.stages == run.stages
        assert [check.holds for check in other.seen.checks] == [c.holds for c in run.seen.checks]
        assert {check.rule for check in other.seen.checks} <= {"as-before"}
        assert max(t.round for t in other.seen.turns) == max(t.round for t in run.seen.turns)


def test_yoked_parts_end_where_the_other_run_never_came(begin, walk):
    parts = (
        Stand(),
        Repeat((Stand(), Speak()), 5, AsBefore()),
        *Single(seat="ann").parts(CHOICE)[2:],
    )
    went = walk(Composed(name="short", parts=parts), begin(SEATS), Marked())
    assert went.seen.turns == ()
    assert went.seen.checks[0].says == "the other run did not look here"


def test_yoked_parts_can_be_written_down_and_read(begin, walk, tmp_path):
    run = walk(Debate(rounds=2), begin(SEATS), Marked(ann=0.9, bo=0.1)).seen
    noisy = noised(yoked(Debate(rounds=2).parts(CHOICE), run), Noise(texts=("a b c",)))
    protocol = Composed(name="control", parts=noisy)
    write_protocol(protocol, tmp_path / "control.yaml")
    assert read_protocol(tmp_path / "control.yaml") == protocol
    assert rebuilt(reference(protocol, CHOICE)) == protocol


def scoring(said, agrees):
    """Draws in the order of `said`, agreed with as `agrees` has it for each text."""

    def answer(call):
        if call.op == "generate":
            return said[call.order]
        task = next(each.text for each in call.segments if each.label == "task")
        likely = next(score for text, score in agrees.items() if f"\n{text}\n" in task)
        if isinstance(likely, str):
            return Reply.to(call, likely)
        first = call.options[0].strip() == "agree"
        return [likely, 1 - likely] if first else [1 - likely, likely]

    return answer


SAID = ("yes, it helps", "no, it costs", "Perhaps", "no, it hurts", "yes, so")


def test_the_best_draw_decides_unchanged(begin, walk):
    agrees = {"yes, it helps": 0.6, "no, it costs": 0.2, "no, it hurts": 0.9, "yes, so": 0.7}
    went = walk(BestOfN(seat="bo", judge="cy", draws=5), begin(SEATS), scoring(SAID, agrees))
    decision, (ballot,) = went.seen.decision, went.seen.ballots
    assert (decision.winner, decision.decided_by, decision.tally) == (
        "no",
        "cy",
        {"yes": 0.7, "no": 0.9},
    )
    assert ballot.ranking == ("no", "yes")
    assert "M4 has the best score of 4 scored: 0.90" in decision.reason
    draws = [call for call in went.calls if call.op == "generate"]
    scores = [call for call in went.calls if call.op == "choose"]
    assert (len(draws), {call.seat for call in draws}) == (5, {"bo"})
    assert (len(scores), {call.seat for call in scores}) == (8, {"cy"})


def test_of_equal_scores_the_earlier_draw_is_taken(begin, walk):
    agrees = {"yes, it helps": 0.1, "no, it costs": 0.8, "no, it hurts": 0.1, "yes, so": 0.8}
    seen = walk(BestOfN(draws=5), begin(SEATS), scoring(SAID, agrees)).seen
    assert seen.decision.winner == "no"
    assert "M2 has the best score" in seen.decision.reason


def test_on_an_open_question_the_best_text_is_the_answer(begin, walk):
    agrees = dict(zip(SAID, (0.1, 0.2, 0.85, 0.3, "unavailable"), strict=True))
    seen = walk(BestOfN(draws=5), begin(SEATS, None), scoring(SAID, agrees)).seen
    assert seen.turn(seen.decision.winner).text == "Perhaps"
    assert seen.answer.text.startswith("“Perhaps” [M3]\n")
    assert len(seen.ballots[0].ranking) == 4, "what was not scored is not ranked"


def test_more_draws_than_letters_can_be_scored(begin, walk, anything):
    seen = walk(BestOfN(draws=60), begin(SEATS, None), anything(3, 0.0)).seen
    assert seen.decision.status == "decided"
    assert len(seen.ballots[0].options) == 60


@pytest.mark.parametrize("options", [YES_NO, None], ids=["choice", "open"])
def test_where_nothing_can_be_scored_nothing_is_decided(begin, walk, options):
    def silent(call):
        return Reply.to(call, "unavailable") if call.op == "choose" else "yes, since"

    seen = walk(BestOfN(draws=3), begin(SEATS, options), silent).seen
    assert (seen.decision.status, seen.decision.not_valid) == ("deadlock", {"ann": "unavailable"})


def test_on_an_open_question_no_more_is_drawn_than_can_be_ranked(begin, walk, anything):
    protocol = SelfConsistency(seat="ann", draws=40)
    calls = walk(protocol, begin(SEATS, None), anything(1, 0.0)).calls
    assert sum(call.op == "generate" for call in calls) == 26
    calls = walk(protocol, begin(SEATS), anything(1, 0.0)).calls
    assert len(calls) == 40
