"""A clerk is asked of free text, and conflicts are drawn from all that it says together."""

import pytest

from folkmoot.protocols import Clerk, Debate, Log, Single, clerks, log_of, with_log
from folkmoot.protocols.clerk import polar
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.parts import Repeat
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.speak import Speak
from folkmoot.records import QUESTION, Reply, audit

SEATS = ("ann", "bo", "cy")
QUESTION_TEXT = "Should the town ban cars?"
SAID = {
    "ann": "The town must ban cars. They poison the air we breathe.",
    "bo": "Cars have to stay here. Without them the shops will close.",
    "cy": "Ban them all at once. Children get hurt every week.",
}
TALK = Composed(name="talk", parts=(Speak(), Rank(), Contest(), Decide(), Conclude()))


def clerk(call, against=("Cars have to stay", "shops will close")):
    """A clerk that knows one side by its words."""
    claims = next(segment.text for segment in call.segments if segment.label == "claims")
    first, second = claims.split("\n")
    sides = [any(each in text for each in against) for text in (first, second)]
    return (0.9, 0.05, 0.05) if sides[0] != sides[1] else (0.05, 0.9, 0.05)


def says(said=SAID, judge=clerk):
    def say(call):
        if call.seat == "clerk":
            return judge(call)
        if call.op == "generate":
            texts = said[call.seat]
            return texts if isinstance(texts, str) else texts[min(call.round, len(texts) - 1)]
        return [1 / len(call.options)] * len(call.options)

    return say


def run(walk, begin, log, protocol=TALK, say=None, seats=SEATS, question=QUESTION_TEXT):
    opening = begin(seats, None, question)
    return walk(with_log(protocol, log), opening, say or says())


LOG = Log(clerk="small", same=False)


def test_without_a_clerk_free_text_shows_no_conflict(walk, begin):
    assert run(walk, begin, None).seen.conflicts == ()


def test_with_a_clerk_it_shows_who_is_on_which_side(walk, begin):
    found = run(walk, begin, LOG)
    main = found.conflict
    assert (main.about, main.issue, main.status) == (QUESTION, QUESTION_TEXT, "open")
    assert [(p.summary, p.parties) for p in main.positions] == [
        ("for", ("ann", "cy")),
        ("against", ("bo",)),
    ]
    assert main.detection.method == "clerk"
    assert main.detection.model == "small"
    assert main.detection.confidence is not None
    assert main.detection.confidence > 0.5
    known = {each.id for each in found.seen.relations}
    assert known
    assert known.issuperset(main.detection.relations)
    assert not [each for each in audit(found.seen) if "reply" not in each]


def test_claims_that_attack_each_other_are_parts_of_it(walk, begin):
    parts = run(walk, begin, LOG).seen.conflicts[1:]
    assert parts
    for part in parts:
        assert part.parent == "cf1"
        quoted = part.positions[0].spans[0].exact
        assert part.issue == f"Does this hold: “{quoted}”?"
        mine, yours = (set(position.parties) for position in part.positions)
        assert ("bo" in mine) != ("bo" in yours)


def test_one_mind_in_other_words_is_no_conflict(walk, begin):
    found = run(walk, begin, LOG, say=says(judge=lambda call: (0.1, 0.8, 0.1)))
    assert found.seen.relations
    assert found.seen.conflicts == ()


def test_the_clerk_sees_two_texts_and_nothing_else(walk, begin, prompt):
    found = run(walk, begin, LOG)
    mine = [call for call in found.calls if call.seat == "clerk"]
    assert {call.model for call in mine} == {"small"}
    assert {call.purpose for call in mine} == {"relation"}
    for call in mine:
        assert not any(name in prompt(call) for name in ("ann", "bo:", "cy", "M1", "round"))


def test_every_pair_is_asked_in_both_orders(walk, begin):
    mine = [call for call in run(walk, begin, LOG).calls if call.seat == "clerk"]
    texts = [call.segments[2].text for call in mine]
    for one, other in zip(texts[::2], texts[1::2], strict=True):
        first, second = one.split("\n")
        again = f"First: {second.removeprefix('Second: ')}\nSecond: {first.removeprefix('First: ')}"
        assert other == again
    # Three messages against the question, and the claims of three pairs of seats, two by two.
    assert len(mine) == 2 * (3 + 3 * 4)


