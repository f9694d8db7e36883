"""What a seat is shown: who it hears, of which rounds, through which filter, and what of it."""

import re
from collections import defaultdict
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.graphs.dry import worst_case
from folkmoot.protocols import Hearing, Repeat, Setting, Visibility
from folkmoot.protocols.account import Account
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.critique import Critique, Verdict
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.description import description
from folkmoot.protocols.draft import Draft
from folkmoot.protocols.filters import (
    Anonymise,
    Dar,
    Diverse,
    Everything,
    NoDuplicates,
    SupportOnly,
    TopK,
    Truncate,
)
from folkmoot.protocols.order import in_turn
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.summarise import Summarise
from folkmoot.records import InputError, Party, Place, Transcript, audit

SEATS = ("zoë-1", "kim-2", "lou-3", "max-4")
PARTIES = (
    Party(seat=SEATS[0], model="m", statement="I see it.", values={"face": 1.0}),
    Party(seat=SEATS[1], model="m", statement="I pay for it.", values={"tradition": 1.0}),
    Party(seat=SEATS[2], model="m", stance="stated"),
    Party(seat=SEATS[3], model="m", red_lines=("lies",)),
)
MESSAGE = re.compile(
    r'\n<message id="(M\d+)"(?: seat="([^"]*)")?(?: confidence="([^"]*)")?(?: answer="([^"]*)")?>'
    r"(?:\n(.*?)\n)?</message>\n",
    re.DOTALL,
)


class Exchange:
    """A debate of two rounds in which everyone hears so."""

    name, version = "exchange", "1"

    def __init__(self, hearing: Hearing, order: str = "simultaneous", summed_up: bool = False):
        self.hearing, self.order, self.summed_up = hearing, order, summed_up

    def params(self):
        return {}

    def parts(self, setting: Setting):
        hears = {"hearing": self.hearing}
        body = (Speak(**hears),)
        if not setting.open_question:
            body = (Stand(**hears), Account(**hears), *body)
        first = (Speak(),) if setting.open_question else (Stand(), Speak())
        sums = (Summarise(),) if self.summed_up else ()
        turns = in_turn(body, setting, self.order)
        return (*first, *sums, Repeat((*turns, *sums), 2), Contest(), Decide(), Conclude())

    def faults(self, seats):
        return ()


def leaves_one_out(seen, reader, messages):
    """All but the last."""
    return messages[:-1]


def quiet(seen):
    """Whoever spoke last is read by nobody else."""
    last = seen.spoken()[-1].seat if seen.spoken() else None
    return {seat: set(seen.opening.seats) - {last} for seat in seen.opening.seats}


TOPOLOGIES = st.sampled_from(
    [
        "complete", "ring", "star", "chain", "tree", "cross-perspective", quiet,
        {"name": "random", "p": 0.5, "redrawn": True}, {"name": "k-regular", "k": 2},
        {"name": "groups", "k": 2}, {"name": "pruned", "weight": "certainty"},
        {"name": "complete", "self_visible": False}, ["ring", {"name": "star", "hub": "max-4"}],
        {"name": "bipartite", "groups": [SEATS[:1], SEATS[1:]], "self_visible": False},
    ]
)  # fmt: skip
FILTERS = st.sampled_from(
    [
        None, TopK(k=1), SupportOnly(), Dar(), NoDuplicates(), Diverse(k=1), Truncate(characters=5),
        Anonymise(), leaves_one_out, [Dar(), Truncate(characters=9)],
    ]
)  # fmt: skip
VISIBILITIES = st.builds(
    Visibility,
    **dict.fromkeys(["answer", "rationale", "confidence", "identity", "tally"], st.booleans()),
)
HEARINGS = st.builds(
    Hearing,
    topology=TOPOLOGIES,
    filter=FILTERS,
    visibility=VISIBILITIES,
    history=st.sampled_from(["all", "last", "summary"]),
)


