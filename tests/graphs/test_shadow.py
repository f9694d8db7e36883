"""Probation: those on it are asked beside a run, each on a record of its own; what fails fails alone."""

import asyncio

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import (
    deliberate,
    deliberate_sync,
    planned,
    planning,
    resume,
    shadowed,
    shadowed_sync,
)
from folkmoot.graphs.shadow import standing
from folkmoot.pool import Pool, Scripted
from folkmoot.protocols import BlindVote
from folkmoot.records import (
    InputError,
    PanelError,
    RecordError,
    Waiting,
    load,
    read_journal,
    read_shadows,
    verify,
)
from folkmoot.records.shadows import folders
from tests.graphs.probation import QUESTION, YES_NO, Trouble, asked, bytes_of, on_probation, say


@pytest.mark.parametrize("options", [YES_NO, None], ids=["choice", "open"])
async def test_what_it_says_is_on_a_record_of_its_own(tmp_path, options):
    pool = Pool([Scripted(say, ["m", "s"])])
    outcome = await asked(tmp_path, pool, options)
    (new,) = await shadowed(outcome, [Agent("new", model="s")], pool)
    assert new.record == outcome.record / "shadows" / "1-new"
    assert verify(new.record).findings == ()
    opening = load(new.record).transcript.opening
    main = read_journal(outcome.record)
    assert (opening.shadow_of.run_id, opening.shadow_of.head) == (main.opening.run_id, main.head)
    assert (opening.seats, opening.options) == (("new",), options)
    assert load(new.record).decision is None
    assert (new.state, new.text, new.error) == ("valid", "new says so.", None)
    if options is None:
        assert (new.choice, new.agrees) == (None, None)
    else:
        assert (new.choice, new.probabilities) == ("yes", {"yes": 0.8, "no": 0.2})
    assert read_shadows(outcome) == standing(outcome) == (new,)


async def test_one_that_states_its_stance(tmp_path):
    outcome = await asked(tmp_path)
    said = Pool.scripted(lambda call: '{"reason": "It is theirs.", "answer": "no"}')
    (new,) = await shadowed(outcome, [Agent("new", model="s", stance="stated")], said)
    assert (new.state, new.choice, new.text) == ("valid", "no", "It is theirs.")
    assert new.probabilities is None
    assert len(read_journal(new.record).calls) == 1


async def test_it_agrees_only_with_what_was_decided(tmp_path):
    tied = await asked(tmp_path / "tied")
    assert tied.decision.winner is None
    (new,) = await shadowed(tied, [Agent("new", model="s")], Pool.scripted(say))
    assert (new.choice, new.agrees) == ("yes", None)
    one = await deliberate(
        QUESTION,
        Panel([Agent("ann", model="m")]),
        BlindVote(),
        Pool.scripted(say),
        options=YES_NO,
        record_dir=tmp_path / "won",
    )
    assert one.decision.winner == "yes"
    both = await shadowed(one, on_probation("new", "other"), Pool.scripted(say))
    assert [each.agrees for each in both] == [True, False]


async def test_it_is_asked_by_the_prompts_of_a_first_round(tmp_path):
    """As if it sat there: what it would have said is what it says."""
    agent = Agent("new", model="m", perspective=Perspective(statement="I count the cost."))
    seated = await deliberate(
        QUESTION,
        Panel([Agent("ann", model="m"), agent]),
        BlindVote(),
        Pool.scripted(say),
        options=YES_NO,
        record_dir=tmp_path / "seated",
    )
    outcome = await asked(tmp_path)
    (new,) = await shadowed(outcome, [agent], Pool.scripted(say))
    own = [call for call in read_journal(seated.record).calls if call.seat == "new"]
    beside = read_journal(new.record).calls
    assert [call.segments for call in own] == [call.segments for call in beside]
    assert len(beside) == 3


