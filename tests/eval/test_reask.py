"""A record's models asked again: which replies are equal, and where the others part."""

import asyncio
import math
from pathlib import Path

import pytest

from folkmoot.agents import Agent, Panel
from folkmoot.eval.reask import reask
from folkmoot.graphs import Answered, Opened, StageStarted, deliberate
from folkmoot.pool import Pool
from folkmoot.pool.scripted import Scripted
from folkmoot.protocols import Debate
from folkmoot.records import (
    HUMAN,
    Call,
    CallRefused,
    InputError,
    Journal,
    ModelRef,
    PoolError,
    Reply,
    Usage,
    read_journal,
)
from tests.protocols.conftest import Seats

LEANING = Seats(ann=0.9, bo=0.8, cy=0.1)


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> Path:
    outcome = asyncio.run(
        deliberate(
            "Should we share?",
            Panel(Agent(name, model="m") for name in ("ann", "bo", "cy")),
            Debate(rounds=1, contest_claims=False),
            Pool.scripted(LEANING),
            options=("yes", "no"),
            record_dir=tmp_path_factory.mktemp("runs"),
        )
    )
    return Path(outcome.record or "")


def asked(record, say, **more):
    pool = say if isinstance(say, Pool) else Pool.scripted(say)
    return asyncio.run(reask(record, pool, **more))


def test_the_same_models_say_the_same_and_nothing_is_written(record):
    before = {path: path.read_bytes() for path in record.iterdir()}
    heard = []
    found = asked(record, LEANING, watch=heard.append)
    assert (found.verdict, found.promised, found.promises) == ("exact", "exact", "exact")
    assert found.total.asked == found.total.equal == len(read_journal(record).replies)
    assert found.partings == ()
    assert {path: path.read_bytes() for path in record.iterdir()} == before
    assert found.usage == Usage.sum(each.usage for each in read_journal(record).replies.values())
    assert isinstance(heard[0], Opened)
    assert sum(isinstance(each, Answered) for each in heard) == found.total.asked
    steps = [each.step for each in heard if isinstance(each, StageStarted) and each.calls]
    assert steps == sorted({call.step for call in read_journal(record).calls})


def test_each_call_is_asked_as_it_stands_on_record(record):
    engine = Scripted(lambda call: "Other words." if call.op == "generate" else LEANING(call))
    asked(record, Pool([engine]))
    assert sorted(engine.history, key=lambda call: call.id) == sorted(
        read_journal(record).calls, key=lambda call: call.id
    )


def test_where_texts_part_is_told_to_the_character(record):
    view = read_journal(record)

    def say(call: Call):
        if call.op == "generate" and call.seat == "bo":
            return view.replies[call.id].text.replace("saves", "sinks", 1)
        return LEANING(call)

    found = asked(record, say)
    assert found.verdict == "statistical"
    mine = [call for call in view.calls if (call.op, call.seat) == ("generate", "bo")]
    assert [each.call for each in found.partings] == [call.id for call in mine]
    for each in found.partings:
        was = view.replies[each.call].text
        assert each.at == was.index("saves") + 1
        assert (each.recorded[:4], each.now[:4]) == ("aves", "inks")
    bo, ann = found.by_seat["bo"], found.by_seat["ann"]
    assert (bo.equal, ann.equal) == (bo.asked - len(mine), ann.asked)
    spoken = found.by_stage["speak"]
    assert (spoken.equal, spoken.share) == (4, pytest.approx(2 / 3))
    assert found.equal_share.value == pytest.approx(1 - 2 / found.total.asked)


def test_a_reply_that_only_goes_on_parts_at_its_end(record):
    view = read_journal(record)
    longer = asked(
        record,
        lambda c: f"{view.replies[c.id].text} And more" if c.op == "generate" else LEANING(c),
    )
    for each in longer.partings:
        assert (each.at, each.recorded) == (len(view.replies[each.call].text), "")


def test_how_far_probabilities_are_apart(record):
    def say(call: Call):
        said = LEANING(call)
        if call.op == "generate" or call.seat != "ann" or call.purpose != "stand":
            return said
        return [said[0] - 0.2, said[1] + 0.2] if said[0] > 0.5 else [said[0] + 0.2, said[1] - 0.2]

    found = asked(record, say)
    ann = found.by_seat["ann"]
    changed = len(found.partings)
    assert changed == ann.asked - ann.equal > 0
    assert math.isclose(found.total.largest_difference, 0.2, abs_tol=1e-5)
    assert math.isclose(
        found.total.mean_difference, 0.2 * changed / found.total.probabilities, abs_tol=1e-5
    )
    assert {each.at for each in found.partings} == {None}
    assert found.by_seat["bo"].largest_difference == 0


def test_a_reply_that_did_not_come_says_nothing_of_the_models(record):
    def say(call: Call):
        return CallRefused("too long") if call.seat == "cy" else LEANING(call)

    found = asked(record, say)
    assert found.verdict == "statistical"
    assert found.total.equal == found.total.answered < found.total.asked
    assert found.partings == ()
    assert found.unanswered == {"refused: too long": found.by_seat["cy"].asked}
    assert (found.by_seat["cy"].share, found.equal_share.value) == (None, 1.0)
    assert asked(record, lambda call: CallRefused("no")).verdict == "not told"


class Pinned(Scripted):
    """An engine that names the digests of its models."""

    digest: str | None = "a" * 64

    def reference(self, model: str) -> ModelRef:
        return ModelRef(name=model, source="folder", weights_sha256=self.digest)


def test_other_weights_are_told_before_anything_is_asked(record, tmp_path):
    view = read_journal(record)
    known = ModelRef(name="m", source="folder", weights_sha256="a" * 64)
    opening = view.opening.model_copy(update={"models": (known,)})
    with Journal.create(tmp_path / "pinned", opening) as journal:
        for call in view.calls:
            journal.call(call)
            journal.reply(view.replies[call.id])
    for digest, weights in (("a" * 64, "same"), ("b" * 64, "other"), (None, "not known")):
        engine, told = Pinned(LEANING), []
        engine.digest = digest
        found = asked(
            tmp_path / "pinned",
            Pool([engine]),
            on_models=lambda models, e=engine, t=told: t.append((models, len(e.history))),
        )
        ((models, asked_before),) = told
        assert asked_before == 0
        assert [each.weights for each in models] == [weights]
        assert found.models == models


def test_people_and_failures_are_not_asked_again(record, tmp_path):
    view = read_journal(record)
    generated = [call for call in view.calls if call.op == "generate"]
    human, failed = generated[0].id, generated[1].id
    with Journal.create(tmp_path / "r", view.opening) as journal:
        for call in view.calls[:-1]:
            reply = view.replies[call.id]
            if call.id == failed:
                reply = Reply.to(call, "unavailable", error="gone")
            if call.id == human:
                call = call.model_copy(update={"model": HUMAN})
            journal.call(call)
            journal.reply(reply)
        journal.call(view.calls[-1])
    found = asked(tmp_path / "r", LEANING)
    assert found.skipped == {
        "answered by a person": 1,
        "unavailable on record": 1,
        "without a reply": 1,
    }
    assert found.total.asked == len(view.calls) - 3
    with Journal.create(tmp_path / "none", view.opening):
        pass
    with pytest.raises(InputError, match="can be asked for again"):
        asked(tmp_path / "none", LEANING)


def test_a_model_that_the_pool_does_not_know_is_named(record):
    with pytest.raises(PoolError, match="unknown model 'm'"):
        asked(record, Pool.scripted(LEANING, ["other"]))
