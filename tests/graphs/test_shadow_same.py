"""A run is the same with and without seats on probation, whatever becomes of these."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import folkmoot.graphs.run
import folkmoot.records.journal
from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate, planning, shadowed
from folkmoot.pool import Pool, Scripted
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.protocols import Debate
from folkmoot.records import Outcome, Sampling, load, read_journal, verify
from tests.graphs.probation import YES_NO, Trouble, bytes_of, on_probation

PROTOCOLS = ("debate", "blind-vote", "jury", "consensus", "delphi", "council", "single", "overton")
KINDS = ("fine", "dead", "broken", "refused", "cut off", "slow", "unknown")


class Noon(datetime):
    """A clock that stands: times are in a record, and these runs are to be equal to the byte."""

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 1, 1, 12, tzinfo=tz)


@pytest.fixture(scope="module")
def noon() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folkmoot.graphs.run, "datetime", Noon)
        patch.setattr(folkmoot.records.journal, "_now", lambda: "2026-01-01T12:00:00.000+00:00")
        yield


@pytest.mark.parametrize("name", PROTOCOLS)
@settings(deadline=None, max_examples=5)
@given(
    lot=st.integers(0, 10**6),
    seats=st.integers(2, 4),
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3),
    options=st.sampled_from([YES_NO, ("a tax", "a ban", "neither"), None]),
    one_engine=st.booleans(),
)
def test_probation_never_changes_an_outcome(
    panel, anything, protocol, noon, tmp_path_factory, name, lot, seats, kinds, options, one_engine
):
    """The same run, without shadows and with them, whatever these are: equal to the byte."""
    seated = ("ann", "bo", "cy", "di")[:seats]
    shadows = on_probation(*(f"{kind} {at}" for at, kind in enumerate(kinds)))
    without = panel(*seated, stated="bo")
    given_too = Panel(without, without.vocabulary, shadows=shadows)
    panelled, trouble = anything(lot), Trouble()

    def both(call):
        return panelled(call) if call.seat in seated else trouble(call)

    engines = (
        [Scripted(both, ["m", "s"])]
        if one_engine
        else [Scripted(panelled, ["m"]), Scripted(trouble, ["s"], name="probation")]
    )

    async def run(panel: Panel, pool: Pool, folder: Path) -> Outcome:
        return await deliberate(
            "Should we?",
            panel,
            protocol(name, "ann"),
            pool,
            options=options,
            seed=lot,
            record_dir=folder,
            run_id="the-run",
            watch=planning(panel),
        )

    async def beside() -> tuple[Outcome, dict[str, bytes]]:
        pool = Pool(engines, patience_s=0.02)
        outcome = await run(given_too, pool, tmp_path_factory.mktemp("with"))
        before = bytes_of(outcome.record)
        said = await shadowed(outcome, shadows, pool)
        assert [each.seat for each in said] == [each.name for each in shadows]
        return outcome, before

    alone = [engines[0]] if one_engine else engines[:1]
    expected = asyncio.run(
        run(without, Pool(alone, patience_s=0.02), tmp_path_factory.mktemp("without"))
    )
    found, before = asyncio.run(beside())
    assert before == bytes_of(found.record) == bytes_of(expected.record)
    again = load(found.record)
    for outcome in (found, again):
        assert outcome._replace(record=None, transcript=None) == expected._replace(
            record=None, transcript=None
        )
        assert tuple(outcome.transcript) == tuple(expected.transcript)
    assert verify(found.record).ok
    assert not {each.name for each in shadows} & set(found.transcript.opening.seats)
    assert "shadows" not in read_journal(found.record).opening.plain()


@pytest.mark.real
async def test_on_the_packaged_model(tmp_path):
    """Each call computed alone, so that the same calls get the same replies."""
    short = Sampling(max_tokens=12)
    agents = [
        Agent("ann", model="smollm2", sampling=short),
        Agent(
            "bo",
            model="smollm2",
            sampling=short,
            perspective=Perspective(statement="My shop lives from customers who come by car."),
        ),
    ]
    new = Agent(
        "new",
        model="smollm2",
        sampling=short,
        perspective=Perspective(statement="Streets without cars are safe for children."),
    )
    async with Pool([Embedded(["smollm2"], max_batch=1, cache_mb=0)]) as pool:

        async def run(panel: Panel, folder: str) -> Outcome:
            return await deliberate(
                "Should the town close its centre to cars?",
                panel,
                Debate(rounds=0, contest_claims=False),
                pool,
                options=YES_NO,
                record_dir=tmp_path / folder,
                run_id="the-run",
                watch=planning(panel),
            )

        without = await run(Panel(agents), "without")
        beside = await run(Panel(agents, shadows=[new]), "with")
        before = bytes_of(beside.record)
        said, ghost = await shadowed(beside, [new, Agent("ghost", model="nowhere")], pool)
    assert before == bytes_of(beside.record)
    assert [turn.text for turn in beside.transcript.turns] == [
        turn.text for turn in without.transcript.turns
    ]
    assert [each.probabilities for each in beside.transcript.stances] == [
        each.probabilities for each in without.transcript.stances
    ]
    assert beside.decision == without.decision
    assert beside.conflicts == without.conflicts
    assert beside.ledger.total.prompt == without.ledger.total.prompt
    assert beside.ledger.total.completion == without.ledger.total.completion
    assert said.state == "valid"
    assert said.choice in YES_NO
    assert ghost.state == "unavailable"
    assert verify(said.record).ok
    assert verify(ghost.record).ok
