"""Planted mistakes: each is found, where it is; the library's own graphs have none."""

import pytest

from folkmoot.agents import Agent, Panel
from folkmoot.graphs.check import check
from folkmoot.graphs.rehearsal import dry_opening, said
from folkmoot.graphs.soundness import unsound
from folkmoot.protocols import (
    AnyOf,
    CalledOff,
    Debate,
    FanIn,
    Finding,
    Gate,
    Group,
    Hearing,
    Parallel,
    Repeat,
    Rule,
    catalogue,
)
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.critique import Accepted
from folkmoot.protocols.decide import Decide, JudgeDecides
from folkmoot.protocols.judge import Judge
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.say import Say
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import Settled
from folkmoot.records import Answer, Decision

SEATS = ("ann", "bo", "cy", "di")
YES_NO = ("yes", "no")
TAXES = ("a tax", "a ban", "neither")
FIRST = (Stand(), Speak())
END = (Contest(), Decide(), Conclude())


def always(seen) -> bool:
    return True


def differ(seen) -> bool:
    """Whether anybody differs from anybody."""
    return len({stance.choice for stance in seen.stands()}) > 1


def winner(seen) -> str | None:
    return "yes"


def breaks(seen):
    raise RuntimeError("out of order")


def found(*parts, options=YES_NO, seats=SEATS, protocol=None):
    about = protocol or Composed(name="planted", parts=parts)
    return [(said(each.path), each.what) for each in unsound(about, dry_opening(seats, options))]


