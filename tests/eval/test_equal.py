"""A protocol and its controls over sets of questions, at the same total of tokens."""

import asyncio
import re
from pathlib import Path

import pytest

from folkmoot.agents import Panel
from folkmoot.eval import (
    CONTROLS,
    Control,
    EqualTokens,
    Rung,
    equal_tokens,
    equal_tokens_sync,
    tokens_of,
)
from folkmoot.graphs import Question, deliberate_many_sync
from folkmoot.pool import Pool, Scripted
from folkmoot.protocols import BlindVote, Debate, SelfConsistency, Single
from folkmoot.records import InputError, RecordError, Reply, load, verify

OPTIONS = ("yes", "no")
QUESTIONS = tuple(f"Is it so in case {number}{' indeed' * (number % 5)}?" for number in range(12))
DEBATE = Debate(rounds=1, contest_claims=False)


def matched(panel, pool, tmp_path, controls=None, questions=QUESTIONS, **more):
    return equal_tokens_sync(
        questions,
        panel,
        more.pop("protocol", DEBATE),
        pool,
        controls=controls,
        options=more.pop("options", OPTIONS),
        record_dir=tmp_path,
        **more,
    )


def counted(arm):
    """What the records of an arm took, added up anew."""
    return sum(tokens_of(load(row.record)) for row in arm.rows)


def test_every_control_is_at_the_same_tokens_over_a_set(panel, talk, tmp_path):
    found = matched(panel("ann", "bo", "cy"), Pool.scripted(talk()), tmp_path)
    assert [arm.name for arm in found.controls] == list(CONTROLS)
    target = counted(found.protocol)
    assert found.protocol.tokens == target
    for arm in found.controls:
        assert abs(counted(arm) / target - 1) <= 0.05, (arm.name, arm.ratio, arm.why)
        assert arm.ratio == pytest.approx(counted(arm) / target)
        assert (arm.matched, arm.why) == (True, "")
    assert found.unmatched == ()
    assert found.require_matched() is found


def test_open_questions_too(panel, talk, tmp_path):
    names = ["self-correction", "noise-peers", "best-of-n", "self-moa", "same-model"]
    pool = Pool.scripted(talk())
    found = matched(panel("ann", "bo", "cy"), pool, tmp_path, names, options=None)
    for arm in found.controls:
        assert abs(counted(arm) / counted(found.protocol) - 1) <= 0.05, (arm.name, arm.ratio)
        assert arm.matched


def test_every_row_says_what_came_of_it_and_where_it_is_on_record(panel, talk, tmp_path):
    pool = Pool.scripted(talk())
    found = matched(panel("ann", "bo"), pool, tmp_path, ["self-consistency"], QUESTIONS[:3])
    (arm,) = found.controls
    for row, own, question in zip(arm.rows, found.protocol.rows, QUESTIONS, strict=False):
        outcome = load(row.record)
        assert verify(row.record).ok
        assert (row.question, row.options) == (question, OPTIONS)
        assert row.answer == outcome.answer
        assert row.winner == outcome.decision.winner
        assert len(outcome.transcript.replies) == row.size
        assert row.tokens == tokens_of(outcome)
        assert row.target == own.tokens == tokens_of(load(own.record))
        assert row.ratio == row.tokens / row.target
    assert Path(found.records) in Path(arm.rows[0].record).parents
    assert EqualTokens.model_validate(found.plain()) == found


def test_a_step_that_is_too_large_is_said_and_not_hidden(panel, talk, tmp_path):
    pool, questions = Pool.scripted(talk()), QUESTIONS[:1]
    found = matched(
        panel("ann", "bo"), pool, tmp_path, ["self-correction"], questions, protocol=BlindVote()
    )
    twice = matched(
        panel("ann", "bo"),
        pool,
        tmp_path,
        ["self-correction"],
        questions,
        protocol=Debate(rounds=1, contest_claims=True),
        tolerance=0.001,
    )
    assert found.arm("self-correction").matched
    assert found.arm("self-correction").rows[0].size == 0, "the first answers are all there is"
    (arm,) = twice.unmatched
    assert abs(arm.ratio - 1) > 0.001
    assert arm.why == "too few questions (1) for steps in rounds to even out"
    with pytest.raises(InputError, match=r"not at equal tokens: self-correction: \d\.\d{3}, too f"):
        twice.require_matched()


