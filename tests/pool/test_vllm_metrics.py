"""A vLLM server's own counters."""

import time

import pytest

from folkmoot.pool.vllm.metrics import Counters, Gauges, read_counters, read_gauges
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


DOING = """\
vllm:num_requests_running{engine="0",model_name="a"} 3.0
vllm:num_requests_running{engine="1",model_name="a"} 2.0
vllm:num_requests_waiting{engine="0",model_name="a"} 4.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="a",reason="capacity"} 4.0
vllm:kv_cache_usage_perc{engine="0",model_name="a"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="a"} 0.5
vllm:prefix_cache_queries_total{engine="0",model_name="a"} 1000.0
vllm:prefix_cache_hits_total{engine="0",model_name="a"} 640.0
vllm:external_prefix_cache_queries_total{engine="0",model_name="a"} 9.0
vllm:request_success_total{engine="0",finished_reason="stop",model_name="a"} 70.0
vllm:request_success_total{engine="0",finished_reason="error",model_name="a"} 2.0
vllm:engine_sleep_state{engine="0",model_name="a",sleep_state="awake"} 1.0
vllm:engine_sleep_state{engine="0",model_name="a",sleep_state="discard_all"} 0.0
vllm:lora_requests_info{max_lora="4",running_lora_adapters="x}y,\\"z",waiting_lora_adapters=""} 1.7e+09
vllm:lora_requests_info{max_lora="4",running_lora_adapters="",waiting_lora_adapters=""} 1.6e+09
process_start_time_seconds 1.5e+09
"""


def test_what_a_server_is_doing_is_read_over_its_engines():
    found = read_gauges(DOING)
    assert found == Gauges(
        running=5,
        waiting=4,
        kv_use=0.5,
        asked=1000,
        hits=640,
        failed=2,
        asleep=False,
        adapters=("x}y", r"\"z"),
        slots=4,
        began=1.5e9,
    )
    assert found.hit_rate == 0.64


def test_what_a_server_does_not_tell_is_absent():
    found = read_gauges("vllm:num_requests_running 0\nvllm:num_requests_waiting 0\n")
    assert found == Gauges(0, 0, *[None] * 8)
    assert found.hit_rate is None


def test_the_share_of_nothing_is_absent():
    text = DOING.replace("queries_total{", 'queries_total{x="",').replace("1000.0", "0.0")
    assert read_gauges(text).hit_rate is None


def test_a_server_sleeps_when_any_of_its_engines_is_not_awake():
    asleep = 'vllm:engine_sleep_state{engine="1",sleep_state="awake"} 0.0\n'
    assert read_gauges(DOING + asleep).asleep is True


@pytest.mark.parametrize("value", ["NaN", "-Inf", "-1.0", "many", "9e99"])
@pytest.mark.parametrize("name", ["num_requests_running", "kv_cache_usage_perc"])
def test_a_gauge_that_is_no_number_is_not_read(name: str, value: str):
    with pytest.raises(EngineUnavailable, match=name):
        read_gauges(f'vllm:{name}{{engine="9"}} {value}\n{DOING}')


@pytest.mark.parametrize("gauge", ["num_requests_running", "num_requests_waiting"])
def test_a_text_without_gauges_is_not_a_servers(gauge: str):
    with pytest.raises(EngineUnavailable, match=gauge):
        read_gauges(DOING.replace(f"vllm:{gauge}{{", "vllm:other{"))


def test_hostile_labels_cost_no_time_and_name_no_slots():
    labels = 'max_lora="' + "9" * 5000 + '",running_lora_adapters="' + "q" * 100_000 + '"'
    hostile = "vllm:x{" + '"\\' * 50_000 + "\n" + "vllm:y{" + "a" * 100_000 + "\n"
    began = time.monotonic()
    found = read_gauges(f"{hostile}{DOING}vllm:lora_requests_info{{{labels}}} 2e+09\n")
    assert time.monotonic() - began < 2
    assert found.slots is None
    assert found.adapters == ("q" * 200,)
