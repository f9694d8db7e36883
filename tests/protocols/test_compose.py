"""Composition: every step a protocol may take has a number before it runs."""

import pytest

from folkmoot.protocols import Debate, Repeat, reference, unroll
from folkmoot.protocols.compose import unbounded
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import Settled


def test_steps_are_numbered_through_and_a_repetition_counts_rounds():
    steps = unroll((Stand(), Repeat((Stand(), Speak()), 2, Settled()), Conclude()))
    assert [(s.number, s.round, s.stage.name, s.skip_to) for s in steps] == [
        (0, 0, "stand", None),
        (1, 1, "stand", 5),
        (2, 1, "speak", None),
        (3, 2, "stand", 5),
        (4, 2, "speak", None),
        (5, 2, "conclude", None),
    ]
    assert [step.until is not None for step in steps] == [False, True, False, True, False, False]


def test_rounds_go_on_counting_over_repetitions():
    steps = unroll((Repeat((Speak(),), 2), Repeat((Contest(),), 1), Conclude()))
    assert [step.round for step in steps] == [1, 2, 3, 3]


@pytest.mark.parametrize("part", [Repeat((Speak(),), None), Repeat((), 3)])
def test_a_repetition_that_cannot_end_or_does_nothing_is_a_fault(part):
    assert unbounded((Stand(), part))[0].startswith("the protocol cannot be shown to end")
    assert unbounded((Stand(), Repeat((Speak(),), 3))) == ()


def test_no_bound_no_unrolling():
    with pytest.raises(ValueError, match="no bound"):
        unroll((Repeat((Speak(),), None),))


def test_a_reference_changes_with_anything_that_changes_what_is_asked():
    digests = {
        reference(protocol, open_question).graph_sha256
        for protocol in (Debate(), Debate(rounds=2), Debate(topology="ring"), Debate(judge="ann"))
        for open_question in (True, False)
    }
    assert len(digests) == 8
    assert reference(Debate(), True) == reference(Debate(), True)
