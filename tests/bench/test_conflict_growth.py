"""Drawing up conflicts costs in proportion to the transcript: work is counted, not timed."""

import pytest
from growth import SHAPES, processed, transcript

from tests.records.test_growth import work


@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_messages_are_about_four_times_the_work(shape):
    def lines(messages: int) -> int:
        begun = transcript(messages, *SHAPES[shape])
        return work(lambda: processed(*begun))

    assert lines(4000) < 5 * lines(1000)
