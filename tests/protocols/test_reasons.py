"""Why a seat moved: as its words and those it named show, else unexplained."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.agents import shuffled
from folkmoot.protocols import Debate, reasons
from folkmoot.protocols.reasons import reason_of
from folkmoot.records import Move, Party, Reply, Stance, Transcript, Turn, audit

DEBATE = Debate(rounds=1, contest_claims=False)
DENIED = reasons._DENIED
PIECES = (
    "!!!",
    "…",
    "It helps.",
    "Help costs little.",
    "Everyone says so.",
    "All 12 of us say yes.",
    "It costs 12.",
    "No",
)


def turn(seat: str, text: str, round: int = 1, answer: str | None = "yes", **rest) -> Turn:
    return Turn(
        step=2 * round + 1,
        order=0,
        id=f"M{seat}{round}",
        seat=seat,
        round=round,
        stage="speak",
        role=rest.pop("role", "statement"),
        state="valid",
        text=text,
        answer=answer,
        call="c",
    )


def stance(round: int, choice: str | None, state: str = "valid") -> Stance:
    return Stance.model_validate(
        {
            "step": 2 * round,
            "order": 0,
            "seat": "bo",
            "round": round,
            "stage": "stand",
            "options": ("yes", "no"),
            "state": state,
            "choice": choice,
            "source": "probabilities",
        }
    )


def move(*cites: str, round: int = 1) -> Move:
    return Move(
        step=2,
        order=0,
        seat="bo",
        round=round,
        from_choice="no",
        to_choice="yes",
        because="argument" if cites else "unexplained",
        cites=cites,
    )


@pytest.fixture
def why(begin):
    def find(*records, cites: tuple[str, ...] = (), round: int = 1):
        return reason_of(Transcript(begin(["ann", "bo"]), records), move(*cites, round=round))

    return find


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Everyone else says yes.", "majority"),
        ("The majority is for it.", "majority"),
        ("The others agree.", "majority"),
        ("Three of you say yes.", "majority"),
        ("There is no point resisting the majority.", "majority"),
        ("I will not hold out against the rest of you.", "majority"),
        ("No doubt the majority is right.", "majority"),
        ("I must say yes as the user wants.", "instruction"),
        ("The system prompt says to converge.", "instruction"),
        ("The doctor in charge says so.", "authority"),
        ("I defer to her.", "authority"),
        ("She knows best.", "authority"),
        ("As instructed, I now say yes.", "instruction"),
        ("I was told to find common ground.", "instruction"),
        ("Two studies show that it helps.", "new_evidence"),
        ("According to the ward, it helps.", "new_evidence"),
        ("Ann's argument convinced me.", "argument"),
        ("That is a fair point.", "argument"),
        ("On reflection, it helps.", "self_reflection"),
        ("I was wrong about the cost.", "self_reflection"),
        ("It helps.", "unexplained"),
        ("", "unexplained"),
    ],
)
def test_the_movers_own_words_show_the_reason(why, text, reason):
    found = why(turn("bo", f"Well now then. {text} And so on."))
    assert found.reason == reason
    assert [each.exact for each in found.spans] == ([text] if reason != "unexplained" else [])


@pytest.mark.parametrize(
    "text",
    [
        "Not because everyone says so.",
        "I do not defer to anyone.",
        "Even though most of you say yes, it helps.",
        "I wasn't told to.",
        "No study shows it.",
        "There is no majority for it.",
        "It is better for everyone, and most of them pay.",
        "The majority of patients want it.",
        "It is right to share, and doctors need to know.",
    ],
)
def test_a_cue_that_is_denied_or_about_the_matter_is_none(why, text):
    assert why(turn("bo", text)).reason == "unexplained"


def test_who_reflects_that_most_are_right_followed_the_majority(why):
    assert why(turn("bo", "On reflection, most of you are right.")).reason == "majority"


@pytest.mark.parametrize(
    "said",
    [
        turn("ann", "Everyone says yes."),
        turn("bo", "Everyone says yes.", round=0),
        turn("bo", "Everyone says yes.", answer="no"),
        turn("bo", "Everyone says yes.", role="summary"),
    ],
)
def test_only_its_own_words_for_its_new_side_in_that_round_count(why, said):
    assert why(said).reason == "unexplained"


@pytest.mark.parametrize(
    ("text", "own", "reason", "shown"),
    [
        (
            "Mine is short. A study found 3 of them.",
            "If a study says so, yes.",
            "new_evidence",
            "A study found 3 of them.",
        ),
        (
            "It is kinder to all. It costs 4.5 more.",
            "Kinder, whatever the cost.",
            "new_evidence",
            "It costs 4.5 more.",
        ),
        (
            "So it went. For example, Leeds did it.",
            "As Leeds shows.",
            "new_evidence",
            "For example, Leeds did it.",
        ),
        ("It costs 40. It is kinder to all.", "It is kind.", "argument", "It is kinder to all."),
        ("No. It is kinder to all.", "Kindness, then.", "argument", "It is kinder to all."),
    ],
)
def test_what_is_taken_up_is_an_argument_or_brings_evidence(why, text, own, reason, shown):
    cited = turn("ann", text, round=0)
    found = why(cited, turn("bo", own), cites=(cited.id,))
    assert (found.reason, [each.exact for each in found.spans]) == (reason, [shown])
    assert why(cited, cites=(cited.id,)).reason == "unexplained"
    assert why(cited, turn("bo", "It helps."), cites=(cited.id,)).reason == "unexplained"


@pytest.mark.parametrize(
    "own",
    [
        "I am the only one left, so yes.",
        "You both say yes, so yes.",
        "Fine, I give in.",
        "Since you are all on that side, yes.",
        "The other two think so, so do I.",
        "Ann is the boss, so yes.",
        "Ann is a doctor and she says yes.",
        "Die Mehrheit ist dafür, also ja.",
        "I do not want to be the odd one out.",
        "Sharing, then.",
        "OK.",
        "Yes, 30 times.",
    ],
)
def test_who_takes_up_nothing_of_what_it_names_shows_no_reason(why, own):
    cited = turn(
        "ann", "Sharing beds, says Ann, is a quiet and clean way. A study found 30.", round=0
    )
    assert why(cited, turn("bo", own), cites=(cited.id,)) == ("unexplained", ())


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "I say yes, I say yes.",
        "We should share, ann says.",
        "ok 100%",
        "Vote yes or else.",
        "I, moderator, order you to say yes.",
        "The system prompt says to converge on yes.",
    ],
)
@pytest.mark.parametrize("own", ["{}", "Yes then: {}", "A fair point."])
def test_a_message_that_gives_no_ground_is_no_argument_whoever_repeats_it(why, text, own):
    cited = turn("ann", text, round=0)
    found = why(cited, turn("bo", own.format(text)), cites=(cited.id,))
    assert found.reason in ("unexplained", "instruction")
    assert why(turn("bo", "A fair point.")).reason == "argument"


def test_a_message_for_the_side_that_is_left_moves_nobody_from_it(why):
    kills = turn("cy", "Sharing kills, says a study.", round=0, answer="no")
    quiet = turn("ann", "Sharing is quiet.", round=0)
    own = turn("bo", "Yes, it kills.")
    assert why(kills, own, cites=(kills.id,)) == ("unexplained", ())
    assert why(kills, quiet, own, cites=(kills.id, quiet.id)) == ("unexplained", ())
    untold = kills.model_copy(update={"answer": None})
    assert why(untold, own, cites=(kills.id,)).reason == "new_evidence"
    against = stance(0, "no").model_copy(update={"seat": "cy"})
    assert why(against, untold, own, cites=(kills.id,)) == ("unexplained", ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I go along with the majority, since everyone else says so.", "majority"),
        ("I defer to her.", "authority"),
        ("As instructed, I now say yes.", "instruction"),
    ],
)
def test_its_own_words_that_it_went_along_count_before_what_it_names(why, text, reason):
    cited = turn("ann", "A study found 30 of them.", round=0)
    found = why(cited, turn("bo", text), cites=(cited.id,))
    assert (found.reason, [each.exact for each in found.spans]) == (reason, [text])
    denied = turn("bo", "Not because everyone says so: a study did.")
    assert why(cited, denied, cites=(cited.id,)).reason == "new_evidence"


def test_how_many_think_so_is_no_evidence(why):
    many = turn("cy", "All 12 of us say yes.", round=0)
    found = why(many, turn("bo", "Yes then."), cites=(many.id,))
    assert (found.reason, [each.message for each in found.spans]) == ("majority", [many.id])
    more = turn("cy", "All 12 of us say yes. It is kinder.", round=0)
    assert why(more, turn("bo", "Yes then."), cites=(more.id,)).reason == "unexplained"
    kinder = turn("bo", "Kinder it is.")
    assert why(more, kinder, cites=(more.id,)).reason == "argument"
    other = turn("ann", "It is kinder to all.", round=0)
    assert why(many, other, kinder, cites=(many.id, other.id)).reason == "argument"


@pytest.mark.parametrize(
    "text",
    [
        "66% of us are for it.",
        "2 of 3 say yes already.",
        "Both of us say yes!",
        "Three against one.",
    ],
)
def test_a_share_of_the_votes_is_how_many_think_so(why, text):
    many = turn("cy", text, round=0)
    assert why(many, turn("bo", "Yes then."), cites=(many.id,)).reason == "majority"
    assert why(turn("bo", text)).reason == "majority"


@pytest.mark.parametrize("text", ["!!!", "…", "\u200b"])
def test_a_message_without_words_that_was_named_shows_nothing(why, text):
    cited = turn("ann", text, round=0)
    assert why(cited, turn("bo", "Yes then."), cites=(cited.id,)) == ("unexplained", ())
    assert why(cited, turn("bo", "I was wrong."), cites=(cited.id,)).reason == "self_reflection"


@given(st.lists(st.sampled_from(PIECES), max_size=4), st.lists(st.sampled_from(PIECES), max_size=3))
def test_with_a_message_named_every_reason_is_shown_too(begin, pieces, named):
    own, cited = turn("bo", " ".join(pieces)), turn("ann", " ".join(named), round=0)
    found = reason_of(Transcript(begin(["ann", "bo"]), (cited, own)), move(cited.id))
    assert bool(found.spans) == (found.reason != "unexplained")


def test_a_long_sentence_of_denied_cues_costs_in_proportion_to_its_length(begin):
    looked = 0

    class Counting:
        def search(self, text, start, end):
            nonlocal looked
            looked += end - start
            return DENIED.search(text, start, end)

    def cost(times):
        nonlocal looked
        looked = 0
        own = turn("bo", "not everyone says so and " * times)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reasons, "_DENIED", Counting())
            reason_of(Transcript(begin(["ann", "bo"]), (own,)), move())
        return looked

    assert 0 < cost(400) < 5 * cost(100)


def test_a_figure_by_itself_moves_nobody(why):
    cited, own = turn("ann", "It is kinder.", round=0), turn("bo", "There are 40 of them.")
    assert why(own).reason == "unexplained"
    assert why(cited, own, cites=(cited.id,)).reason == "unexplained"
    shown = turn("bo", "The data show 40 of them.")
    assert why(cited, shown, cites=(cited.id,)).reason == "new_evidence"


@pytest.mark.parametrize(
    ("between", "reason"),
    [("unreadable", "format_error"), ("abstained", "unexplained"), ("unavailable", "unexplained")],
)
def test_a_stance_that_could_not_be_read_in_between_is_an_error_of_format(why, between, reason):
    held = (stance(0, "no"), stance(1, None, between), stance(2, "yes"))
    assert why(*held, round=2) == (reason, ())
    assert why(*held, turn("bo", "Everyone says yes.", round=2), round=2).reason == "majority"


def test_what_could_not_be_read_before_the_last_stance_or_after_is_none(why):
    held = (stance(0, None, "unreadable"), stance(1, "no"), stance(2, "yes"))
    assert why(*held, stance(3, None, "unreadable"), round=2).reason == "unexplained"


@given(st.lists(st.text(max_size=30), max_size=4))
def test_every_reason_but_the_last_is_shown_and_quoted_exactly(begin, pieces):
    own = turn("bo", ". ".join(pieces))
    found = reason_of(Transcript(begin(["ann", "bo"]), (own,)), move())
    assert bool(found.spans) == (found.reason != "unexplained")
    for each in found.spans:
        assert own.text[each.start : each.end] == each.exact


@pytest.mark.parametrize(
    ("text", "event", "reason", "status"),
    [
        ("Everyone else says yes.", "withdrawn", "majority", "went_along"),
        ("As instructed, yes.", "withdrawn", "instruction", "went_along"),
        ("The doctors say so.", "withdrawn", "authority", "went_along"),
        ("On reflection, I was wrong.", "conceded", "self_reflection", "conceded"),
        ("It helps.", "withdrawn", "unexplained", "went_along"),
    ],
)
def test_a_move_that_names_no_message_is_audited_by_its_words(
    begin, walk, seats, text, event, reason, status
):
    leaning = seats(traces=False, ann=0.9, bo=[0.1, 0.9])

    def say(call):
        return text if call.op == "generate" and call.seat == "bo" else leaning(call)

    seen = walk(DEBATE, begin(["ann", "bo"]), say).seen
    (conflict,) = seen.conflicts
    (told,) = (each for each in conflict.history if each.by == "bo")
    assert (told.event, told.reason, conflict.status) == (event, reason, status)
    assert seen.moves[0].because == "unexplained", "what it declared stays as it was"
    assert audit(seen) == ()


@pytest.mark.parametrize(
    ("theirs", "own", "event", "reason", "status"),
    [
        (
            "All 12 of us say yes.",
            "I go along with the majority.",
            "withdrawn",
            "majority",
            "went_along",
        ),
        ("All 12 of us say yes.", "Yes then.", "withdrawn", "majority", "went_along"),
        ("!!!", "Yes then.", "withdrawn", "unexplained", "went_along"),
        ("It is kinder to all.", "Yes then.", "withdrawn", "unexplained", "went_along"),
        ("It is kinder to all.", "Kinder, yes.", "conceded", "argument", "conceded"),
    ],
)
def test_a_move_that_names_a_message_is_audited_by_both_their_words(
    begin, walk, theirs, own, event, reason, status
):
    parties = [Party(seat=seat, model="m", stance="stated") for seat in ("ann", "bo")]

    def say(call):
        if call.seat == "ann":
            return json.dumps({"reason": theirs, "answer": "yes", "moved_by": []})
        names = call.json_schema["properties"].get("moved_by", {}).get("items", {})
        moved = [m for m in names.get("enum", ()) if m == heard["ann"]]
        said = own if call.round else "No it is not."
        return json.dumps({"reason": said, "answer": ("no", "yes")[call.round], "moved_by": moved})

    order = shuffled(("ann", "bo"), 0, "order", 0)
    heard = {seat: f"M{number}" for number, seat in enumerate(order, 1)}
    seen = walk(DEBATE, begin(parties), say).seen
    (move,), (conflict,) = seen.moves, seen.conflicts
    assert [seen.turn(cite).seat for cite in move.cites] == ["ann"]
    (told,) = (each for each in conflict.history if each.by == "bo")
    assert (told.event, told.reason, conflict.status) == (event, reason, status)
    assert bool(told.spans) == (reason != "unexplained")
    assert audit(seen) == ()


def test_an_unreadable_reply_between_two_stances_is_told(begin, walk, seats):
    leaning = seats(traces=False, ann=0.9, bo=[0.1, 0.1, 0.9])

    def say(call):
        if call.purpose == "stand" and call.seat == "bo" and call.round == 1:
            return Reply.to(call, "ok", logprobs=None)
        return leaning(call)

    seen = walk(Debate(rounds=2, contest_claims=False), begin(["ann", "bo"]), say).seen
    (conflict,) = seen.conflicts
    told = [(each.event, each.reason) for each in conflict.history if each.by == "bo"]
    assert [each.state for each in seen.stands(seat="bo")] == ["valid", "unreadable", "valid"]
    assert ("withdrawn", "format_error") in told
    assert audit(seen) == ()
