"""The vocabulary that ships: twenty values of the refined theory."""

import pytest

from folkmoot.agents import SCHWARTZ_20
from folkmoot.records import PanelError


def test_there_are_twenty_values_each_with_a_label_of_its_own():
    assert len(SCHWARTZ_20.labels) == len(set(SCHWARTZ_20.labels.values())) == 20


def test_unknown_names_are_listed_with_the_known_ones():
    with pytest.raises(PanelError, match=r"\['thrift', 'Face'\]") as fault:
        SCHWARTZ_20.check(["thrift", "face", "Face"])
    assert fault.value.hint.count(",") == 19