@pytest.mark.parametrize("kind", ["dead", "broken", "refused", "cut off", "unknown"])
async def test_one_that_fails_is_on_record_and_the_others_are_asked(tmp_path, kind):
    pool = Pool([Scripted(say, ["m"]), Scripted(Trouble(), ["s"], name="p")], patience_s=0.02)
    outcome = await asked(tmp_path, pool)
    (agent,) = on_probation(kind)
    bad, fine = await shadowed(outcome, [agent, Agent("fine", model="m")], pool)
    assert fine.state == "valid"
    assert bad.record is not None
    found = verify(bad.record)
    assert found.findings == ()
    if kind == "cut off":
        assert (bad.state, bad.error) == ("unreadable", "cut off")
        return
    said = {
        "dead": "the engine is gone",
        "broken": "out of memory",
        "refused": "too long",
        "unknown": "unknown model 'nowhere'",
    }
    assert bad.choice is None
    assert bad.agrees is None
    assert bad.error == said[kind]
    assert found.status == ("unfinished" if kind == "broken" else "complete")
    if kind != "broken":
        absences = load(bad.record).absences
        assert {each.error for each in absences} == {said[kind]}
        assert load(bad.record).transcript.opening.seats == (kind,)


async def test_one_whose_replies_do_not_fit_is_absent_for_that(tmp_path):
    small = Scripted(Trouble(), ["s"], window=5)
    pool = Pool([Scripted(say, ["m"]), small])
    outcome = await asked(tmp_path, pool)
    (new,) = await shadowed(outcome, [Agent("new", model="s")], pool)
    assert new.state == "unavailable"
    assert "the context of 's' is too small" in new.error
    assert small.history == []
    assert verify(new.record).ok


async def test_nobody_is_asked_twice(tmp_path):
    engine = Scripted(say)
    pool = Pool([engine])
    outcome = await asked(tmp_path, pool)
    first = await shadowed(outcome, on_probation("new"), pool)
    asked_so_far = len(engine.history)
    assert await shadowed(outcome, on_probation("new"), pool) == first
    assert len(engine.history) == asked_so_far
    both = await shadowed(outcome, on_probation("other", "new"), pool)
    assert both[1:] == first
    assert sorted(each.name for each in folders(outcome.record)) == ["1-new", "1-other"]


@pytest.mark.parametrize("by_itself", [False, True], ids=["beside its run", "by itself"])
async def test_one_that_was_stopped_goes_on_where_it_was(tmp_path, by_itself):
    held, engine = asyncio.Event(), Scripted(say)

    async def slowly(call):
        if call.op == "generate":
            held.set()
            await asyncio.sleep(60)
        return say(call)

    outcome = await asked(tmp_path)
    task = asyncio.create_task(shadowed(outcome, on_probation("new"), Pool.scripted(slowly)))
    await held.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (waits,) = standing(outcome)
    assert (waits.choice, waits.error) == ("yes", "it was stopped, and can be resumed")
    assert [each.name for each in planned(outcome.record).agents] == ["new"]
    if by_itself:
        await resume(waits.record, Pool([engine]))
    (new,) = await shadowed(outcome, planned(outcome.record).agents, Pool([engine]))
    assert [call.op for call in engine.history] == ["generate"]
    assert (new.state, new.choice, new.text) == ("valid", "yes", "new says so.")
    assert verify(new.record).ok


async def test_the_plan_is_there_before_anybody_is_asked(tmp_path):
    """So that a run which was killed, or waits for a person, goes on with its shadows."""
    shadows = [Agent("new", model="s", perspective=Perspective(values={"face": 0.5}))]
    people = Panel([Agent("ann", model="m"), Agent("mayor", model="human")], shadows=shadows)
    seen: list[str] = []
    with pytest.raises(Waiting) as waits:
        await deliberate(
            QUESTION,
            people,
            BlindVote(),
            Pool.scripted(say),
            options=YES_NO,
            record_dir=tmp_path,
            watch=planning(people, lambda event: seen.append(type(event).__name__)),
        )
    assert seen[0] == "Opened"
    assert planned(waits.value.record).agents == tuple(shadows)
    standing_now = load(waits.value.record)
    (new,) = standing(standing_now)
    assert (new.seat, new.state, new.error) == ("new", "unavailable", "it was not asked yet")
    with pytest.raises(InputError, match="has not ended"):
        await shadowed(standing_now, shadows, Pool.scripted(say))