def test_no_more_pairs_than_allowed(walk, begin):
    mine = [
        c
        for c in run(walk, begin, Log(clerk="small", pairs=5, same=False)).calls
        if c.seat == "clerk"
    ]
    assert len(mine) <= 2 * (3 + 5)


def test_a_large_model_votes_and_is_believed_before_the_small_one(walk, begin):
    def say(call):
        if call.seat == "clerk" and call.model == "large":
            assert call.json_schema is not None
            weights = clerk(call)
            return '{"relation": "%s"}' % ("attack" if weights[0] > 0.5 else "support")
        if call.seat == "clerk":
            return (0.05, 0.9, 0.05)
        return says()(call)

    found = run(walk, begin, Log(clerk="small", llm="large", votes=3, same=False), say=say)
    assert found.conflict.detection.method == "llm"
    votes = [call for call in found.calls if call.model == "large"]
    pairs = [each for each in found.seen.relations if each.layer == "llm"]
    assert len(votes) == 3 * len(pairs)
    assert len({call.sampling.seed for call in votes}) == len(votes)
    assert all(len(each.calls) == 3 for each in pairs)


def test_a_layer_that_is_switched_off_finds_nothing(walk, begin):
    found = run(walk, begin, LOG)
    assert {each.detection.method for each in found.seen.conflicts} == {"clerk"}
    off = Composed(
        name="off",
        parts=(
            Speak(),
            Clerk(model="small"),
            Rank(),
            Contest(layers=("rule",)),
            Decide(),
            Conclude(),
        ),
    )
    assert walk(off, begin(SEATS, None, QUESTION_TEXT), says()).seen.conflicts == ()
    with pytest.raises(ValueError, match="switched off"):
        Log(layers=("rule",), clerk="small")


def test_rules_over_stances_can_be_switched_off_too(walk, begin, seats):
    """The audit does not miss what nobody looked for."""
    opening = begin(["ann", "bo"])
    whole = walk(Debate(rounds=0), opening, seats(ann=0.9, bo=0.1)).seen
    assert whole.conflicts
    log = Log(layers=("protocol_act",))
    named = opening.protocol.model_copy(update={"log": log.params()})
    off = walk(
        with_log(Debate(rounds=0), log),
        opening.model_copy(update={"protocol": named}),
        seats(ann=0.9, bo=0.1),
    ).seen
    assert off.conflicts == ()
    assert audit(off) == ()


def test_the_nearest_pairs_by_an_embedding_model(walk, begin):
    near = ("The town must ban cars.", "Cars have to stay here.")
    vectors = {each: (1.0, 0.1 * place) for place, each in enumerate(near)}
    far = iter(((0.0, 1.0), (0.0, -1.0), (-1.0, 0.0)))

    def say(call):
        if call.op != "embed":
            return says(said)(call)
        assert (call.model, call.seat) == ("vectors", "clerk")
        return Reply.to(call, "ok", vector=vectors.get(call.segments[0].text) or next(far))

    said = {**SAID, "cy": "It is late."}
    found = run(walk, begin, Log(clerk="small", embed="vectors", pairs=1), say=say)
    (pair,) = (each for each in found.seen.relations if each.first is not None)
    assert {pair.first.exact, pair.second.exact} == set(near)


def test_what_could_not_be_read_is_no_relation(walk, begin):
    def judge(call):
        return Reply.to(call, "unavailable")

    found = run(walk, begin, LOG, say=says(judge=judge))
    assert found.seen.relations == ()
    assert found.seen.conflicts == ()


TWICE = Composed(
    name="twice",
    parts=(Speak(), Repeat((Speak(),), 1), Rank(), Contest(), Decide(), Conclude()),
)


