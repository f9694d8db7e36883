import math

import pytest
from pydantic import ValidationError

from folkmoot.records import Sampling


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("max_tokens", (0, -1)),
        ("temperature", (-0.1, 10.1, math.inf, math.nan)),
        ("top_p", (0, -0.5, 1.01, math.inf, math.nan)),
    ],
)
def test_what_no_engine_can_draw_by_is_refused(field, wrong):
    for value in wrong:
        with pytest.raises(ValidationError, match=field):
            Sampling.model_validate({field: value})


def test_the_bounds_themselves_can_be_used():
    least = Sampling(max_tokens=1, temperature=0, top_p=1)
    assert (least.max_tokens, least.temperature, least.top_p) == (1, 0.0, 1.0)
    assert Sampling(temperature=10, top_p=1e-6).temperature == 10.0