@settings(deadline=None, max_examples=50)
@given(
    HEARINGS,
    st.sampled_from([("yes", "no"), ("a tax", "a ban", "neither"), None]),
    st.sampled_from(["simultaneous", "fixed", "shuffled", "rotating"]),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_no_seat_is_ever_shown_what_its_hearing_excludes(
    begin, walk, anything, hearing, options, order, summed_up, lot
):
    opening = begin(PARTIES, options, seed=lot)
    went = walk(Exchange(hearing, order, summed_up), opening, anything(lot, 0.1))
    for call in went.calls:
        if call.purpose in ("reason", "answer", "stand", "state", "account") and call.round > 0:
            for segment in call.segments:
                _allowed(went.seen, opening, call, segment, hearing, order)
    assert audit(went.seen) == ()


def _allowed(seen, opening, call, segment, hearing, order):
    if segment.label == "tally":
        assert hearing.visibility.tally
    if not segment.label.startswith("M"):
        assert "<message id" not in segment.text
        return
    turn, visible = seen.turn(segment.label), hearing.visibility
    assert turn.step < call.step
    in_round = order != "simultaneous" or turn.role == "summary"
    assert turn.round < call.round or (in_round and turn.round == call.round)
    before = [
        each
        for each in seen.records
        if getattr(each, "round", call.round) < call.round and each.record != "reply"
    ]
    place = Place(call.step, call.round, call.stage)
    now = Transcript(opening, before, place)
    assert turn.seat in hearing.topology.over(now)[call.seat]
    rounds = {each.round for each in seen.spoken() if each.round < call.round}
    if hearing.history == "last":
        assert turn.round >= max(each for each in rounds)
    if hearing.history != "summary":
        assert turn.role != "summary"
    filtered = [
        each
        for each in seen.filterings
        if (each.step, each.seat) == (call.step, call.seat) and turn.id in each.offered
    ]
    if not isinstance(hearing.filter, Everything):
        assert [turn.id in each.shown for each in filtered] == [True]
    _, seat, confidence, answer, text = MESSAGE.fullmatch(segment.text).groups()
    assert (seat is None) or (visible.identity and seat == turn.seat)
    assert (confidence is None) or visible.confidence
    assert (answer is None) or visible.answer
    words = visible.rationale or (visible.answer and opening.options is None)
    assert (text is None) or words


def test_by_default_all_earlier_rounds_of_all_are_heard_anonymously(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.1, cy=0.9)
    went = walk(Exchange(Hearing()), begin(["ann", "bo", "cy"]), leaning)
    last = [call for call in went.calls if call.purpose == "stand" and call.round == 2]
    shown = [each.text for each in last[0].segments if each.label.startswith("M")]
    assert [MESSAGE.fullmatch(each).group(1) for each in shown] == [f"M{n}" for n in range(1, 7)]
    assert {MESSAGE.fullmatch(each).group(2, 3) for each in shown} == {(None, None)}
    assert went.seen.filterings == (), "no filter, no record of one"


def texts(went, purpose, round, seat):
    call = next(c for c in went.calls if (c.purpose, c.round, c.seat) == (purpose, round, seat))
    return "".join(each.text for each in call.segments if each.label.startswith(("M", "tally")))


def test_visibility_is_what_is_shown_of_a_message(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.2, cy=0.9)

    def shown(*names):
        hearing = Hearing(visibility=names, topology="chain", history="last")
        went = walk(Exchange(hearing), begin(["ann", "bo", "cy"]), leaning)
        return texts(went, "stand", 1, "bo")

    only = re.sub(r"M\d", "M", shown("answer"))
    assert sorted(only.strip().split("\n\n")) == [
        '<message id="M" answer="no"></message>',
        '<message id="M" answer="yes"></message>',
    ]
    assert 'seat="ann" answer="yes"' in shown("answer", "identity")
    assert 'confidence="0.80" answer="no"' in shown("answer", "confidence")
    assert "Reason c1" in shown("rationale")
    assert "answer" not in shown("rationale")
    assert shown("tally") == "\nHeld after the last round: yes: 1; no: 1\n", "of those it reads"
    with pytest.raises(InputError, match="no 'mood' to show"):
        Hearing(visibility=["answer", "mood"])


def test_the_last_round_alone_and_a_summary_in_place_of_what_it_sums_up(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.1)

    def say(call):
        return "Both sides." if call.purpose == "summary" else leaning(call)

    def ids(hearing, round, **more):
        went = walk(Exchange(hearing, **more), begin(["ann", "bo"]), say)
        return re.findall(r'id="(M\d+)"', texts(went, "stand", round, "ann")), went

    assert ids(Hearing(), 2)[0] == ["M1", "M2", "M3", "M4"]
    assert ids(Hearing(history="last"), 2)[0] == ["M3", "M4"]
    shown, went = ids(Hearing(history="summary"), 2, summed_up=True)
    assert shown == ["M6"]
    sums = [turn for turn in went.seen.turns if turn.role == "summary"]
    assert [(each.id, each.replies_to) for each in sums[:2]] == [
        ("M3", ("M1", "M2")),
        ("M6", ("M3", "M4", "M5")),
    ]
    assert [went.seen.turn(each).state for each in ("M1", "M2")] == ["valid"] * 2, "on record still"
    assert "Both sides." in texts(went, "stand", 1, "ann")
    assert ids(Hearing(), 1, summed_up=True)[0] == ["M1", "M2"], "no summary beside its originals"


def test_what_a_filter_did_is_on_record_with_its_reason(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.1, cy=0.8)
    hearing = Hearing(filter=[TopK(k=2), Truncate(characters=9)])
    seen = walk(Exchange(hearing), begin(["ann", "bo", "cy"]), leaning).seen
    first = seen.filterings[0]
    assert (first.seat, first.round, first.filter) == ("ann", 1, "successive")
    assert set(first.offered) == {"M1", "M2", "M3"}
    assert len(first.shown) == 2
    assert "top-k: not among the 2 surest of round 0: certainty 0.80" in first.held[0].why
    assert {each.message for each in first.altered} == set(first.shown)
    assert first.altered[0].why.startswith("truncate: 9 of ")
    assert all(turn.text.endswith("More of it.") for turn in seen.turns), "verbatim on record"


def test_readers_who_are_shown_the_same_share_the_prefix(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.1, cy=0.8, di=0.3, ed=0.7)
    names = ["ann", "bo", "cy", "di", "ed"]

    def prefixes(**fields):
        went = walk(Exchange(Hearing(**fields)), begin(names), leaning)
        found = defaultdict(list)
        for call in went.calls:
            if call.purpose == "stand" and call.round == 2:
                ends = next(
                    n for n, each in enumerate(call.segments) if each.label == "perspective"
                )
                prefix = "".join(each.text for each in call.segments[:ends])
                found[prefix].append(call.seat)
        return found

    def common(found):
        """Characters that all seats share."""
        columns = zip(*found, strict=False)
        return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))

    complete = prefixes()
    assert len(complete) == 1
    assert len(prefixes(filter=TopK(k=2))) == 1, "chosen for all alike"
    assert len(prefixes(filter=NoDuplicates())) == 1
    assert len(prefixes(filter=Diverse(k=2), history="last")) == 1
    star, ring = prefixes(topology={"name": "star"}), prefixes(topology="ring")
    assert len(star) == len(ring) == 5
    floor = len(next(iter(complete)).split("\n<message")[0])
    assert all(common(each) >= floor for each in (star, ring)), "the question at the least"
    blind = prefixes(topology={"name": "star", "self_visible": False})
    assert sorted(map(len, blind.values())) == [2, 8], "the rim of a star hears the same"


