"""What every named protocol promises, whatever its seats reply."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.protocols import Deliberation, Setting, catalogue, named, reference
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.parts import stages
from folkmoot.records import InputError, Party, audit

SEATS = ("zoë-1", "kim-2", "lou-3", "max-4")
NEEDED = {"seat": SEATS[0]}
"""Parameters that have no default."""
OPEN = Setting(SEATS)
KINDS = {"words": ("yes", "no"), "letters": ("a tax", "a ban", "neither"), "open": None}
BLIND = {"stand", "state", "reason", "answer", "draft"}

PARTIES = (
    Party(seat=SEATS[0], model="m", statement="I see it.", values={"face": 1.0}),
    Party(seat=SEATS[1], model="m", statement="I pay for it.", values={"tradition": 1.0}),
    Party(seat=SEATS[2], model="m", stance="stated"),
    Party(seat=SEATS[3], model="m", red_lines=("lies",)),
)


def build(name: str) -> Deliberation:
    params = next(entry.params for entry in catalogue() if entry.name == name)
    return named(name, **{field: value for field, value in NEEDED.items() if field in params})


every = pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
kinds = pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
lots = given(st.integers(0, 10**6), st.sampled_from([0.0, 0.1, 0.4]))


@every
@kinds
@settings(deadline=None, max_examples=4)
@lots
def test_every_run_ends_in_an_answer_that_the_audit_finds_nothing_in(
    begin, walk, anything, name, options, lot, trouble
):
    opening = begin(PARTIES, options, seed=lot)
    seen = walk(build(name), opening, anything(lot, trouble)).seen
    assert audit(seen) == ()
    assert seen.answer is not None
    assert seen.answer.text.strip()
    assert (seen.decision.winner is None) == (seen.decision.status != "decided")


@every
@kinds
@settings(deadline=None, max_examples=2)
@lots
def test_first_answers_are_blind_and_no_seat_is_ever_named(
    begin, walk, anything, prompt, name, options, lot, trouble
):
    opening = begin(PARTIES, options, seed=lot)
    for call in walk(build(name), opening, anything(lot, trouble)).calls:
        text = prompt(call)
        assert not [seat for seat in SEATS if seat in text]
        if call.round == 0 and call.purpose in BLIND:
            assert "<message id" not in text
            assert not [each.label for each in call.segments if each.label.startswith("M")]


@every
@kinds
@settings(deadline=None, max_examples=2)
@lots
def test_one_order_for_all_readers_and_a_later_round_only_appends(
    begin, walk, anything, name, options, lot, trouble
):
    protocol, opening = build(name), begin(PARTIES, options, seed=lot)
    heard = {each.hearing for each in hearings(protocol.parts(Setting.of(opening)))}
    calls = walk(protocol, opening, anything(lot, trouble)).calls
    shared = defaultdict(set)
    for call in calls:
        ends = next(at for at, each in enumerate(call.segments) if each.label in OWN)
        assert all(each.label in OWN for each in call.segments[ends:])
        shared[call.purpose, call.step, call.about].add(call.segments[:ends])
    if heard - EVERYTHING:
        # Readers who are shown different things share what comes before, and no more.
        assert all(len({prefix[:2] for prefix in each}) == 1 for each in shared.values())
        return
    assert all(len(prefixes) == 1 for prefixes in shared.values())
    stands = [prefix for (purpose, *_), (prefix,) in sorted_items(shared) if purpose == "stand"]
    for earlier, later in pairwise(stands):
        assert later[: len(earlier)] == earlier


OWN = {"perspective", "task", "opened"}
EVERYTHING = {Hearing(), Hearing(same_round=True)}
"""What shows all readers the same, and in a later round the same and more."""


def hearings(parts):
    """The stages that say what their seats hear."""
    inner = (getattr(stage, "stage", stage) for stage in stages(parts))
    return [stage for stage in inner if hasattr(stage, "hearing")]


def sorted_items(shared):
    return sorted(shared.items(), key=lambda item: item[0][1])


@every
@kinds
def test_the_same_seed_asks_the_same_and_another_seed_draws_other_seeds(
    begin, walk, anything, name, options
):
    def ids(seed: int) -> list:
        return walk(build(name), begin(PARTIES, options, seed=seed), anything(1, 0.0)).calls

    def drawn(calls: list) -> set[int]:
        return {call.sampling.seed for call in calls if call.op == "generate"}

    assert ids(3) == ids(3)
    assert len({call.id for call in ids(3)}) == len(ids(3))
    assert len(drawn(ids(3))) == sum(call.op == "generate" for call in ids(3))
    assert not drawn(ids(3)) & drawn(ids(4))


@every
def test_a_protocol_can_be_rebuilt_from_its_record(name):
    protocol = build(name)
    assert named(protocol.name, **protocol.params()) == protocol
    assert reference(protocol, OPEN) == reference(named(name, **protocol.params()), OPEN)
    assert protocol.faults(SEATS) == ()


@every
def test_the_catalogue_says_what_a_protocol_is_and_takes(name):
    entry = next(entry for entry in catalogue() if entry.name == name)
    assert entry.summary
    assert set(build(name).params()) <= set(entry.params)


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("parley", {}, "no protocol is named 'parley'"),
        ("debate", {"rounds": -1}, "protocol 'debate': rounds: "),
        ("debate", {"rounds": "many"}, "protocol 'debate': rounds: "),
        ("debate", {"ruonds": 1}, "protocol 'debate': ruonds: "),
        ("debate", {"rule": "bucklin"}, "no decision rule is named 'bucklin'"),
        ("debate", {"topology": "web"}, "no topology is named 'web'"),
    ],
)
def test_a_wrong_name_or_parameter_is_named(name, params, said):
    with pytest.raises(InputError) as fault:
        named(name, **params)
    assert said in fault.value.message
