"""What a vLLM promises of asking again: exact where seeds are sent and batches do not matter."""

import pytest

from folkmoot.pool.vllm.promises import Promises, of_started

ON = {"VLLM_BATCH_INVARIANT": "1"}
CHUNKED = ("--max-num-seqs", "8", "--enable-chunked-prefill")


@pytest.mark.parametrize(
    ("gpu", "flags", "env", "expected"),
    [
        (True, (), ON, (True, True, "exact")),
        (True, CHUNKED, ON, (True, True, "exact")),
        (True, (), {}, (True, False, "statistical")),
        (True, (), {"VLLM_BATCH_INVARIANT": "0"}, (True, False, "statistical")),
        (True, (), {"VLLM_BATCH_INVARIANT": "yes"}, (True, False, "statistical")),
        (False, (), ON, (True, False, "statistical")),
        (False, CHUNKED, {}, (False, False, "statistical")),
        (False, ("--enable_chunked_prefill",), {}, (False, False, "statistical")),
        (False, ("--no-enable-chunked-prefill",), {}, (True, False, "statistical")),
    ],
)
def test_of_one_that_is_started_here(gpu, flags, env, expected):
    said = of_started(gpu, flags, env).described()
    assert (said["seeds"], said["batch_invariant"], said["replay"]) == expected


@pytest.mark.parametrize("seeds", [True, False])
def test_what_is_not_known_is_absent(seeds: bool):
    said = Promises(seeds, None).described()
    assert said == {"seeds": seeds, "replay": "statistical"}


def test_without_seeds_nothing_is_exact():
    assert Promises(False, True).described()["replay"] == "statistical"
