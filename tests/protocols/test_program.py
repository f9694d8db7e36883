"""Parts unrolled: gates, groups side by side, plain functions as stages and conditions."""

import pytest

from folkmoot.agents import voice
from folkmoot.protocols import (
    BlindVote,
    Calls,
    Finding,
    Gate,
    Group,
    Parallel,
    Repeat,
    Setting,
    due,
    unroll,
    waves,
)
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.condition import as_condition
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.description import description
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stage import as_stage
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import Settled
from folkmoot.protocols.turns import turn
from folkmoot.records import Check, audit

END = (Contest(), Decide(), Conclude())
SEATS = {"ann": 0.9, "bo": 0.1, "cy": 0.9, "di": 0.1}


class Plan:
    """A protocol of these parts."""

    name, version = "plan", "1"

    def __init__(self, *parts):
        self._parts = parts

    def params(self):
        return {}

    def parts(self, setting: Setting):
        return self._parts

    def faults(self, seats):
        return ()


def differ(seen) -> bool:
    """Whether anybody differs from anybody."""
    return len({stance.choice for stance in seen.stands()}) > 1


def shape(*parts):
    return [
        [(step.number, step.stage.name, step.guards) for step in wave]
        for wave in waves(unroll(parts))
    ]


def test_both_ways_of_a_gate_stand_side_by_side_and_one_of_them_runs():
    gate = Gate(differ, (Speak(), Speak()), (Contest(),))
    assert shape(Stand(), gate, Conclude()) == [
        [(0, "stand", ())],
        [(1, "check", ())],
        [(2, "speak", ((1, True),)), (3, "contest", ((1, False),))],
        [(4, "speak", ((1, True),))],
        [(5, "conclude", ())],
    ]
    every = waves(unroll((Stand(), gate, Conclude())))
    for holds, names in ((True, ["speak"]), (False, ["contest"])):
        check = Check(step=1, order=0, round=0, rule="differ", holds=holds)
        assert [step.stage.name for step in due(every[2], [check])] == names


@pytest.mark.parametrize(("bo", "spoke"), [(0.1, True), (0.9, False)])
def test_a_gate_goes_as_its_condition_says_and_that_is_on_record(begin, walk, seats, bo, spoke):
    plan = Plan(Stand(), Gate(differ, (Speak(),)), *END)
    went = walk(plan, begin(["ann", "bo"]), seats(ann=0.9, bo=bo))
    assert ("speak" in went.stages) == spoke
    assert [(each.rule, each.holds) for each in went.seen.checks] == [("differ", spoke)]
    assert audit(went.seen) == ()


def test_a_repetition_says_at_what_value_it_ended(begin, walk, seats):
    plan = Plan(Stand(), Repeat((Stand(), Speak()), 5, Settled(or_still=False)), *END)
    went = walk(plan, begin(["ann", "bo"]), seats(ann=0.9, bo=[0.1, 0.1, 0.9]))
    assert [(each.holds, each.value, each.bar) for each in went.seen.checks] == [
        (False, 0.5, 1),
        (False, 0.5, 1),
        (True, 1, 1),
    ]


def test_groups_deliberate_side_by_side_and_hear_themselves_alone(begin, walk, seats):
    two = Parallel(
        (
            Group(("ann", "bo"), (Speak(), Repeat((Speak(),), 1))),
            Group(("cy", "di"), (Speak(), Repeat((Speak(),), 2))),
        )
    )
    went = walk(
        Plan(two, Repeat((Speak(),), 1), Rank(), *END), begin([*SEATS], None), seats(**SEATS)
    )
    heard = {
        (call.seat, call.round): {s.label for s in call.segments if s.drop}
        for call in went.calls
        if call.purpose == "answer"
    }
    said = {seat: [t.id for t in went.seen.turns if t.seat == seat] for seat in SEATS}
    assert heard["ann", 1] == {said["ann"][0], said["bo"][0]}
    assert heard["di", 2] == {m for seat in ("cy", "di") for m in said[seat][:2]}
    assert len(heard["ann", 3]) == 4 + 4 + 2, "then everybody hears everything"
    assert [turn.id for turn in went.seen.turns] == [f"M{n}" for n in range(1, 15)]
    assert audit(went.seen) == ()


def test_groups_of_one_wave_are_steps_of_their_own():
    groups = Parallel((Group(("ann",), (Speak(), Speak())), Group(("bo",), (Stand(),))))
    assert [[s.seats for s in wave] for wave in waves(unroll((groups, Contest())))] == [
        [("ann",), ("bo",)],
        [("ann",)],
        [None],
    ]


def proverb(seen):
    """A stage as a plain function: everybody names a proverb."""
    calls = Calls(seen)
    for party in seen.opening.parties:
        calls.generate(party, "proverb", (voice.task("Name a proverb."),))
    replies = yield calls.done()
    return tuple(turn(seen, reply, at, "statement") for at, reply in enumerate(replies))


def test_a_plain_function_is_a_stage_like_any_other(begin, walk, seats):
    def say(call):
        return "Haste makes waste." if call.purpose == "proverb" else seats(ann=0.9, bo=0.1)(call)

    went = walk(Plan(Stand(), proverb, *END), begin(["ann", "bo"]), say)
    assert [turn.text for turn in went.seen.turns] == ["Haste makes waste."] * 2
    assert went.stages[1] == "proverb"
    assert audit(went.seen) == ()


def test_a_stage_that_yields_twice_is_refused(begin):
    def twice(seen):
        yield ()
        yield ()

    with pytest.raises(RuntimeError, match="'twice' yields twice"):
        as_stage(twice).tell(None, ())


def test_what_is_neither_is_refused():
    with pytest.raises(TypeError, match="is no stage"):
        as_stage(7)
    with pytest.raises(TypeError, match="is no condition"):
        as_condition("settled")


def test_a_function_may_say_at_what_value(begin, walk, seats):
    def half(seen):
        return Finding(True, 0.5, 0.4, "more than .4")

    went = walk(Plan(Stand(), Repeat((Speak(),), 2, half), *END), begin(["ann"]), seats(ann=0.9))
    (check,) = went.seen.checks
    assert (check.rule, check.value, check.bar, check.says) == ("half", 0.5, 0.4, "more than .4")


def test_a_description_changes_with_the_source_of_a_function():
    said = description(as_condition(differ))
    assert said["name"].endswith(":differ")
    assert len(said["sha256"]) == 64
    assert description(Settled()) == {"kind": "Settled", "or_still": True, "name": "settled"}
    with pytest.raises(TypeError, match="has no description"):
        description(object())


def test_the_library_needs_no_check_without_a_condition():
    for parts in (
        BlindVote().parts(Setting(("ann",))),
        BlindVote().parts(Setting(("ann",), ("a", "b"))),
    ):
        assert all(not step.guards for step in unroll(parts))
