"""A log hides no mistake, and does not move it: faults are where the protocol is written."""

import pytest

from folkmoot.protocols import Debate, Log, with_log
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.speak import Speak
from tests.graphs.test_soundness import END, FIRST, PLANTED, found

LOG = Log(declare=True, clerk="clerk", llm="large", embed="vectors", ratify=True, reopen=True)


@pytest.mark.parametrize(("parts", "expected"), PLANTED.values(), ids=PLANTED)
def test_under_a_log_a_mistake_is_found_where_it_is_written(parts, expected):
    plain = Composed(name="planted", parts=parts)
    where, what = expected
    assert where in [at for at, each in found(protocol=with_log(plain, LOG)) if what in each]


def test_under_a_log_faults_of_open_parts_stand_under_their_own_key():
    late = (Speak(), Contest(), Decide(), Conclude(), Speak())
    plain = Composed(name="planted", parts=(*FIRST, *END), open_parts=late)
    without = found(protocol=plain, options=None)
    assert "open_parts[4]" in [at for at, _ in without]
    assert found(protocol=with_log(plain, LOG), options=None) == without


def test_a_log_hides_no_rule_for_nobody():
    judged = Debate(judge="ann", rule="unanimity")
    assert found(protocol=with_log(judged, LOG)) == found(protocol=judged) != []


def test_what_is_wrong_with_a_stage_of_the_log_stands_under_its_setting():
    """Two conclusions: dissents are asked for before each, the second time after the answer."""
    parts = (*FIRST, *END, Conclude())
    late = found(protocol=with_log(Composed(name="planted", parts=parts), Log(ratify=True)))
    assert ("log.ratify", "'ratify' comes after the conclusion") in late
    assert "parts[5]" in [at for at, _ in late]
    assert found(protocol=with_log(Debate(), LOG)) == []