def test_what_cannot_be_larger_is_said(panel, talk, tmp_path):
    few = CONTROLS["self-consistency"]._replace(sizes=lambda given: range(1, 3))
    found = matched(panel("ann", "bo"), Pool.scripted(talk()), tmp_path, [few])
    (arm,) = found.unmatched
    assert arm.ratio < 0.8
    assert arm.why == "12 of 12 questions have the largest size that there is, 2 draws"


def test_asked_again_nothing_is_paid_twice(panel, talk, tmp_path):
    first, second = talk(), talk(lot=99)
    names = ["self-consistency", "same-model"]
    one = matched(panel("ann", "bo"), Pool.scripted(first), tmp_path, names, QUESTIONS[:4])
    two = matched(panel("ann", "bo"), Pool.scripted(second), tmp_path, names, QUESTIONS[:4])
    assert two == one
    assert first.calls
    assert second.calls == []


async def test_a_stopped_one_goes_on_and_comes_to_the_same(panel, talk, tmp_path):
    names = ["self-consistency", "best-of-n", "noise-peers"]

    async def run(pool, folder):
        return await equal_tokens(
            QUESTIONS[:4],
            panel("ann", "bo"),
            DEBATE,
            pool,
            controls=names,
            options=OPTIONS,
            record_dir=folder,
        )

    whole = talk()
    undisturbed = await run(Pool.scripted(whole), tmp_path / "a")
    begun, stuck = talk(), asyncio.Event()

    async def until_stuck(call):
        if len(begun.calls) >= 2 * len(whole.calls) // 3:
            stuck.set()
            await asyncio.Event().wait()
        return begun(call)

    running = asyncio.create_task(run(Pool.scripted(until_stuck), tmp_path / "b"))
    await stuck.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    rest = talk()
    resumed = await run(Pool.scripted(rest), tmp_path / "b")
    assert len(rest.calls) < len(whole.calls) / 2, "what was answered is not asked again"
    assert [rows(arm) for arm in resumed.controls] == [rows(arm) for arm in undisturbed.controls]


def rows(arm):
    return [(row.id, row.answer, row.size, row.tokens, row.target) for row in arm.rows]


def test_records_can_be_the_target(panel, talk, tmp_path):
    pool = Pool.scripted(talk())
    outcomes = deliberate_many_sync(
        QUESTIONS[:3],
        panel("ann", "bo"),
        DEBATE,
        pool,
        options=OPTIONS,
        record_dir=tmp_path / "own",
    )
    names = ["self-consistency"]
    by_run = matched(
        panel("ann", "bo"), pool, tmp_path / "x", names, QUESTIONS[:3], target=outcomes
    )
    by_folder = matched(
        panel("ann", "bo"),
        pool,
        tmp_path / "y",
        names,
        QUESTIONS[:3],
        target=[each.record for each in outcomes],
    )
    ran = matched(panel("ann", "bo"), pool, tmp_path / "z", names, QUESTIONS[:3])
    assert rows(by_run.controls[0]) == rows(by_folder.controls[0]) == rows(ran.controls[0])
    one = matched(
        panel("ann", "bo"), pool, tmp_path / "v", names, QUESTIONS[:1], target=_of(outcomes, 0)
    )
    assert one.protocol.rows[0].record == str(_of(outcomes, 0).record)
    with pytest.raises(InputError, match="no record is of the question"):
        matched(panel("ann", "bo"), pool, tmp_path / "w", names, target=outcomes)
    with pytest.raises(InputError, match="the panel differs"):
        matched(panel("ann", "cy"), pool, tmp_path / "w", names, QUESTIONS[:3], target=outcomes)
    with pytest.raises(InputError, match="the protocol differs"):
        matched(
            panel("ann", "bo"),
            pool,
            tmp_path / "w",
            names,
            QUESTIONS[:3],
            target=outcomes,
            protocol=Debate(rounds=3),
        )


