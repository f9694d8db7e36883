"""Composition: every step a protocol may take has a number before it runs."""

import pytest

from folkmoot.protocols import (
    CritiqueRevise,
    Debate,
    Guard,
    Repeat,
    Setting,
    Single,
    place,
    reference,
    unroll,
    unseated,
)
from folkmoot.protocols.compose import unbounded
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import JudgeDecides
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import Settled

OPEN, CHOICE = Setting(("ann", "bo")), Setting(("ann", "bo"), ("yes", "no"))


def test_steps_are_numbered_through_and_a_repetition_counts_rounds():
    steps = unroll((Stand(), Repeat((Stand(), Speak()), 2, Settled()), Conclude()))
    first, second = Guard(1, False), Guard(4, False)
    assert [(s.number, s.round, s.stage.name, s.guards) for s in steps] == [
        (0, 0, "stand", ()),
        (1, 0, "check", ()),
        (2, 1, "stand", (first,)),
        (3, 1, "speak", (first,)),
        (4, 1, "check", (first,)),
        (5, 2, "stand", (first, second)),
        (6, 2, "speak", (first, second)),
        (7, 2, "conclude", ()),
    ]


def test_rounds_go_on_counting_over_repetitions():
    steps = unroll((Repeat((Speak(),), 2), Repeat((Contest(),), 1), Conclude()))
    assert [step.round for step in steps] == [1, 2, 3, 3]


def rounds(seen) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for record in (*seen.turns, *seen.stances, *seen.moves, *seen.ballots):
        stage = getattr(record, "stage", record.record)
        found.setdefault(stage, set()).add(record.round)
    return found


def test_what_follows_a_repetition_stands_in_the_round_in_which_it_ended(begin, walk, seats):
    opening, settled = begin(["ann", "bo"]), seats(ann=0.9, bo=[0.1, 0.9])
    went = walk(Debate(rounds=9), opening, settled)
    assert rounds(went.seen) == {
        "stand": {0, 1},
        "speak": {0, 1},
        "judge": {1},
        "move": {1},
        "ballot": {1},
    }
    at_once = walk(Debate(rounds=9), opening, seats(ann=0.9, bo=0.9)).seen
    assert rounds(at_once)["judge"] == {0}
    assert {call.round for call in went.calls if call.purpose == "judge"} == {1}
    to_the_bound = walk(Debate(rounds=2), opening, seats(ann=0.9, bo=[0.1, 0.5, 0.1])).seen
    assert rounds(to_the_bound)["judge"] == {2}


def test_the_next_repetition_counts_on_from_there(begin, walk, weigh_by):
    """The draft is accepted as it is; the last stances are taken in the round after it."""

    def say(call):
        if call.op == "generate":
            return "So be it."
        return weigh_by(call, lambda o: 0.9 if o in ("yes", "accept") else 0.1)

    seen = walk(CritiqueRevise(rounds=5), begin(["ann", "bo"]), say).seen
    assert rounds(seen)["stand"] == {0, 1}
    assert rounds(seen)["verdict"] == {0}


def test_a_place_is_known_from_the_record_alone(begin, walk, seats):
    """Asking and telling, and a run that goes on after a stop, put a step in the same round."""
    protocol, opening = Debate(rounds=3), begin(["ann", "bo"])
    seen = walk(protocol, opening, seats(ann=0.9, bo=[0.1, 0.9])).seen
    for step in unroll(protocol.parts(Setting.of(opening))):
        so_far = [record for record in seen if record.step < step.number]
        told = [record for record in seen if record.step <= step.number]
        assert place(step, so_far) == place(step, told)


def test_seats_that_stages_name_must_be_on_the_panel():
    parts = (
        Stand(seats=("ann", "ghost")),
        Repeat((Speak(seats=("ghost", "wraith")),), 3),
        Contest(),
        JudgeDecides(judge="spook"),
    )
    assert [fault.split(", ")[0] for fault in unseated(parts, ("ann", "bo"))] == [
        "stage 'stand' names the seat 'ghost'",
        "stage 'speak' names the seat 'ghost'",
        "stage 'speak' names the seat 'wraith'",
        "stage 'decide' names the seat 'spook'",
    ]
    assert unseated(parts, ("ann", "ghost", "wraith", "spook")) == ()
    assert unseated(Single(seat="zoe").parts(OPEN), ("ann",)) != ()
    assert unseated(CritiqueRevise().parts(CHOICE), ("ann",)) == ()


@pytest.mark.parametrize("part", [Repeat((Speak(),), None), Repeat((), 3)])
def test_a_repetition_that_cannot_end_or_does_nothing_is_a_fault(part):
    assert unbounded((Stand(), part))[0].startswith("the protocol cannot be shown to end")
    assert unbounded((Stand(), Repeat((Speak(),), 3))) == ()


def test_no_bound_no_unrolling():
    with pytest.raises(ValueError, match="no bound"):
        unroll((Repeat((Speak(),), None),))


def test_a_reference_changes_with_anything_that_changes_what_is_asked():
    digests = {
        reference(protocol, setting).graph_sha256
        for protocol in (Debate(), Debate(rounds=2), Debate(topology="ring"), Debate(judge="ann"))
        for setting in (OPEN, CHOICE)
    }
    assert len(digests) == 8
    assert reference(Debate(), OPEN) == reference(Debate(), OPEN)
