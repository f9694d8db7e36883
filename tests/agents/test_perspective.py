"""A perspective is declared, and what is declared has a form."""

import pytest
from pydantic import ValidationError

from folkmoot.agents import Perspective


@pytest.mark.parametrize("weight", [0, -0.5, 1.001, float("nan")])
def test_a_weight_out_of_bounds_is_refused(weight):
    with pytest.raises(ValidationError, match=r"'face' is .* must be above 0, at most 1"):
        Perspective(values={"face": weight})


def test_nothing_need_be_declared_and_nothing_is_guessed():
    assert Perspective().model_dump() == {"statement": "", "values": {}, "red_lines": ()}
