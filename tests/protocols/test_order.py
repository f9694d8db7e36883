"""Turn orders: who speaks when, and that later speakers hear the earlier ones of their round."""

import pytest

from folkmoot.graphs.dry import worst_case
from folkmoot.protocols import Hearing, Repeat, Setting
from folkmoot.protocols.account import Account
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.description import description
from folkmoot.protocols.order import in_turn, speaker
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.speak import Speak
from folkmoot.protocols.stand import Stand
from folkmoot.records import Party, audit

SEATS = ("ann", "bo", "cy")
OPEN = Setting(SEATS)


class InTurn:
    """Everyone speaks after the other, for so many rounds."""

    name, version = "in-turn", "1"

    def __init__(self, order: str, hearing: Hearing = Hearing(), rounds: int = 3):  # noqa: B008
        self.order, self.hearing, self.rounds = order, hearing, rounds

    def params(self):
        return {}

    def parts(self, setting):
        body = (Speak(hearing=self.hearing),)
        if not setting.open_question:
            body = (Stand(hearing=self.hearing), Account(hearing=self.hearing), *body)
        rank = (Rank(),) if setting.open_question else ()
        turns = in_turn(body, setting, self.order)
        return (Repeat(turns, self.rounds), *rank, Contest(), Decide(), Conclude())

    def faults(self, seats):
        return ()


def answers(call):
    return (
        f"Answer {call.id}."
        if call.op == "generate"
        else [1 / len(call.options)] * len(call.options)
    )


def heard_by(went) -> dict[tuple[int, str], list[str]]:
    return {
        (call.round, call.seat): [s.label for s in call.segments if s.label.startswith("M")]
        for call in went.calls
        if call.purpose in ("answer", "reason")
    }


def test_later_speakers_of_a_round_hear_the_earlier_ones_and_rounds_stay_right(begin, walk):
    went = walk(InTurn("fixed", rounds=2), begin(SEATS, None), answers)
    assert [(t.id, t.seat, t.round) for t in went.seen.turns] == [
        ("M1", "ann", 1), ("M2", "bo", 1), ("M3", "cy", 1),
        ("M4", "ann", 2), ("M5", "bo", 2), ("M6", "cy", 2),
    ]  # fmt: skip
    assert heard_by(went) == {
        (1, "ann"): [],
        (1, "bo"): ["M1"],
        (1, "cy"): ["M1", "M2"],
        (2, "ann"): ["M1", "M2", "M3"],
        (2, "bo"): ["M1", "M2", "M3", "M4"],
        (2, "cy"): ["M1", "M2", "M3", "M4", "M5"],
    }
    assert audit(went.seen) == ()


def test_a_stance_its_account_and_its_reason_hear_the_same(begin, walk, seats):
    leaning = seats(ann=[0.9, 0.9, 0.1], bo=[0.1, 0.1, 0.9], cy=0.9)
    protocol = InTurn("rotating", Hearing(topology="ring", history="last"), rounds=2)
    went = walk(protocol, begin(SEATS), leaning)
    assert audit(went.seen) == ()
    shown = {}
    for call in went.calls:
        if call.purpose in ("stand", "account", "reason"):
            labels = [each.label for each in call.segments if each.label.startswith("M")]
            assert shown.setdefault((call.round, call.seat), labels) == labels
    assert {call.purpose for call in went.calls} >= {"stand", "account", "reason"}
    assert shown[2, "ann"] == ["M1", "M2", "M3", "M4"], "the last round, and cy in this one"
    assert shown[2, "bo"] == ["M1", "M2", "M3", "M4", "M5"]


def test_stated_stances_are_told_once_each(begin, walk, anything):
    parties = [Party(seat=seat, model="m", stance="stated") for seat in SEATS]
    for lot in range(10):
        went = walk(InTurn("shuffled"), begin(parties, seed=lot), anything(lot, 0.1))
        spoken = [(turn.round, turn.seat) for turn in went.seen.turns]
        assert len(spoken) == len(set(spoken))
        assert audit(went.seen) == ()


def test_orders_are_fixed_drawn_or_a_latin_square(begin, walk):
    def order(name: str, seed: int = 0) -> list[str]:
        went = walk(InTurn(name), begin(SEATS, None, seed=seed), answers)
        spoken = [turn.seat for turn in went.seen.turns]
        return ["".join(seat[0] for seat in spoken[at : at + 3]) for at in (0, 3, 6)]

    assert order("fixed") == ["abc"] * 3
    square = order("rotating")
    assert square == ["bca", "cab", "abc"]
    assert all(len(set(column)) == 3 for column in zip(*square, strict=True))
    assert order("shuffled") == order("shuffled")
    assert len({tuple(order("shuffled", seed)) for seed in range(8)}) > 4
    assert len({each for seed in range(8) for each in order("shuffled", seed)}) == 6
    assert speaker(SEATS, "rotating", 2, 0, 0) == "cy"


def test_a_dry_run_is_the_worst_case_of_taking_turns(begin, walk, anything):
    opening = begin(SEATS)
    worst = {call.id: call for call in worst_case(InTurn("shuffled"), opening).calls}
    for lot in range(5):
        for call in walk(InTurn("shuffled"), opening, anything(lot, 0.0)).calls:
            assert {s.label for s in call.segments} <= {s.label for s in worst[call.id].segments}


def test_simultaneous_turns_are_the_stages_as_they_are():
    assert in_turn((Speak(),), OPEN, "simultaneous") == (Speak(),)
    one, *_ = parts = in_turn(Speak(), OPEN)
    assert len(parts) == 3
    assert description(one)["among"] == list(SEATS)
    assert one.name == "speak"


def plain(seen):
    """A stage that asks nobody."""
    return ()


def test_a_stage_that_cannot_be_for_one_seat_alone_cannot_take_turns():
    for stage in (Contest(), plain):
        with pytest.raises(TypeError, match="no field 'seats'"):
            in_turn((stage,), OPEN)