@pytest.mark.parametrize(
    ("later", "status", "event", "reason"),
    [
        ("They poison the air, so be it.", "went_along", "withdrawn", "unexplained"),
        ("Most of you are for a ban, so be it.", "went_along", "withdrawn", "majority"),
        ("A good point: they poison the air.", "conceded", "conceded", "argument"),
    ],
)
def test_who_comes_to_speak_for_the_other_side_shows_why_or_does_not(
    walk, begin, later, status, event, reason
):
    said = {**SAID, "bo": [SAID["bo"], later]}
    main = run(walk, begin, LOG, TWICE, says(said)).conflict
    assert main.status == status
    assert [(p.held_first, p.parties) for p in main.positions] == [
        (("ann", "cy"), ("ann", "bo", "cy")),
        (("bo",), ()),
    ]
    (moved,) = (each for each in main.history if each.by == "bo")
    assert (moved.event, moved.reason, moved.round) == (event, reason, 1)


def test_seats_of_one_mind_in_the_end_nobody_knows_which_dropped_what_divided_them(walk, begin):
    """Without a question to be for or against, pairs of claims show a split and its end alone."""

    said = {**SAID, "bo": [SAID["bo"], "Cars poison the air we breathe."]}
    found = run(walk, begin, LOG, TWICE, says(said), question="What about cars in town?")
    main = found.conflict
    assert main.status == "dropped"
    assert all(not position.parties for position in main.positions)
    assert {each.by for each in main.history if each.event == "dropped"} == set(SEATS)
    assert not [each for each in audit(found.seen) if "reply" not in each]


def test_what_a_clerk_may_ask_is_bounded_before_it_runs(begin, walk):
    """The dry run's calls are no fewer and no shorter than those of a talkative panel."""
    from folkmoot.graphs.dry import worst_case

    opening = begin(SEATS, None, QUESTION_TEXT)
    protocol = with_log(TALK, LOG)
    bound = [call for call in worst_case(protocol, opening).calls if call.seat == "clerk"]
    long = {seat: " ".join(f"Claim {n} of {seat} says a lot." for n in range(9)) for seat in SEATS}
    asked = [c for c in walk(protocol, opening, says(long)).calls if c.seat == "clerk"]
    assert len(asked) <= len(bound)
    size = max(sum(len(s.text) for s in call.segments) for call in asked)
    assert size <= max(sum(len(s.text) for s in call.segments) for call in bound)


@pytest.mark.parametrize(
    ("question", "is_polar"),
    [
        ("Should we share?", True),
        ("Context first. Is it fair to ban cars?", True),
        ("What should we do?", False),
        ("Who decides, and how?", False),
        ("Share.", False),
        ("If prices rise, should the state pay?", True),
        ("Is it what we want?", True),
        ("Was the ban right?", True),
        ("Ban cars?", True),
        ("In which town should it be?", False),
        ("Sollte die Stadt Autos verbieten?", True),
        ("Was soll die Stadt tun?", False),
        ("¿Debe la ciudad prohibir los coches?", True),
        ("¿Qué debe hacer la ciudad?", False),
        ("Est-ce que la ville doit interdire les voitures ?", True),
        ("Pourquoi la ville ?", False),
        ("市は車を禁止すべきか？", False),
    ],
)
def test_yes_or_no_questions(question, is_polar):
    assert polar(question) == is_polar


def test_a_question_of_what_to_do_is_judged_by_pairs_alone(walk, begin):
    found = run(walk, begin, LOG, question="What should the town do about cars?")
    assert all(each.first is not None for each in found.seen.relations)
    assert {p.parties for p in found.conflict.positions} == {("ann", "cy"), ("bo",)}
    assert found.conflict.positions[0].summary.startswith("with M")


def test_a_log_leaves_the_protocol_as_it_is():
    logged = with_log(Debate(), LOG)
    assert (logged.name, logged.version, logged.params()) == ("debate", "1", Debate().params())
    assert log_of(logged) == LOG
    assert log_of(Debate()) == Log()
    assert with_log(logged, Log(clerk="other")) == with_log(Debate(), Log(clerk="other"))
    assert with_log(Single(seat="a"), Log()) == Single(seat="a")
    assert clerks(logged.parts(Setting(("a", "b"), ("yes", "no")))) == ("small",)


def test_a_seat_cannot_go_by_the_clerks_name():
    (fault,) = with_log(Debate(), LOG).faults(("ann", "clerk"))
    assert "clerk" in fault
    assert with_log(Debate(), Log(ratify=True)).faults(("ann", "clerk")) == ()
