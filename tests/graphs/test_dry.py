"""The worst case bounds every real run, in calls and in the length of each prompt."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.graphs import deliberate_sync, worst_case
from folkmoot.pool import Pool, Scripted
from folkmoot.protocols import Debate, catalogue
from folkmoot.records import Budget, GraphError

KINDS = {"words": ("yes", "no"), "letters": ("a tax on all", "a ban", "neither"), "open": None}
SEATS = ("ann", "bo", "cy", "di")


def words(call, every: bool = True) -> int:
    kept = (segment.text for segment in call.segments if every or segment.drop == 0)
    return sum(len(text.split()) for text in kept) + call.sampling.max_tokens


class LongWinded:
    """Replies by lot whose texts are as long as they may be."""

    def __init__(self, replies) -> None:
        self.replies = replies

    def __call__(self, call):
        said = self.replies(call)
        if not isinstance(said, str):
            return said
        long = " ".join(["word"] * call.sampling.max_tokens)
        if call.json_schema is None:
            return long
        try:
            return json.dumps(json.loads(said) | {"reason": long})
        except ValueError:
            return said


DEBATES = [
    Debate(rounds=3),
    Debate(rounds=2, topology="ring", rule="schulze"),
    Debate(rounds=2, topology="star"),
    Debate(rounds=1, judge="bo"),
]


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    "what",
    [*(entry.name for entry in catalogue()), *DEBATES],
    ids=lambda w: getattr(w, "rounds", w),
)
@settings(deadline=None, max_examples=2)
@given(lot=st.integers(0, 10**6), trouble=st.sampled_from([0.0, 0.1]))
def test_no_run_asks_more_or_longer(
    panel, anything, protocol, tmp_path_factory, what, options, lot, trouble
):
    chosen = protocol(what, "ann") if isinstance(what, str) else what
    bounds(panel, anything, chosen, tmp_path_factory, options, lot, trouble)


@pytest.mark.parametrize(
    ("what", "options", "lot", "trouble"),
    [
        # A judge hears only messages that argue for the longest option.
        (DEBATES[-1], KINDS["letters"], 826396, 0.0),
        # The aggregator of a mixture says nothing: messages are ranked.
        ("mixture", None, 102, 0.1),
    ],
)
def test_runs_that_once_asked_more(
    panel, anything, protocol, tmp_path_factory, what, options, lot, trouble
):
    chosen = protocol(what, "ann") if isinstance(what, str) else what
    bounds(panel, anything, chosen, tmp_path_factory, options, lot, trouble)


def bounds(panel, anything, chosen, tmp_path_factory, options, lot, trouble):
    """One run, and that its worst case bounds it."""
    engine = Scripted(LongWinded(anything(lot, trouble)))
    outcome = deliberate_sync(
        "Should we?",
        panel(*SEATS, stated="di", sampling={"max_tokens": 20}),
        chosen,
        Pool([engine]),
        options=options,
        seed=lot,
        record_dir=tmp_path_factory.mktemp("runs"),
    )
    bound = worst_case(chosen, outcome.transcript.opening)
    assert len(engine.history) <= len(bound.calls)
    assert max(map(words, engine.history)) <= max(map(words, bound.calls))
    longest = max(words(call, False) for call in bound.longest())
    assert max(words(call, False) for call in engine.history) <= longest


def test_a_run_at_its_worst_reaches_the_bound(panel, seats, tmp_path):
    """Two seats that change sides in every round leave nothing out."""
    engine = Scripted(seats(ann=[0.9, 0.1, 0.9], bo=[0.1, 0.9, 0.1]))
    outcome = deliberate_sync(
        "Should we?",
        panel("ann", "bo"),
        Debate(rounds=2),
        Pool([engine]),
        options=("yes", "no"),
        record_dir=tmp_path,
    )
    bound = worst_case(Debate(rounds=2), outcome.transcript.opening)
    assert [call.id for call in bound.calls] == sorted(
        (call.id for call in engine.history), key=lambda i: [int(n) for n in i[1:].split(".")]
    )


def test_a_budget_of_exactly_the_worst_case_is_enough(panel, seats, tmp_path):
    def run(calls: int):
        return deliberate_sync(
            "Should we?",
            panel("ann", "bo"),
            Debate(rounds=1),
            Pool.scripted(seats(ann=0.9, bo=0.1)),
            options=("yes", "no"),
            budget=Budget(calls=calls),
            record_dir=tmp_path,
        )

    with pytest.raises(GraphError) as fault:
        run(1)
    needed = int(fault.value.findings[0].split()[2])
    assert run(needed).status == "complete"
    with pytest.raises(GraphError):
        run(needed - 1)


def test_the_call_that_needs_most_room_is_found_by_what_cannot_be_dropped(panel, seats, tmp_path):
    """Messages may be dropped; the answers that are ranked may not."""
    outcome = deliberate_sync(
        "Should we?",
        panel(*SEATS),
        Debate(rounds=6, rule="schulze"),
        Pool.scripted(
            lambda c: "So." if c.op == "generate" else [1 / len(c.options)] * len(c.options)
        ),
        record_dir=tmp_path,
    )
    bound = worst_case(Debate(rounds=6, rule="schulze"), outcome.transcript.opening)
    assert max(bound.longest(), key=lambda call: words(call, False)).purpose == "rank"


def test_a_context_must_hold_what_cannot_be_dropped_and_no_more(panel, seats, tmp_path):
    """Messages are dropped where a context is full, so they need no room."""
    protocol = Debate(rounds=1, contest_claims=False)

    def run(window: int):
        return deliberate_sync(
            "Should we?",
            panel("ann", "bo"),
            protocol,
            Pool([Scripted(seats(ann=0.9, bo=0.1), window=window)]),
            options=("yes", "no"),
            record_dir=tmp_path,
        )

    with pytest.raises(GraphError) as fault:
        run(100)
    needed = int(fault.value.findings[0].split("with up to ")[1].split()[0])
    bound = worst_case(protocol, run(needed).transcript.opening)
    assert needed == max(words(call, every=False) for call in bound.longest())
    assert needed < max(map(words, bound.calls))
    with pytest.raises(GraphError):
        run(needed - 1)