def test_without_shadows_there_is_nothing_to_plan(panel):
    assert planning(panel("ann")) is None
    assert planning(panel("ann"), print) is print


async def test_a_record_beside_it_counts_only_if_it_is_of_this_run(tmp_path):
    one, two = await asked(tmp_path / "one"), await asked(tmp_path / "two")
    (new,) = await shadowed(one, on_probation("new"), Pool.scripted(say))
    new.record.parent.rename(two.record / "shadows")
    assert read_shadows(two) == ()
    (again,) = await shadowed(two, on_probation("new"), Pool.scripted(say))
    assert again.record.name == "2-new"
    assert read_shadows(two) == (again,)


async def test_one_that_was_changed_is_passed_over(tmp_path):
    outcome = await asked(tmp_path)
    (new,) = await shadowed(outcome, on_probation("new"), Pool.scripted(say))
    journal = new.record / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"says so", b"said so"))
    assert not verify(new.record).ok
    assert read_shadows(outcome) == ()
    assert verify(outcome.record).ok


async def test_who_cannot_be_asked_beside_a_run(tmp_path):
    outcome = await asked(tmp_path)
    pool = Pool.scripted(lambda call: pytest.fail(f"asked {call.id}"))
    for agents, kind, part in (
        ([Agent("ann", model="s")], InputError, "'ann' has a seat"),
        ([Agent("mayor", model="human")], InputError, "'mayor' is a person"),
        (on_probation("new", "new"), PanelError, "names must differ"),
    ):
        with pytest.raises(kind, match=part):
            await shadowed(outcome, agents, pool)
    with pytest.raises(InputError, match="no record"):
        await shadowed(outcome._replace(record=None), on_probation("new"), pool)
    assert not (outcome.record / "shadows").exists()
    assert await shadowed(outcome, (), pool) == ()


async def test_a_link_is_not_followed(tmp_path):
    outcome = await asked(tmp_path / "runs")
    (tmp_path / "elsewhere").mkdir()
    (outcome.record / "shadows").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordError, match="is a link"):
        await shadowed(outcome, on_probation("new"), Pool.scripted(say))
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert standing(outcome) == ()


async def test_a_plan_that_cannot_be_read_is_said(tmp_path):
    outcome = await asked(tmp_path)
    (outcome.record / "shadows").mkdir()
    (outcome.record / "shadows" / "plan.json").write_text('{"agents": 3}')
    with pytest.raises(RecordError, match=r"cannot read .*plan\.json"):
        planned(outcome.record)
    (new,) = await shadowed(outcome, on_probation("new"), Pool.scripted(say))
    assert new.state == "valid"


def test_blocking(tmp_path):
    panel = Panel([Agent("ann", model="m")])
    outcome = deliberate_sync(
        QUESTION, panel, BlindVote(), Pool.scripted(say), options=YES_NO, record_dir=tmp_path
    )
    (new,) = shadowed_sync(outcome, on_probation("new"), Pool.scripted(say))
    assert new.agrees is True


async def test_a_run_that_ended_is_resumed_as_before(tmp_path):
    outcome = await asked(tmp_path)
    await shadowed(outcome, on_probation("new"), Pool.scripted(say))
    before = bytes_of(outcome.record)
    again = await resume(outcome.record, Pool.scripted(say))
    assert again.decision == outcome.decision
    assert bytes_of(outcome.record) == before