PLANTED = {
    "a loop without a bound": (
        (*FIRST, Repeat((Speak(),), None), *END),
        ("parts[2].repeat", "has no bound"),
    ),
    "a loop that never turns": (
        (*FIRST, Repeat((Speak(),), 0), *END),
        ("parts[2].repeat", "can never run: it is repeated 0 times"),
    ),
    "a loop too long to be walked": (
        (*FIRST, Repeat((Repeat((Speak(),), 10**6),), 10**6), *END),
        ("", "up to 1000000000005 steps"),
    ),
    "a loop that is over before it begins": (
        (*FIRST, Repeat((Speak(),), 3, Accepted()), *END),
        ("parts[2].repeat.until", "'accepted' always holds here (there is no draft)"),
    ),
    "a loop in which nobody is asked": (
        (*FIRST, Repeat((Contest(sure=0.7),), 2), *END),
        ("parts[2].repeat", "nobody is asked anything"),
    ),
    "a gate with a constant condition": (
        (*FIRST, Gate(always, (Judge(),)), *END),
        ("parts[2].gate.when", "'always' never looks at the record"),
    ),
    "a gate that asks what was just asked": (
        (*FIRST, Gate(differ, (Gate(differ, (Judge(),), (Speak(),)),)), *END),
        ("parts[2].gate.then[0].gate", "'otherwise' can never run"),
    ),
    "a gate that does the same on both ways": (
        (*FIRST, Gate(differ, (Judge(),), (Judge(),)), *END),
        ("parts[2].gate", "does the same on both ways"),
    ),
    "a gate with nothing on either way": (
        (*FIRST, Gate(differ, ()), *END),
        ("parts[2].gate", "nothing on either way"),
    ),
    "a decision on one way only": (
        (*FIRST, Contest(), Gate(differ, (Decide(),)), Conclude()),
        ("parts[4]", "'conclude' cannot run: Conclude stands after a decision where parts[3].gate"),
    ),
    "no decision at all": (
        (*FIRST, Contest(), Conclude()),
        ("parts[3]", "'conclude' cannot run: Conclude stands after a decision"),
    ),
    "two decisions": (
        (*FIRST, Contest(), Decide(), JudgeDecides(judge="ann"), Conclude()),
        ("parts[4]", "'decide' decides a second time"),
    ),
    "no conclusion": (
        (*FIRST, Contest(), Decide()),
        ("", "there is no answer"),
    ),
    "something after the conclusion": (
        (*FIRST, *END, Speak()),
        ("parts[5]", "'speak' comes after the conclusion"),
    ),
    "a conclusion before the decision": (
        (*FIRST, Contest(), Conclude(), Decide()),
        ("parts[3]", "'conclude' cannot run"),
    ),
    "conflicts drawn up too late": (
        (*FIRST, Decide(), Contest(), Conclude()),
        ("parts[3]", "'contest' comes after the decision"),
    ),
    "no conflicts drawn up": (
        (*FIRST, Decide(), Conclude()),
        ("parts[2]", "no conflicts are drawn up"),
    ),
    "conflicts drawn up twice": (
        (*FIRST, Contest(), Speak(), *END),
        ("parts[4]", "conflicts are drawn up a second time: keep the last Contest alone"),
    ),
    "a stand that no conflict tells of": (
        (*FIRST, Contest(), Stand(), *END[1:]),
        ("parts[3]", "'stand' comes after conflicts are drawn up"),
    ),
    "rules that are off without a log": (
        (*FIRST, Repeat((Contest(layers=("clerk",)),), 1), *END[1:]),
        ("parts[2].repeat.parts[0]", "'contest' leaves out the layer 'rule' by itself"),
    ),
    "conflicts of a group alone": (
        (*FIRST, Group(("ann", "bo"), (Contest(),)), *END[1:]),
        (
            "parts[2].group.parts[0]",
            "'contest' stands in a group (ann, bo): put it after the groups",
        ),
    ),
    "a vote without ballots": (
        (Speak(seats=()), *END),
        ("parts[2]", "no ballots to decide by"),
    ),
    "a ranking of nothing": (
        (Stand(), Rank(), *END),
        ("parts[1]", "nothing to rank"),
    ),
    "a seat that is not there": (
        (Stand(seats=("ann", "zoe")), Speak(), *END),
        ("parts[0]", "names the seat 'zoe', which is not on the panel"),
    ),
    "a stage that names a seat outside its group": (
        (*FIRST, Group(("ann", "bo"), (Speak(seats=("cy",)),)), *END),
        ("parts[2].group.parts[0]", "which is not in its group (ann, bo)"),
    ),
    "a seat in two groups at once": (
        (Parallel((Group(("ann", "bo"), FIRST), Group(("bo", "cy"), FIRST))), *END),
        ("parts[0].parallel", "'bo' sits in two groups"),
    ),
    "a group of strangers": (
        (*FIRST, Group(("eve",), (Speak(),)), *END),
        ("parts[2].group", "the seat 'eve', which is not on the panel"),
    ),
    "a seat that no group has": (
        (Parallel((Group(("ann", "bo"), FIRST), Group(("cy",), FIRST))), *END),
        ("", "'di' sits on the panel, in no group"),
    ),
    "a stage with nobody in it": (
        (Stand(), Speak(seats=()), *END),
        ("parts[1]", "'speak' has nobody to ask"),
    ),
    "summaries that nobody writes": (
        (*FIRST, Repeat((Stand(hearing=Hearing(history="summary")),), 1), *END),
        ("parts[2].repeat.parts[0]", "'stand' hears summaries, and nobody writes any"),
    ),
    "a moderator who is never asked": (
        (*FIRST, Repeat((Stand(),), 2, AnyOf(of=(Settled(), CalledOff()))), *END),
        ("parts[2].repeat.until", "heeds a moderator, and none is asked"),
    ),
    "a status quo that is no option": (
        (*FIRST, Contest(), Decide(rule=Rule(ties="status_quo", status_quo="later")), Conclude()),
        ("parts[3]", "the status quo 'later' is none of the options"),
    ),
    "more views than options": (
        (*FIRST, Contest(), Decide(rule=Rule(name="pav", views=3)), Conclude()),
        ("parts[3]", "3 views are asked for, of 2 options"),
    ),
    "a plea for what is no option": (
        (*FIRST, Say(task="Plead.", argues="later"), *END),
        ("parts[2]", "'say' argues for 'later', which is none of the options"),
    ),
    "refuters of what nobody judged": (
        (*FIRST, Contest(), Decide(rule=Rule(refuters=1)), Conclude()),
        ("parts[3]", "counts refuters, and nobody has judged a claim"),
    ),
    "a condition that returns no truth value": (
        (*FIRST, Gate(winner, (Speak(name="again"),)), *END),
        ("parts[2].gate.when", "the condition 'winner' returned 'yes'"),
    ),
    "a fan-in that waits for more than there are": (
        (Group(("ann", "bo"), (FanIn(Stand(), 3),)), Speak(), *END),
        ("parts[0].group.parts[0].fan-in", "waits for 3 seats, and 2 are there"),
    ),
    "a fan-in that starves the quorum": (
        (FanIn(Stand(), 1), Speak(), *END),
        ("parts[0].fan-in", "'stand' waits for 1 of 4 seats, and the rule needs 2"),
    ),
    "a first answer that is not blind": (
        (Stand(seats=("ann",)), Speak(seats=("ann",)), Repeat(FIRST, 1), *END),
        ("parts[2].repeat.parts[0]", "not blind: bo, cy, di would hear others"),
    ),
    "a stage that breaks": (
        (*FIRST, breaks, *END),
        ("parts[2]", "'breaks' cannot run: out of order"),
    ),
    "no parts": ((), ("", "the protocol has no parts")),
}


