"""A vLLM server's own counters."""

import pytest

from folkmoot.pool.vllm_metrics import Counters, read_counters
from folkmoot.records import EngineUnavailable

TEXT = """\
# HELP vllm:prompt_tokens_total Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{engine="0",model_name="a"} 1.5e+03
vllm:prompt_tokens_total{engine="1",model_name="a"} 7.0
vllm:prompt_tokens_created{engine="0",model_name="a"} 1.79e+09
vllm:prompt_tokens_by_source_total{engine="0",model_name="a",source="local_compute"} 9.0
vllm:prompt_tokens_cached_total{engine="0",model_name="a"} 128.0
vllm:generation_tokens_total{engine="0",model_name="a"} 33.0
"""


def test_counters_are_summed_over_engines():
    found = read_counters(TEXT)
    assert found == Counters(prompt=1507, cached=128, generation=33)
    assert found.computed == 1379


def test_a_difference_is_taken_field_by_field():
    later, earlier = Counters(10, 4, 3), Counters(1, 2, 3)
    assert later.since(earlier) == Counters(9, 2, 0)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-1.0", "many"])
def test_a_counter_that_is_no_count_is_not_read(value: str):
    with pytest.raises(EngineUnavailable, match="generation_tokens"):
        read_counters(TEXT.replace("33.0", value))


def test_a_missing_counter_is_not_a_zero():
    text = TEXT.replace("vllm:generation_tokens_total", "vllm:other_total")
    with pytest.raises(EngineUnavailable, match="generation_tokens"):
        read_counters(text)
