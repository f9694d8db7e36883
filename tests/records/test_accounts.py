"""Accounts: whose each token and each second was, in two ways that add up to the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.records import Call, Opening, Party, ProtocolRef, Reply, Segment, Timing, Usage
from folkmoot.records.accounts import UNNAMED, accounts
from folkmoot.records.journal_reader import JournalView

OPENING = Opening(
    run_id="r",
    question="Q?",
    seed=1,
    parties=(
        Party(seat="ann", model="m", contributor="Ann's lab"),
        Party(seat="bo", model="m", contributor="Bo"),
        Party(seat="cy", model="m"),
    ),
    protocol=ProtocolRef(name="p", version="1", graph_sha256="0" * 64),
    started="2026-01-01T00:00:00.000+00:00",
)


def call(order: int, seat: str, *texts: str, purpose: str = "reason", model: str = "m") -> Call:
    segments = tuple(Segment(role="user", text=text) for text in texts)
    return Call(
        step=0,
        order=order,
        round=1,
        stage="s",
        seat=seat,
        model=model,
        op="generate",
        purpose=purpose,
        segments=segments,
    )


def answered(to: Call, prompt: int, cached: int | None, completion: int, **fields) -> Reply:
    usage = Usage(prompt=prompt, cached=cached, completion=completion)
    return Reply.to(to, "ok", **({"usage": usage, "engine": "vllm"} | fields))


def view(*pairs: tuple[Call, Reply | None]) -> JournalView:
    calls = tuple(each for each, _ in pairs)
    replies = tuple(reply for _, reply in pairs if reply is not None)
    return JournalView(OPENING, calls, replies, (), (), (), None, 1, "", 0, None)


def test_who_reads_a_prefix_first_pays_for_it_or_all_do():
    """Ten characters shared, five of its own for each; 15 tokens computed, then 5 and 5."""
    shared = "x" * 10
    calls = [call(n, seat, shared, f"{seat:<5}") for n, seat in enumerate(("ann", "bo", "cy"))]
    found = accounts(
        view(
            (calls[0], answered(calls[0], 15, 0, 2)),
            (calls[1], answered(calls[1], 15, 10, 2)),
            (calls[2], answered(calls[2], 15, 10, 2)),
        )
    )
    assert [found.seats[seat].computed for seat in ("ann", "bo", "cy")] == [15, 5, 5]
    each = 10 / 3 + 5
    assert [found.seats[seat].split for seat in ("ann", "bo", "cy")] == pytest.approx(
        [each] * 3, abs=0.01
    )
    assert (found.total.computed, found.total.split) == (25, pytest.approx(25, abs=0.01))


def test_caches_are_not_shared_between_models_and_engines():
    one, two = call(0, "ann", "x" * 10), call(1, "bo", "x" * 10, model="other")
    third = call(2, "cy", "x" * 10)
    found = accounts(
        view(
            (one, answered(one, 10, 0, 1)),
            (two, answered(two, 10, 0, 1)),
            (third, answered(third, 10, 0, 1, engine="elsewhere")),
        )
    )
    assert [row.split for row in found.calls] == [10, 10, 10]


def test_contributors_purposes_and_engines_have_lines_of_their_own():
    asked = [call(0, "ann", "a"), call(1, "ann", "b", purpose="judge"), call(2, "cy", "c")]
    found = accounts(view(*((each, answered(each, 3, 1, 2)) for each in asked)))
    assert {name: line.calls for name, line in found.contributors.items()} == {
        "Ann's lab": 2,
        UNNAMED: 1,
    }
    assert found.purposes["judge"].prompt == 3
    assert found.engines["vllm"] == found.total


def test_seconds_of_an_engine_go_by_tokens():
    one, two = call(0, "ann", "a"), call(1, "bo", "b")
    timing = Timing(waited=10, queued=20, prefill=30, decode=40, engine=500)
    found = accounts(
        view(
            (one, answered(one, 20, 0, 10, timing=timing)),
            (two, answered(two, 20, 20, 10, timing=timing)),
        )
    )
    assert [row.engine_s for row in found.calls] == pytest.approx([0.75, 0.25])
    total = found.total
    assert (total.waited_s, total.queued_s, total.prefill_s, total.decode_s, total.engine_s) == (
        0.02,
        0.04,
        0.06,
        0.08,
        1.0,
    )


def test_what_was_not_measured_is_absent():
    one, two = call(0, "ann", "a"), call(1, "bo", "b")
    found = accounts(view((one, answered(one, 5, None, 1)), (two, answered(two, 5, 0, 1))))
    assert (found.total.prompt, found.total.computed, found.total.split) == (10, None, None)
    assert (found.total.engine_s, found.seats["bo"].computed) == (None, 5)
    assert "queued_s" not in found.plain()["total"]


def test_what_nobody_answered_counts_and_costs_nothing():
    one, two, lost = call(0, "ann", "a"), call(1, "ann", "b"), call(2, "ann", "c")
    gone = Reply.to(two, "unavailable", retries=2, retried_for=("no answer",), engine="vllm")
    found = accounts(view((one, answered(one, 5, 0, 1)), (two, gone), (lost, None)))
    ann = found.seats["ann"]
    assert (ann.calls, ann.retries, ann.prompt, ann.split) == (2, 2, 5, 5.0)
    assert found.calls[1].retried_for == ("no answer",)


TEXTS = st.lists(
    st.sampled_from(["question", "first message", "second", "own part", ""]), min_size=1, max_size=5
)


@given(
    prompts=st.lists(
        st.tuples(TEXTS, st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12
    )
)
def test_both_ways_add_up_to_what_was_computed(prompts):
    asked = [call(n, "ann", *texts) for n, (texts, _, _) in enumerate(prompts)]
    told = [
        (each, answered(each, computed + cached, cached, 1))
        for each, (_, computed, cached) in zip(asked, prompts, strict=True)
    ]
    found = accounts(view(*told))
    computed = sum(computed for _, computed, _ in prompts)
    assert found.total.computed == computed
    weightless = all(not "".join(texts) for texts, _, _ in prompts)
    assert found.total.split == pytest.approx(0 if weightless else computed, abs=0.02)