def _of(outcomes, place):
    return next(o for o in outcomes if o.transcript.opening.question == QUESTIONS[place])


def test_what_controls_are(panel, talk, tmp_path):
    """Who sits on their panels, and what is asked."""
    people = panel("ann", "bo", "cy", bo="other")
    found = matched(people, Pool.scripted(talk()), tmp_path, None, QUESTIONS[:3], agent="bo")
    openings = {arm.name: load(arm.rows[0].record).transcript.opening for arm in found.controls}
    own = load(found.protocol.rows[0].record).transcript.opening
    for name in ("self-consistency", "best-of-n", "all-perspectives"):
        assert [(p.seat, p.model) for p in openings[name].parties] == [("bo", "other")]
    assert openings["self-consistency"].parties[0] == own.party("bo")
    said = openings["all-perspectives"].parties[0].statement
    assert all(agent.perspective.statement in said for agent in people)
    for name in ("self-moa", "same-model"):
        parties = openings[name].parties
        assert {(p.model, p.statement) for p in parties} == {("other", own.party("bo").statement)}
    assert openings["self-correction"].parties == own.parties
    assert openings["same-model"].seed == openings["noise-peers"].seed == own.seed
    assert openings["self-consistency"].seed != own.seed
    permuted = openings["permuted-perspectives"]
    assert [p.seat for p in permuted.parties] == ["ann", "bo", "cy"]
    assert {p.statement for p in permuted.parties} == {p.statement for p in own.parties}
    assert all(p.statement != own.party(p.seat).statement for p in permuted.parties)
    names = {name: opening.protocol.name for name, opening in openings.items()}
    assert names["same-model"] == names["permuted-perspectives"] == "debate-yoked"
    assert names["noise-peers"] == "debate-among-noise"


def test_controls_that_keep_the_protocol_have_its_rounds(panel, talk, tmp_path):
    pool, protocol = Pool.scripted(talk()), Debate(rounds=3, contest_claims=False)
    names = ["noise-peers", "same-model", "permuted-perspectives"]
    found = matched(panel("ann", "bo"), pool, tmp_path, names, QUESTIONS[:6], protocol=protocol)

    def held(arm):
        return [len(load(row.record).transcript.checks) for row in arm.rows]

    def lasted(arm):
        return [max(t.round for t in load(row.record).transcript.turns) for row in arm.rows]

    assert len(set(lasted(found.protocol))) > 1, "some end early"
    for arm in found.controls:
        assert (held(arm), lasted(arm)) == (held(found.protocol), lasted(found.protocol))
        assert {row.size for row in arm.rows} == {2 if arm.name == "same-model" else 100}
        assert arm.matched


def test_noise_is_made_of_what_was_said_on_other_questions(panel, talk, tmp_path):
    pool = Pool.scripted(talk())
    found = matched(panel("ann", "bo"), pool, tmp_path, ["noise-peers"], QUESTIONS[:4])
    for place, row in enumerate(found.arm("noise-peers").rows):
        said = str(load(row.record).transcript.opening.protocol.params)
        for other, own in enumerate(found.protocol.rows):
            texts = [turn.text for turn in load(own.record).transcript.turns]
            assert any(text in said for text in texts) == (other != place)


def test_a_control_of_your_own(panel, talk, tmp_path):
    def build(given, size):
        return Rung(given.panel, SelfConsistency(seat="bo", draws=size))

    own = Control("second-seat", "Draws of bo.", "", "draws", build, lambda given: range(1, 99))
    found = matched(panel("ann", "bo"), Pool.scripted(talk()), tmp_path, [own])
    assert found.arm("second-seat").matched