@pytest.mark.parametrize(("parts", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_planted_mistake_is_found_where_it_is(parts, expected):
    where, what = expected
    everything = found(*parts)
    assert [at for at, each in everything if what in each] == [where], everything


@pytest.mark.parametrize(
    ("parts", "options", "expected"),
    [
        ((*FIRST, *END), None, ("parts[0]", "'stand' cannot run")),
        ((Speak(), *END), None, ("parts[2]", "no ballots to decide by")),
        (
            (Speak(), Rank(), Gate(Settled(), (Judge(),)), *END),
            None,
            ("parts[2].gate.when", "'settled' never holds here (an open question"),
        ),
    ],
)
def test_parts_for_the_other_kind_of_question_are_found(parts, options, expected):
    where, what = expected
    assert where in [at for at, each in found(*parts, options=options) if what in each]


def test_a_ranking_rule_that_is_fed_single_choices():
    stating = Panel([Agent(seat, model="m", stance="stated") for seat in SEATS])
    parts = (*FIRST, Contest(), Decide(rule=Rule(name="schulze")), Conclude())
    wrong = "the rule 'schulze' reads rankings, and every ballot is a single choice"
    assert ("parts[3]", wrong) in found(*parts, options=TAXES, seats=stating)
    assert found(*parts, options=YES_NO, seats=stating) == [], "of two, one choice is a ranking"
    assert found(*parts, options=TAXES) == [], "probabilities rank"


def test_a_rule_for_nobody_where_a_judge_decides():
    judged = Debate(judge="ann", rule="unanimity")
    what = "the rule 'unanimity' decides nothing: the judge 'ann' does"
    assert found(protocol=judged) == [("", what)]
    assert found(protocol=Debate(judge="ann")) == []


@pytest.mark.parametrize("options", [None, TAXES], ids=["open", "choice"])
@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
def test_nothing_is_found_in_the_library(panel, protocol, name, options):
    for count in (3, 4, 7):
        seats = tuple(f"seat-{n}" for n in range(count))
        about = protocol(name, seats[0])
        too_few = about.faults(seats)
        assert [what for _, what in found(protocol=about, options=options, seats=seats)] == list(
            too_few
        )
        assert check("What?", panel(*seats), about, options) == too_few
    assert too_few == (), "seven seats are enough for all"


@pytest.mark.parametrize(
    "changed",
    [
        {"rounds": 0},
        {"rounds": 3, "topology": "ring"},
        {"topology": "star"},
        {"judge": "ann"},
        {"contest_claims": False},
        {"rule": "schulze"},
    ],
    ids=str,
)
@pytest.mark.parametrize("options", [None, TAXES], ids=["open", "letters"])
def test_nothing_is_found_in_a_debate_however_it_is_set(changed, options):
    assert found(protocol=Debate(**changed), options=options) == []


def test_a_sound_graph_of_all_parts_passes():
    two = Parallel((Group(("ann", "bo"), (Repeat(FIRST, 2, Settled()),)), Group(("cy", "di"), ())))
    parts = (*FIRST, Gate(differ, (two, FanIn(Stand(), 3)), (Judge(),)), *END)
    assert found(*parts) == []


def decides(seen):
    """A stage of a user's own that decides, without a word of the library."""
    options = seen.opening.options
    yield ()
    ballots = tuple(ballot.id for ballot in seen.ballots)
    return (
        Decision(
            step=seen.place.step,
            order=0,
            status="decided",
            rule="mine",
            options=options,
            winner=options[0],
            ballots=ballots or ("b1",),
        ),
    )


def concludes(seen):
    text = "So be it."
    return (Answer(step=seen.place.step, order=0, text=text, author="composed"),)


def test_a_users_own_stages_are_known_by_what_they_do():
    assert found(*FIRST, Contest(), decides, concludes) == []
    assert found(*FIRST, Contest(), concludes) == [("", "nothing is decided")]


def test_a_condition_with_a_figure_is_no_constant():
    def counted(seen):
        return Finding(False, 0.0, 1.0, "none yet")

    assert found(*FIRST, Gate(counted, (Judge(),)), *END)[0][1].startswith("'counted' never looks")
