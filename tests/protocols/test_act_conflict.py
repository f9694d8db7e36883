"""Rule acts/3: who attacks which message, who stands by it, and what becomes of it."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.protocols.act_conflict import act_conflicts
from folkmoot.records import ConflictLog, Party, Stance, Transcript
from folkmoot.records.attribution import attributions
from folkmoot.records.audit import positions, quotations
from folkmoot.records.ends import resolves
from folkmoot.records.terms import ActName, ConflictKind
from tests.protocols.threads import Threads
from tests.records.test_growth import work

SEATS = ("ann", "bo", "cy", "di")


@pytest.fixture
def said():
    """ann has made a claim, M1."""
    threads = Threads(*SEATS)
    threads.say("ann", "It helps the town. And more.")
    return threads


def sides(conflict):
    return {each.id: each.parties for each in conflict.positions}


def events(conflict):
    return [(each.event, each.by) for each in conflict.history]


def only(threads):
    (conflict,) = act_conflicts(threads.seen)
    return conflict


def test_an_attack_opens_a_conflict_about_the_message(said):
    attack = said.act("bo", "attack", "M1", "It ruins the shops. Really.", "factual")
    conflict = only(said)
    assert conflict.issue == "Does this hold: “It helps the town. And more.”?"
    assert (conflict.about, conflict.kind, conflict.status) == ("M1", "factual", "open")
    assert sides(conflict) == {"a": ("ann",), "b": ("bo",)}
    assert [each.held_first for each in conflict.positions] == [("ann",), ("bo",)]
    assert [[s.exact for s in each.spans] for each in conflict.positions] == [
        ["It helps the town. And more."],
        ["It ruins the shops. Really."],
    ]
    (opened,) = conflict.history
    assert (opened.event, opened.by, opened.round, opened.to_position) == ("opened", "bo", 2, "b")
    assert [span.message for span in opened.spans] == [attack]
    assert (conflict.detection.method, conflict.detection.rule) == ("protocol_act", "acts/3")


def test_without_an_attack_there_is_no_conflict(said):
    said.act("bo", "support", "M1", "Yes, it does.")
    said.act("cy", "qualify", "M1", "In the centre.")
    said.act("cy", "concede", "M1", "I grant it.")
    said.act("ann", "hold", "M1", "I stay with it.")
    said.act("di", "claim", None, "The moon is far.")
    assert act_conflicts(said.seen) == []


def test_attacks_on_attacks_are_one_conflict_about_the_root(said):
    first = said.act("bo", "attack", "M1", "It ruins the shops.")
    second = said.act("ann", "attack", first, "The shops do well.", "value")
    said.act("cy", "attack", second, "Two have closed.", "factual")
    said.act("di", "attack", first, "Nobody shops there.", "value")
    conflict = only(said)
    assert conflict.about == "M1"
    assert sides(conflict) == {"a": ("ann", "di"), "b": ("bo", "cy")}
    told = [("opened", "bo"), ("sharpened", "ann"), ("sharpened", "cy"), ("sharpened", "di")]
    assert events(conflict) == told
    assert conflict.status == "open"
    spans = [span.exact for span in conflict.positions[1].spans]
    assert spans == ["It ruins the shops.", "Two have closed."], "not what defends the message"
    assert conflict.kind == "factual", "nor is it theirs to say what the attack is over"


def test_an_attack_on_a_hold_is_about_what_it_holds_to(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    hold = said.act("ann", "hold", "M1", "I stay with it.")
    said.act("cy", "attack", hold, "That is stubborn.")
    assert sides(only(said)) == {"a": ("ann",), "b": ("bo", "cy")}


def test_an_attack_on_a_support_is_a_conflict_of_its_own(said):
    support = said.act("bo", "support", "M1", "The air gets better.")
    said.act("cy", "attack", support, "The air is fine.")
    conflict = only(said)
    assert (conflict.about, sides(conflict)) == (support, {"a": ("bo",), "b": ("cy",)})


def test_who_supports_or_grants_stands_with_the_author(said):
    said.act("cy", "support", "M1", "Yes, it does.")
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("di", "concede", "M1", "I grant it.")
    conflict = only(said)
    assert sides(conflict) == {"a": ("ann", "cy", "di"), "b": ("bo",)}
    assert (conflict.status, events(conflict)) == ("open", [("opened", "bo")])


def test_an_attacker_that_concedes_says_what_moved_it(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    reply = said.act("bo", "concede", "M1", "The town does gain, I see.")
    conflict = only(said)
    assert (conflict.status, sides(conflict)) == ("conceded", {"a": ("ann", "bo"), "b": ()})
    event = conflict.history[-1]
    assert (event.event, event.by, event.from_position, event.to_position) == (
        "conceded",
        "bo",
        "b",
        "a",
    )
    assert (event.reason, event.cites) == ("argument", ("M1",))
    assert [span.message for span in event.spans] == [reply, "M1"]


def test_an_author_concedes_to_the_attack(said):
    attack = said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("ann", "concede", attack, "So it ruins them.")
    conflict = only(said)
    assert (conflict.status, sides(conflict)) == ("conceded", {"a": (), "b": ("ann", "bo")})
    assert conflict.history[-1].cites == (attack,)
    assert conflict.positions[0].held_first == ("ann",)


def test_one_that_changes_sides_without_conceding_went_along(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("bo", "support", "M1", "It is good.")
    conflict = only(said)
    assert (conflict.status, events(conflict)[-1]) == ("went_along", ("withdrawn", "bo"))
    assert (conflict.history[-1].reason, conflict.history[-1].spans) == ("unexplained", ())


def test_an_attack_after_a_concession_reopens(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("bo", "concede", "M1", "It does help.")
    said.act("bo", "attack", "M1", "But the noise is worse.")
    conflict = only(said)
    told = ["opened", "conceded", "reopened", "withdrawn"]
    assert [name for name, _ in events(conflict)] == told
    assert (conflict.status, sides(conflict)["b"]) == ("narrowed", ("bo",))
    assert conflict.positions[1].spans[0].exact == "But the noise is worse."


def test_with_one_attacker_left_a_concession_narrows(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("cy", "attack", "M1", "It is too dear.")
    said.act("bo", "concede", "M1", "The shops do well.")
    conflict = only(said)
    assert (conflict.status, sides(conflict)) == ("narrowed", {"a": ("ann", "bo"), "b": ("cy",)})


def test_qualifying_narrows_and_changes_no_side(said):
    said.act("di", "qualify", "M1", "In the centre at least.")
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("cy", "qualify", "M1", "Only on Sundays.")
    said.act("bo", "qualify", "M1", "Only the small shops suffer.")
    conflict = only(said)
    assert sides(conflict) == {"a": ("ann",), "b": ("bo",)}
    assert events(conflict) == [("opened", "bo"), ("narrowed", "cy"), ("narrowed", "bo")]
    assert conflict.status == "narrowed"


def test_of_equally_careful_kinds_it_is_what_the_opener_says():
    worded = Threads("ann", "bo", "cy", "di")
    worded.say("ann", "A scooter counts as a vehicle.")
    worded.act("bo", "attack", "M1", "It does not.")
    assert only(worded).kind == "definitional", "the rule over words"
    for seat in ("cy", "di"):
        worded.act(seat, "attack", "M1", f"It is not meant so, says {seat}.", "interpretive")
    assert only(worded).kind == "definitional", "it is not theirs to say"
    worded.act("bo", "attack", "M1", "It does not for us.", "procedural")
    assert only(worded).kind == "procedural"


@pytest.mark.parametrize("kind", get_args(ConflictKind))
def test_who_joins_changes_neither_what_it_is_over_nor_how_sure_the_two_are(kind):
    """Not by the kind it names, nor by values that it has or says, nor by its own judgement."""

    def joined(*others):
        di = Party(seat="di", model="m", values={"security: societal": 1.0})
        threads = Threads("ann", "bo", "cy", di)
        threads.say("ann", "We should help people in need.")
        threads.act("bo", "attack", "M1", "They have all they need.", "factual")
        for seat, words in others:
            threads.act(seat, "attack", "M1", words, kind)
            threads.records.append(faint(seat))
        return only(threads)

    alone = joined()
    after = joined(("cy", "The shops should be free."), ("di", "Safety matters more."))
    assert (after.kind, after.severity.intensity) == (alone.kind, alone.severity.intensity)
    assert [each.event for each in after.history] == ["opened", "sharpened", "sharpened"]
    assert after.severity.breadth > alone.severity.breadth


def test_a_joiner_that_gives_up_for_nothing_takes_no_concession_back(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("bo", "concede", "M1", "On reflection, I was wrong.")
    said.act("di", "attack", "M1", "Nonsense, says di.")
    assert only(said).status == "narrowed"
    said.act("di", "support", "M1", "Whatever then.")
    conflict = only(said)
    assert (conflict.status, events(conflict)[-1]) == ("conceded", ("withdrawn", "di"))


def test_a_joiner_that_gives_up_for_a_reason_makes_no_concession_of_another(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("bo", "support", "M1", "Whatever then.")
    said.act("di", "attack", "M1", "Nonsense, says di.")
    said.act("di", "concede", "M1", "On reflection, I was wrong.")
    assert only(said).status == "went_along"


def test_where_they_say_nothing_the_rule_over_words_says_the_kind():
    normative = Threads(*SEATS)
    normative.say("ann", "We should close it.")
    normative.act("bo", "attack", "M1", "No, we should not.")
    assert only(normative).kind == "preference"


def test_one_against_one_is_low_and_more_of_the_panel_is_not(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    assert (only(said).severity.level, only(said).severity.breadth) == (1, 0.0)
    said.act("cy", "attack", "M1", "It is too dear.")
    said.act("di", "support", "M1", "It is good.")
    severity = only(said).severity
    assert (severity.level, severity.breadth) == (3, 1.0)
    small = Threads("ann", "bo")
    small.say("ann", "It helps the town.")
    small.act("bo", "attack", "M1", "It ruins the shops.")
    assert only(small).severity.level == 1, "a panel of two is no wider a split"


def test_words_about_red_lines_make_no_trifle_severe():
    cy = Party(seat="cy", model="m", red_lines=("selling patient records",))
    threads = Threads("ann", "bo", cy)
    threads.say("ann", "Pears are nice.")
    threads.act("cy", "attack", "M1", "Pears are like selling patient records.", "value")
    assert only(threads).severity.level == 1


def test_severity_is_that_of_when_they_last_differed(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("cy", "attack", "M1", "It is too dear.")
    said.act("bo", "concede", "M1", "The town does well.")
    said.act("cy", "concede", "M1", "It is a help.")
    conflict = only(said)
    assert (conflict.status, conflict.severity.breadth) == ("conceded", 0.5)


def faint(seat):
    """A judgement of M1 that is hardly one."""
    return Stance(
        step=99,
        order=SEATS.index(seat),
        seat=seat,
        round=1,
        stage="judge",
        about="M1",
        options=("agree", "disagree"),
        state="valid",
        choice="disagree",
        probabilities={"agree": 0.45, "disagree": 0.55},
        source="probabilities",
    )


def test_severity_counts_how_sure_they_judged_the_message(said):
    for seat in ("bo", "cy"):
        said.act(seat, "attack", "M1", f"It ruins the shops, says {seat}.")
    sure = only(said).severity
    said.records.append(faint("bo"))
    severity = only(said).severity
    assert (sure.level, severity.intensity, severity.level) == (3, 0.1, 1)


def test_acts_that_are_not_a_seats_to_do_change_nothing(said):
    said.act("bo", "attack", "M1", "It ruins the shops.")
    before = only(said)
    said.act("bo", "concede", "M1", "bo concedes.", by="cy")
    said.act("ann", "concede", "M2", "ann concedes.", by="cy")
    said.act("ann", "attack", "M1", "I attack myself.")
    said.act("cy", "hold", "M1", "I hold what is not mine.")
    said.act("cy", "attack", "M99", "There is none.")
    said.act("cy", "attack", "M8", "I attack this very message.")
    said.act("cy", "support", None, "I support nothing.")
    assert only(said) == before


def test_a_thread_cannot_run_in_a_circle(said):
    said.act("bo", "attack", "M3", "What is said next is wrong.")
    said.act("ann", "attack", "M2", "What was said before is wrong.")
    conflict = only(said)
    assert (conflict.about, sides(conflict)) == ("M2", {"a": ("bo",), "b": ("ann",)})


def test_a_message_without_a_sentence_is_not_thereby_beyond_attack():
    threads = Threads(*SEATS)
    threads.say("ann", "?!\u200b")
    threads.act("bo", "attack", "M1", "…")
    conflict = only(threads)
    assert conflict.issue == "Does M1 hold?"
    assert [each.spans for each in conflict.positions] == [(), ()]


@pytest.mark.parametrize("letter", ["x", "x y "])
def test_a_long_sentence_is_quoted_in_part_and_to_the_letter(letter):
    threads = Threads(*SEATS)
    threads.say("ann", letter * 10_000)
    threads.act("bo", "attack", "M1", letter * 10_000)
    conflict = only(threads)
    numbered = Transcript(threads.opening, [*threads.records, conflict])
    assert list(quotations(numbered)) == []
    lengths = [len(span.exact) for each in conflict.positions for span in each.spans]
    assert all(250 < length <= 300 for length in lengths)
    assert len(lengths) == 2


def test_conflicts_come_in_the_order_of_the_messages(said):
    other = said.say("bo", "It is loud.")
    said.act("cy", "attack", other, "It is quiet.")
    said.act("cy", "attack", "M1", "It harms the town.")
    assert [each.about for each in act_conflicts(said.seen)] == ["M1", other]


def test_a_position_is_quoted_with_all_that_its_message_says():
    """A first sentence may grant what the next one denies."""
    threads = Threads("ann", "bo")
    threads.say("ann", "Good question. I think trams must come.")
    attack = threads.act("bo", "attack", "M1", "I see what you mean. But trams ruin the shops.")
    conflict = only(threads)
    assert conflict.issue == "Does this hold: “Good question. I think trams must come.”?"
    assert [[s.exact for s in each.spans] for each in conflict.positions] == [
        ["Good question. I think trams must come."],
        ["I see what you mean. But trams ruin the shops."],
    ]
    assert [s.message for s in conflict.history[0].spans] == [attack]


LINES = st.tuples(
    st.sampled_from(SEATS),
    st.sampled_from(get_args(ActName)),
    st.integers(1, 14),
    st.sampled_from((None, "value", "factual")),
)


@given(st.lists(LINES, max_size=12))
def test_whatever_seats_declare_their_sides_follow_from_the_history(lines):
    threads = Threads(*SEATS)
    threads.say("ann", "It helps the town.")
    threads.say("bo", "It is too dear.")
    for number, (seat, act, about, kind) in enumerate(lines):
        named = None if act == "claim" else f"M{about}"
        threads.act(seat, act, named, f"Reason {number} is this one.", kind)
    found = act_conflicts(threads.seen)
    seen = Transcript(threads.opening, [*threads.records, *found])
    assert list(quotations(seen)) == []
    assert list(positions(seen)) == []
    assert list(attributions(seen)) == []
    assert len({each.about for each in found}) == len(found)
    for conflict in found:
        held = {seat: p.id for p in conflict.positions for seat in p.held_first}
        assert held[seen.turn(conflict.about).seat] == "a"
        assert conflict.history[0].event == "opened"
        assert [each.event for each in conflict.history].count("opened") == 1
        for event in conflict.history:
            if event.from_position is not None:
                assert event.event in ("conceded", "withdrawn")
                assert bool(event.spans) == (event.reason != "unexplained")
                assert held[event.by] == event.from_position
                held[event.by] = event.to_position
        assert held == {seat: p.id for p in conflict.positions for seat in p.parties}
        both = all(each.parties for each in conflict.positions)
        assert both == (conflict.status in ("open", "narrowed"))
        rounds = [each.round for each in conflict.history]
        assert rounds == sorted(rounds)


@given(st.lists(LINES, max_size=12))
def test_every_sound_attack_is_in_exactly_one_conflict(lines):
    threads = Threads(*SEATS)
    threads.say("ann", "It helps the town.")
    threads.say("bo", "It is too dear.")
    attacks: set[str] = set()
    speakers = {"M1": "ann", "M2": "bo"}
    for number, (seat, act, about, _) in enumerate(lines):
        message = threads.act(seat, act, f"M{about}", f"Reason {number} is this one.")
        if act == "attack" and speakers.get(f"M{about}", seat) != seat:
            attacks.add(message)
        speakers[message] = seat
    found = act_conflicts(threads.seen)
    quoted = [
        span.message
        for conflict in found
        for event in conflict.history
        if event.event in ("opened", "sharpened", "reframed", "reopened")
        for span in event.spans
    ]
    acts = {each.message: each.act for each in threads.seen.acts}
    assert sorted(each for each in quoted if acts[each] == "attack") == sorted(attacks)


def test_an_attack_over_something_else_reframes(said):
    first = said.act("bo", "attack", "M1", "Turnover fell by a tenth.", "factual")
    said.act("cy", "attack", "M1", "It fell, too, where cars may go.", "factual")
    said.act("ann", "attack", first, "Clean air comes before turnover.", "value")
    said.act("di", "attack", first, "It does.")
    conflict = only(said)
    told = [("opened", None), ("sharpened", None), ("reframed", "value"), ("sharpened", None)]
    assert [(each.event, each.kind) for each in conflict.history] == told
    assert [span.exact for span in conflict.history[2].spans] == [
        "Clean air comes before turnover."
    ]
    assert conflict.kind == "factual", "what it is over is for those to say who attack the message"


def test_who_left_a_side_neither_names_the_kind_nor_is_quoted_for_it():
    threads = Threads("ann", "bo", "cy", "di")
    root = threads.say("ann", "The bridge was built in 1890.")
    threads.act("cy", "attack", root, "A rigmarole of no weight.", "procedural")
    threads.act("cy", "support", root, "I was jesting about that.")
    threads.act("bo", "attack", root, "It was built in 1901.")
    (conflict,) = act_conflicts(threads.seen)
    assert conflict.kind == "factual"
    assert [each.exact for each in conflict.positions[1].spans] == ["It was built in 1901."]


def test_no_attacker_makes_a_conflict_of_values_one_that_a_vote_resolves():
    threads = Threads("ann", "bo", "cy")
    root = threads.say("ann", "Life is sacred and must never be taken.")
    threads.act("bo", "attack", root, "Freedom matters more than that.", "procedural")
    threads.act("cy", "attack", root, "Mercy matters more than that.", "procedural")
    (conflict,) = act_conflicts(threads.seen)
    assert conflict.kind == "value"


@pytest.mark.parametrize("named", ["procedural", "definitional", "interpretive"])
def test_a_word_of_one_attacker_lets_no_vote_resolve_what_it_could_not_without(named):
    def kind(*others):
        threads = Threads("ann", "bo", "cy", "di")
        threads.say("ann", "Cars kill ten children a year here.")
        threads.act("bo", "attack", "M1", "They kill two.")
        for seat, said in others:
            threads.act(seat, "attack", "M1", f"That is not so, says {seat}.", said)
        return only(threads).kind

    assert kind() == "factual"
    assert kind(("cy", named)) == "factual", "the rule over words finds a fact"
    assert kind(("cy", named), ("di", named)) == "factual"
    assert kind(("cy", named), ("di", "value")) == "factual", "it is not theirs to say"


KINDS = st.lists(st.sampled_from((None, *get_args(ConflictKind))), min_size=1, max_size=4)
CLAIMS = st.sampled_from(
    (
        "It helps the town.",
        "It is wrong to close it.",
        "We should close it.",
        "A scooter counts as a vehicle.",
        "We should put it to a vote.",
    )
)


@given(CLAIMS, KINDS, st.sampled_from(get_args(ConflictKind)))
def test_whatever_one_more_attacker_names_it_is_over_the_same(claim, named, more):
    def kind(given):
        threads = Threads("ann", *"bcdefg")
        threads.say("ann", claim)
        for seat, each in zip("bcdefg", given, strict=False):
            threads.act(seat, "attack", "M1", f"No, says {seat}.", each)
        return only(threads).kind

    assert kind(named) == kind([*named, more])


@given(CLAIMS, st.sampled_from(get_args(ConflictKind)))
def test_whatever_the_opener_names_no_rule_gains_a_say(claim, named):
    def kind(said):
        threads = Threads("ann", "bo")
        threads.say("ann", claim)
        threads.act("bo", "attack", "M1", "No, says bo.", said)
        return only(threads).kind

    for rule in ("vote", "judge"):
        assert resolves(rule, kind(None)) or not resolves(rule, kind(named))


@pytest.mark.parametrize(
    ("words", "reason", "event"),
    [
        ("Shops, yes, because bo says so and I obey.", "authority", "withdrawn"),
        ("Everyone else says so.", "majority", "withdrawn"),
        ("As instructed, I agree.", "instruction", "withdrawn"),
        ("You are right about the shops.", "argument", "conceded"),
        ("Two studies show that it does.", "new_evidence", "conceded"),
    ],
)
def test_a_concession_has_the_reason_that_its_words_show(said, words, reason, event):
    attack = said.act("bo", "attack", "M1", "It ruins the shops.")
    reply = said.act("ann", "concede", attack, words)
    conflict = only(said)
    last = conflict.history[-1]
    assert (last.event, last.reason, last.cites) == (event, reason, (attack,))
    assert conflict.status == ("conceded" if event == "conceded" else "went_along")
    assert reply in [span.message for span in last.spans]


def test_a_concession_to_a_message_without_words_in_none_shows_nothing():
    threads = Threads("ann", "bo")
    threads.say("ann", "!!!")
    threads.act("bo", "attack", "M1", "It is loud.")
    threads.act("bo", "concede", "M1", "…")
    last = only(threads).history[-1]
    assert (last.event, last.reason, last.cites, last.spans) == ("withdrawn", "unexplained", (), ())


@pytest.mark.parametrize(
    "words", ["I give in.", "OK.", "So be it, the point is yours.", "Yes, 100%."]
)
def test_a_concession_whose_words_show_no_reason_is_withdrawn(said, words):
    attack = said.act("bo", "attack", "M1", "It ruins 40 shops.")
    said.act("ann", "concede", attack, words)
    conflict = only(said)
    last = conflict.history[-1]
    assert (last.event, last.reason, last.spans) == ("withdrawn", "unexplained", ())
    assert conflict.status == "went_along"


def test_a_supporter_that_attacks_has_changed_sides(said):
    said.act("cy", "support", "M1", "Yes, it does.")
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("cy", "attack", "M1", "I now say that it harms us.")
    conflict = only(said)
    assert events(conflict) == [("opened", "bo"), ("sharpened", "cy"), ("withdrawn", "cy")]
    moved = conflict.history[-1]
    assert (moved.from_position, moved.to_position, moved.reason) == ("a", "b", "unexplained")
    assert conflict.status == "narrowed"
    log = ConflictLog.of(Transcript(said.opening, [*said.records, conflict]))
    assert (log.coverage.stance_changes, log.coverage.unexplained_changes) == (1, 1)


def test_a_supporter_that_says_why_it_attacks_has_conceded(said):
    said.act("cy", "support", "M1", "Yes, it does.")
    said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("cy", "attack", "M1", "On reflection, it harms us.")
    last = only(said).history[-1]
    assert (last.event, last.reason) == ("conceded", "self_reflection")
    assert [span.exact for span in last.spans] == ["On reflection, it harms us."]


def test_who_holds_again_what_it_conceded_has_changed_sides_twice(said):
    attack = said.act("bo", "attack", "M1", "It ruins the shops.")
    said.act("ann", "concede", attack, "You are right about the shops.")
    said.act("ann", "hold", "M1", "No, I hold to it after all.")
    conflict = only(said)
    told = [("opened", "bo"), ("conceded", "ann"), ("reopened", "ann"), ("withdrawn", "ann")]
    assert (events(conflict), conflict.status) == (told, "narrowed")


def test_who_was_for_it_and_opens_the_conflict_moved_and_narrowed_nothing(said):
    said.act("bo", "support", "M1", "Yes, it does.")
    said.act("bo", "attack", "M1", "But no, it does not.")
    conflict = only(said)
    assert events(conflict) == [("opened", "bo"), ("withdrawn", "bo")]
    assert conflict.status == "open"
    assert [each.held_first for each in conflict.positions] == [("ann", "bo"), ()]


def test_a_side_that_a_seat_took_and_gave_up_is_quoted_from_it(said):
    said.act("bo", "support", "M1", "Yes, it does.")
    said.act("bo", "attack", "M1", "But no, it does not.")
    said.act("bo", "concede", "M1", "Well, it does after all.")
    conflict = only(said)
    against = conflict.positions[1]
    assert (against.parties, against.held_first) == ((), ())
    assert [span.exact for span in against.spans] == ["But no, it does not."]
    seen = Transcript(said.opening, [*said.records, conflict])
    assert list(attributions(seen)) == []
    others = against.model_copy(update={"spans": conflict.positions[0].spans})
    forged = conflict.model_copy(
        update={
            "about": "M2",
            "positions": (conflict.positions[0], others),
        }
    )
    found = list(attributions(Transcript(said.opening, [*said.records, forged])))
    assert "'attacked' is quoted from ann" in str(found), "not from who never held it"


def test_no_value_is_read_out_of_our_own_name_for_a_side():
    threads = Threads("ann", "bo")
    threads.say("ann", "We should help people in need.")
    threads.act("bo", "attack", "M1", "The shops should open at ten.")
    conflict = only(threads)
    assert conflict.kind == "preference"
    assert [each.position for each in conflict.values_in_tension] == ["a"]
    assert all(each.span is not None for each in conflict.values_in_tension)
    trains = Threads("ann", "bo")
    trains.say("ann", "The train leaves at nine.")
    trains.act("bo", "attack", "M1", "It leaves at ten.")
    assert only(trains).values_in_tension == ()


def test_a_chain_of_attacks_costs_in_proportion_to_its_length():
    def chain(length):
        threads = Threads("ann", "bo")
        message = threads.say("ann", "It is so.")
        for n in range(length):
            message = threads.act(("bo", "ann")[n % 2], "attack", message, f"No {n}.")
        return threads.seen

    short, long = chain(50), chain(200)
    assert len(act_conflicts(long)[0].history) == 200
    assert work(lambda: act_conflicts(long)) < 5 * work(lambda: act_conflicts(short))