def test_tokens_may_be_those_that_were_written(panel, talk, tmp_path):
    pool = Pool.scripted(talk())
    found = matched(panel("ann", "bo"), pool, tmp_path, ["self-consistency"], count="written")
    (arm,) = found.controls
    written = [
        sum(tokens_of(load(r.record), "written") for r in a.rows) for a in (arm, found.protocol)
    ]
    assert (arm.tokens, found.protocol.tokens) == tuple(written)
    assert arm.matched


def test_many_rows_of_questions_are_each_even(panel, talk, tmp_path):
    questions = [f"Is it so in case {number}?" for number in range(16)]
    pool = Pool.scripted(talk())
    found = matched(
        panel("ann", "bo"),
        pool,
        tmp_path,
        ["self-consistency", "self-correction"],
        questions,
        at_once=2,
    )
    assert found.unmatched == ()
    for arm in found.controls:
        for row in range(2):
            mine = arm.rows[row::2]
            ratio = sum(each.tokens for each in mine) / sum(each.target for each in mine)
            assert abs(ratio - 1) <= 0.08, (arm.name, row)


def silent(call):
    return Reply.to(call, "ok", text="yes") if call.op == "generate" else [0.7, 0.3]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"controls": ["parley"]}, "no control is named 'parley'"),
        ({"controls": ["self-moa", "self-moa"]}, "'self-moa' is named twice"),
        ({"agent": "zoe"}, "no agent is named 'zoe'"),
        ({"tolerance": 0}, "the tolerance 0"),
        ({"at_once": 0}, "at_once is 0"),
        ({"questions": []}, "there is no question"),
        ({"questions": [Question("A?", OPTIONS, "x"), Question("B?", OPTIONS, "x")]}, "the id 'x'"),
        ({"questions": [Question("A?", OPTIONS, "../x")]}, "cannot name a record"),
        ({"protocol": BlindVote(), "controls": ["noise-peers"]}, "nobody hears anybody"),
    ],
)
def test_what_cannot_be_is_said(panel, talk, tmp_path, given, said):
    with pytest.raises(InputError) as fault:
        matched(panel("ann", "bo"), Pool.scripted(talk()), tmp_path, **given)
    assert said in fault.value.message


def test_one_perspective_cannot_be_permuted(panel, talk, tmp_path):
    same = Panel(a.model_copy(update={"name": n}) for a in panel("ann") for n in ("a", "b"))
    with pytest.raises(InputError, match="same perspective"):
        matched(same, Pool.scripted(talk()), tmp_path, ["permuted-perspectives"])


def test_tokens_that_nobody_reported_match_nothing(panel, tmp_path):
    with pytest.raises(InputError, match="is not known"):
        matched(panel("ann", "bo"), Pool.scripted(silent), tmp_path, protocol=Single(seat="ann"))


def test_a_record_of_another_run_is_not_taken(panel, talk, tmp_path):
    pool, names = Pool.scripted(talk()), ["self-consistency"]
    found = matched(panel("ann", "bo"), pool, tmp_path, names, QUESTIONS[:2])
    one, two = (Path(row.record) for row in found.protocol.rows)
    aside = one.with_name("aside")
    one.rename(aside)
    two.rename(one)
    with pytest.raises(RecordError, match="another run: the question differs"):
        matched(panel("ann", "bo"), pool, tmp_path, names, QUESTIONS[:2])


def test_a_size_that_no_context_holds_gives_way_to_a_smaller_one(panel, talk, tmp_path):
    pool = Pool([Scripted(talk(), window=260)])
    found = matched(
        panel("ann", "bo"),
        pool,
        tmp_path,
        ["self-consistency"],
        QUESTIONS[:2],
        options=None,
        protocol=Debate(rounds=2),
    )
    (arm,) = found.controls
    assert all(row.size >= 1 for row in arm.rows)
    assert not arm.matched
    assert re.fullmatch(
        r"[12] of 2 questions have the largest size that there is, \d+ draws", arm.why
    )