def test_in_a_dry_run_no_filter_hides_a_call_or_shortens_it(begin, walk, seats):
    leaning = seats(ann=0.9, bo=0.1, cy=0.8)
    for fields in ({"filter": Dar()}, {"topology": quiet}, {"history": "summary"}, {}):
        protocol = Exchange(Hearing(**fields))
        opening = begin(["ann", "bo", "cy"])
        worst = {call.id: call for call in worst_case(protocol, opening).calls}
        for call in walk(protocol, opening, leaning).calls:
            shown = {each.label for each in call.segments}
            assert shown <= {each.label for each in worst[call.id].segments}


def test_a_critic_is_shown_the_draft_and_what_its_hearing_lets_through(begin, walk, weigh_by):
    def say(call):
        if call.op == "generate":
            return f"Said by {call.id}."
        return weigh_by(call, lambda option: 9.0 if option in ("reject", "yes") else 1.0)

    class Review(Exchange):
        def parts(self, setting):
            again = (Verdict(hearing=self.hearing), Critique(hearing=self.hearing))
            end = (Contest(), Decide(), Conclude())
            return (Stand(), Draft(), Verdict(), Critique(), Repeat((Draft(), *again), 1), *end)

    names = ["ann", "bo", "cy"]
    went = walk(Review(Hearing()), begin(names), say)
    assert re.findall(r'id="(M\d+)"', texts(went, "object", 1, "bo")) == ["M4", "M1", "M2", "M3"]
    went = walk(
        Review(Hearing(topology={"name": "chain", "self_visible": False})), begin(names), say
    )
    asked = {call.seat for call in went.calls if call.purpose == "verdict" and call.round == 1}
    assert asked == {"bo"}, "cy does not read the drafter"


def test_a_hearing_is_given_by_topology_and_has_a_description():
    assert Stand(hearing="ring").hearing == Hearing(topology="ring")
    assert Stand(hearing={"history": "last"}).hearing.history == "last"
    assert Stand(hearing={"name": "star", "hub": "bo"}).hearing.topology.hub == "bo"
    plain, filtered = (description(Stand(hearing=Hearing(filter=each))) for each in (None, Dar()))
    assert plain != filtered
    assert filtered["hearing"]["filter"]["kind"] == "Dar"
    with pytest.raises(InputError, match="no topology"):
        Stand(hearing=3)
    named = description(Stand(hearing=Hearing(topology=quiet, filter=leaves_one_out)))["hearing"]
    assert named["topology"]["rule"]["name"].endswith(":quiet")
    assert named["filter"]["name"].endswith(":leaves_one_out")


def test_what_a_seat_does_in_a_round_does_not_change_what_it_hears_in_it(begin, walk, seats):
    leaning = seats(ann=[0.9, 0.1, 0.9], bo=0.1, cy=0.8)
    seen = walk(Exchange(Hearing(filter=Dar())), begin(["ann", "bo", "cy"]), leaning).seen
    shown = defaultdict(set)
    for each in seen.filterings:
        shown[each.round, each.seat].add(each.shown)
    assert all(len(each) == 1 for each in shown.values())


def test_what_is_said_at_once_is_not_heard_in_the_same_round(begin, walk, seats):
    class Twice(Exchange):
        def parts(self, setting):
            again = (Speak(), Speak(hearing=self.hearing))
            return (Repeat(again, 1), Contest(), Decide(), Conclude())

    def labels(hearing):
        went = walk(Twice(hearing), begin(["ann", "bo"], None), seats(ann=0.9, bo=0.1))
        return [s.label for s in went.calls[-1].segments if s.label.startswith("M")]

    assert labels(Hearing()) == []
    assert labels(Hearing(same_round=True)) == ["M1", "M2"]
