"""A run: a question goes in, an outcome and a record that verifies come out; or a clear refusal."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.graphs import (
    Answered,
    Asked,
    Finished,
    Opened,
    Question,
    Recorded,
    StageStarted,
    Text,
    deliberate,
    deliberate_many,
    deliberate_sync,
)
from folkmoot.pool import Pool, Scripted
from folkmoot.protocols import BlindVote, Debate, Repeat, Setting, catalogue
from folkmoot.protocols.speak import Speak
from folkmoot.records import (
    Budget,
    CallRefused,
    EngineUnavailable,
    GraphError,
    InputError,
    RecordError,
    Reply,
    key,
    read_journal,
    verify,
)

KINDS = {"choice": ("a tax", "a ban", "neither"), "open": None}


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
@settings(deadline=None, max_examples=3)
@given(lot=st.integers(0, 10**6), trouble=st.sampled_from([0.0, 0.3]))
def test_whatever_seats_reply_a_run_ends_and_its_record_verifies(
    panel, anything, protocol, tmp_path_factory, name, options, lot, trouble
):
    folder = tmp_path_factory.mktemp("runs")
    outcome = deliberate_sync(
        "Should we?",
        panel("ann", "bo", "cy", stated="cy"),
        protocol(name, "ann"),
        Pool.scripted(anything(lot, trouble)),
        options=options,
        seed=lot,
        record_dir=folder,
    )
    assert outcome.status == "complete"
    assert outcome.answer.strip()
    assert verify(outcome.record).findings == ()


class Endless:
    """A protocol whose rounds have no bound."""

    name, version = "endless", "1"

    def params(self):
        return {}

    def parts(self, setting: Setting) -> Sequence[Repeat]:
        return (Repeat((Speak(),), None),)

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize(
    ("question", "options", "protocol", "said"),
    [
        (" ", ("yes", "no"), Debate(), "the question is empty"),
        ("Share?", ("yes",), Debate(), "at least two options, there is 1"),
        ("Share?", ("yes", "Yes "), Debate(), "the options must differ: 'yes', 'Yes '"),
        ("Share?", ("yes", "ye\u200bs"), Debate(), "the options must differ: 'yes', 'ye\\u200bs'"),
        ("Share?", ("yes", "yes."), Debate(), "the options must differ: 'yes', 'yes.'"),
        ("Share?", ("yes", ""), Debate(), "an option is empty"),
        ("Share?", tuple(map(str, range(27))), Debate(), "at most 26 options"),
        ("Share?", None, Endless(), "cannot be shown to end: a repetition of speak has no bound"),
        ("Share?", None, Debate(judge="zoe"), "the judge 'zoe' has no seat"),
        ("Share?", None, Debate(topology={"name": "star", "hub": "zoe"}), "names 'zoe'"),
    ],
)
async def test_what_cannot_run_is_refused_before_anything_is_touched(
    panel, tmp_path, question, options, protocol, said
):
    pool = Pool.scripted(lambda call: pytest.fail(f"asked {call.id}"))
    with pytest.raises(GraphError) as fault:
        await deliberate(
            question, panel("ann", "bo"), protocol, pool, options=options, record_dir=tmp_path / "r"
        )
    assert said in fault.value.message
    assert not (tmp_path / "r").exists()
    assert not pool.opened


async def test_every_finding_is_listed_at_once(panel, leaning, tmp_path):
    with pytest.raises(GraphError) as fault:
        await deliberate(
            "",
            panel("ann"),
            Debate(judge="zoe"),
            leaning(ann=0.9),
            options=("yes",),
            seed=2**53,
            record_dir=tmp_path,
        )
    assert [finding.split(" ")[1] for finding in fault.value.findings] == [
        "question",
        "choice",
        "seed",
        "judge",
    ]


async def refused(panel, pool, folder, budget: Budget | None = None) -> InputError:
    with pytest.raises(InputError) as fault:
        await deliberate(
            "Share?",
            panel("ann", "bo"),
            Debate(),
            pool,
            options=("yes", "no"),
            budget=budget,
            record_dir=folder,
        )
    assert list(folder.iterdir()) == []
    return fault.value


async def test_a_context_too_small_is_refused(panel, tmp_path):
    pool = Pool([Scripted(lambda call: pytest.fail("asked"), window=150)])
    said = (await refused(panel, pool, tmp_path)).message
    assert said.startswith("the context of 'm' is too small: stage ")
    assert said.endswith("the window holds 150")
    assert not pool.opened


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (Budget(calls=10), "calls, the budget is 10"),
        (Budget(tokens=99), "tokens, the budget is 99"),
    ],
)
async def test_a_worst_case_beyond_the_budget_is_refused(panel, tmp_path, budget, said):
    pool = Pool.scripted(lambda call: pytest.fail("asked"))
    assert said in (await refused(panel, pool, tmp_path, budget)).message


async def test_a_model_that_no_engine_knows_is_refused(panel, tmp_path):
    pool = Pool.scripted(lambda call: "", models=["other"])
    assert (await refused(panel, pool, tmp_path)).message == "unknown model 'm'"


@pytest.mark.parametrize("name", ["../up", "in/side", "/there", "..", ".", "nul\0"])
async def test_a_record_never_leaves_its_folder(panel, leaning, tmp_path, name):
    with pytest.raises(InputError, match="cannot name a record"):
        await deliberate(
            "Share?",
            panel("ann"),
            BlindVote(),
            leaning(ann=0.9),
            options=("yes", "no"),
            record_dir=tmp_path / "r",
            run_id=name,
        )
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_said_to_be_so(panel, leaning, tmp_path):
    (tmp_path / "file").write_text("here")
    with pytest.raises(RecordError, match="cannot write the record in"):
        await deliberate(
            "Share?",
            panel("ann"),
            BlindVote(),
            leaning(ann=0.9),
            options=("yes", "no"),
            record_dir=tmp_path / "file",
        )


async def test_two_runs_of_one_name_at_once_are_two_records(panel, seats, tmp_path):
    pool = Pool.scripted(seats(ann=0.9, bo=0.1))

    def run():
        return deliberate(
            "Share?",
            panel("ann", "bo"),
            BlindVote(),
            pool,
            options=("yes", "no"),
            record_dir=tmp_path,
            run_id="same",
        )

    await pool.open(["m"])
    outcomes = await asyncio.gather(*(run() for _ in range(4)))
    assert {outcome.record.name for outcome in outcomes} == {"same", "same-2", "same-3", "same-4"}
    assert all(verify(outcome.record).ok for outcome in outcomes)
    assert pool.opened, "a pool that was open stays open"


class Failing(Scripted):
    """An engine that fails on some calls in its own ways."""

    def __init__(self, seats, fault) -> None:
        super().__init__(lambda call: fault if self.fails(call) else seats(call))

    def fails(self, call) -> bool:
        return call.seat == "cy" and call.purpose in ("stand", "reason")


@pytest.mark.parametrize(
    ("fault", "state", "vote"),
    [
        (EngineUnavailable("gone"), "unavailable", "unavailable"),
        (CallRefused("too long"), "refused", "unavailable"),
    ],
)
async def test_an_absence_is_recorded_and_never_guessed(panel, seats, tmp_path, fault, state, vote):
    pool = Pool([Failing(seats(ann=0.9, bo=0.8, cy=0.1), fault)], patience_s=0.01)
    outcome = await deliberate(
        "Share?",
        panel("ann", "bo", "cy"),
        Debate(),
        pool,
        options=("yes", "no"),
        record_dir=tmp_path,
    )
    assert {(a.seat, a.state, a.error) for a in outcome.absences} == {("cy", state, fault.message)}
    assert outcome.decision.not_valid == {"cy": vote}
    assert outcome.decision.tally == {"yes": 2.0, "no": 0.0}
    assert outcome.conflicts == ()
    assert verify(outcome.record).ok


async def test_empty_and_cut_off_texts_are_recorded_as_that(panel, seats, tmp_path):
    leaning = seats(ann=0.9, bo=0.1)

    def say(call):
        if call.purpose != "reason":
            return leaning(call)
        return "" if call.seat == "ann" else Reply.to(call, "cut_off", text="It costs, and")

    outcome = await deliberate(
        "Share?",
        panel("ann", "bo"),
        BlindVote(),
        Pool.scripted(say),
        options=("yes", "no"),
        record_dir=tmp_path,
    )
    assert [(a.seat, a.purpose, a.state) for a in outcome.absences] == [
        ("ann", "reason", "empty"),
        ("bo", "reason", "cut_off"),
    ]
    assert {(t.seat, t.state, t.text) for t in outcome.transcript.turns} == {
        ("ann", "empty", ""),
        ("bo", "cut_off", "It costs, and"),
    }
    assert verify(outcome.record).ok


async def test_a_watcher_hears_only_what_is_in_the_journal_already(panel, leaning, tmp_path):
    heard, folder = [], tmp_path / "one"

    def watch(event) -> None:
        heard.append(event)
        if isinstance(event, Asked):
            assert event.call.id in {call.id for call in read_journal(folder).calls}
        if isinstance(event, Answered):
            assert read_journal(folder).replies[event.call.id] == event.reply
        if isinstance(event, Recorded):
            assert event.record in read_journal(folder).records

    outcome = await deliberate(
        "Share?",
        panel("ann", "bo"),
        BlindVote(),
        leaning(ann=0.9, bo=0.1),
        options=("yes", "no"),
        record_dir=tmp_path,
        run_id="one",
        watch=watch,
    )
    assert isinstance(heard[0], Opened)
    assert heard[0].record == str(folder)
    assert heard[-1] == Finished(outcome)
    started = [event.stage for event in heard if isinstance(event, StageStarted)]
    assert started == ["stand", "speak", "contest", "decide", "conclude"]
    texts = {event.call.id: event.text for event in heard if isinstance(event, Text)}
    assert texts == {turn.call: turn.text for turn in outcome.transcript.turns}
    told = [event.record for event in heard if isinstance(event, Recorded)]
    replies = outcome.transcript.replies
    assert sorted([*told, *replies], key=key) == list(outcome.transcript.records)


async def test_a_pool_that_was_closed_is_closed_again(panel, leaning, tmp_path):
    pool = leaning(ann=0.9)
    options = {"options": ("yes", "no"), "record_dir": tmp_path}
    await deliberate("Share?", panel("ann"), BlindVote(), pool, **options)
    assert not pool.opened


async def test_the_record_names_what_made_it(panel, leaning, tmp_path):
    outcome = await deliberate(
        "Should hospitals share records?",
        panel("ann"),
        BlindVote(rule="plurality"),
        leaning(ann=0.9),
        options=("yes", "no"),
        seed=5,
        record_dir=tmp_path,
    )
    opening = outcome.transcript.opening
    assert outcome.record.name.endswith("-should-hospitals")
    assert (opening.seed, opening.replay) == (5, "exact")
    assert opening.protocol.params["rule"].items() >= {"name": "plurality", "quorum": 0.5}.items()
    assert [model.source for model in opening.models] == ["scripted"]
    assert "langgraph" in opening.versions


@pytest.mark.parametrize(
    ("rule", "status", "winner"),
    [
        ("plurality", "no_forced_winner", None),
        ({"name": "plurality", "forced": True}, "decided", "yes"),
    ],
)
async def test_on_a_question_of_values_the_positions_are_set_out(
    panel, leaning, tmp_path, rule, status, winner
):
    pool = leaning(ann=0.9, bo=0.9, cy=0.1)
    held = Debate(rounds=0, rule=rule)
    run = {"options": ("yes", "no"), "of_values": True, "record_dir": tmp_path}
    outcome = await deliberate("Is it right?", panel("ann", "bo", "cy"), held, pool, **run)
    assert (outcome.decision.status, outcome.decision.winner) == (status, winner)
    assert outcome.decision.tally == {"yes": 2.0, "no": 1.0}
    assert verify(outcome.record).findings == ()
    question = Question("Is it right?", ("yes", "no"), of_values=True)
    several = deliberate_many([question], panel("ann", "bo", "cy"), held, pool, record_dir=tmp_path)
    assert [each.decision.status async for each in several] == [status]
    if winner is None:
        assert "yes: ann, bo" in outcome.answer
        assert "no: cy" in outcome.answer
    run["of_values"] = False
    other = await deliberate("Is it right?", panel("ann", "bo", "cy"), held, pool, **run)
    assert other.decision.winner == "yes"
