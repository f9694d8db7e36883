"""The serialiser of checkpoints builds our records and calls, and nothing else."""

from typing import get_args

from folkmoot.graphs.checkpoint import STORED, serializer
from folkmoot.records import Call, ModelRef, Record, Reply, Segment

CALL = Call(
    step=0,
    order=0,
    round=0,
    stage="stand",
    seat="ann",
    model="m",
    op="choose",
    purpose="stand",
    segments=(Segment(role="user", text="Share?", drop=1, label="question"),),
    options=(" yes", " no"),
)


def test_every_kind_of_record_and_calls_are_stored():
    union = get_args(get_args(Record)[0])
    assert {*union, Call} == set(STORED)


def test_what_is_stored_comes_back_equal():
    both = serializer()
    for value in (CALL, Reply.to(CALL, "ok", logprobs=(-0.1, -2.0))):
        assert both.loads_typed(both.dumps_typed(value)) == value


def test_nothing_else_is_built():
    both = serializer()
    back = both.loads_typed(both.dumps_typed(ModelRef(name="m")))
    assert not isinstance(back, ModelRef)
