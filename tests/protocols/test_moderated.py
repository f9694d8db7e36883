"""A moderator breaks off, and rules end repetitions and choose ways in a run."""

import pytest

from folkmoot.protocols import Gate, Repeat, Setting
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import (
    AllOf,
    AnyOf,
    CalledOff,
    CallsSpent,
    Confident,
    Moderate,
    Unanimous,
)
from folkmoot.records import QUESTION, Reply, Transcript, audit
from folkmoot.records.acts import STOP

END = (Contest(), Decide(), Conclude())
LEAN = {"ann": 0.9, "bo": 0.1, "mo": 0.9}


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


def moderated(*options):
    debaters = ("ann", "bo")
    body = (Stand(seats=debaters), Moderate(moderator="mo")) if options else (Speak(), MODERATE)
    start = (Stand(seats=debaters), Speak()) if options else (Speak(),)
    return Plan(*start, Repeat(body, 4, CalledOff()), *END)


MODERATE = Moderate(moderator="mo")


@pytest.fixture
def say(seats, weigh_by):
    """Seats that lean, and a moderator that says yes at these odds, one a round."""

    def make(*odds):
        leaning = seats(**LEAN)

        def reply(call):
            if call.purpose != "moderate":
                return leaning(call)
            yes = odds[min(call.round, len(odds)) - 1]
            if yes is None:
                return Reply.to(call, "unavailable")
            return weigh_by(call, lambda option: yes if option == "yes" else 1 - yes)

        return reply

    return make


@pytest.mark.parametrize("options", [("yes", "no"), None], ids=["choice", "open"])
@pytest.mark.parametrize(
    ("odds", "rounds", "looked"),
    [
        ((0.9,), 1, [(False, None), (True, 0.9)]),
        ((0.1, 0.8), 2, [(False, None), (False, 0.1), (True, 0.8)]),
        ((0.1,), 4, [(False, None), (False, 0.1), (False, 0.1), (False, 0.1)]),
        ((0.5, None, 0.9), 3, [(False, None), (False, 0.5), (False, None), (True, 0.9)]),
    ],
    ids=["at once", "then", "never", "cannot say"],
)
def test_a_moderator_ends_the_exchange(begin, walk, say, options, odds, rounds, looked):
    went = walk(moderated(*options or ()), begin(list(LEAN), options), say(*odds))
    assert went.stages.count("moderate") == rounds
    assert [(each.holds, each.value) for each in went.seen.checks] == looked
    assert {each.rule for each in went.seen.checks} == {"called-off"}
    assert {each.bar for each in went.seen.checks} == {0.5}
    assert len(went.seen.stands(STOP)) == rounds
    assert audit(went.seen) == ()
    assert all(each.seat != "mo" for each in went.seen.stands(QUESTION))


def test_a_moderator_is_asked_in_both_orders_after_what_all_share(begin, walk, say, prompt):
    went = walk(moderated("yes", "no"), begin(list(LEAN)), say(0.9))
    one, other = [call for call in went.calls if call.purpose == "moderate"]
    assert one.options == (" yes", " no")
    assert other.options == (" no", " yes")
    stand = next(call for call in went.calls if call.purpose == "stand" and call.round == 1)
    shared = [
        each for each in stand.segments if each.label not in ("perspective", "task", "opened")
    ]
    assert list(one.segments[: len(shared)]) == shared
    assert "You moderate." in prompt(one)


def test_which_of_several_rules_ended_it_is_on_record(begin, walk, say):
    rule = AnyOf(of=(Unanimous(), CallsSpent(bar=9)))
    plan = Plan(Stand(), Repeat((Stand(),), 5, rule), *END)
    went = walk(plan, begin(["ann", "bo"]), say())
    last = went.seen.checks[-1]
    assert (last.rule, last.holds, last.value, last.bar) == ("any-of", True, 12, 9)
    assert "unanimous does not hold" in last.says
    assert "calls-spent holds at 12 against 9" in last.says


@pytest.mark.parametrize(("bo", "spoke"), [(0.9, False), (0.6, True), (0.1, True)])
def test_debate_only_when_necessary(begin, walk, seats, bo, spoke):
    sure = AllOf(of=(Unanimous(), Confident(bar=0.8)))
    plan = Plan(Stand(), Gate(sure, (), (Speak(), Repeat((Stand(), Speak()), 1))), *END)
    went = walk(plan, begin(["ann", "bo"]), seats(ann=0.9, bo=bo))
    assert ("speak" in went.stages) == spoke
    assert audit(went.seen) == ()


def test_every_check_can_be_made_again_from_what_was_on_record_before_it(begin, walk, say):
    rule = AnyOf(of=(CalledOff(), Unanimous(), CallsSpent(bar=30)))
    plan = Plan(Stand(), Repeat((Stand(), Speak(), MODERATE), 4, rule), *END)
    seen = walk(plan, begin(list(LEAN)), say(0.2, 0.2, 0.9)).seen
    assert [each.holds for each in seen.checks] == [False, False, False, True]
    for check in seen.checks:
        before = [each for each in seen.records if each.step < check.step]
        again = rule.look(Transcript(seen.opening, before))
        assert (again.holds, again.value and round(again.value, 6), again.says) == (
            check.holds,
            check.value,
            check.says,
        )
