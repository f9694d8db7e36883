"""What is known to be wrong before any model is touched, and how much room a worst case leaves."""

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import Question, deliberate, deliberate_many
from folkmoot.graphs.check import as_options, check, spare
from folkmoot.graphs.dry import worst_case
from folkmoot.graphs.run import begin
from folkmoot.pool import Pool
from folkmoot.pool.scripted import Scripted
from folkmoot.protocols import BlindVote, Consensus, Debate, Single
from folkmoot.records import GraphError, InputError

HALF = "half \ud83d a face"


def nobody(call):
    raise AssertionError("no model is asked")


@pytest.mark.parametrize("seed", ["7", 7.0, True, None])
def test_a_seed_is_an_integer(panel, seed):
    assert check("Share?", panel("ann"), BlindVote(), None, seed) == (
        f"the seed {seed!r} is no integer",
    )


def test_a_text_is_no_list_of_options():
    with pytest.raises(InputError, match="the options are one text, 'yesno'") as caught:
        as_options("yesno")
    assert "['yes', 'no']" in caught.value.hint
    assert as_options(["yes", "no"]) == ("yes", "no")
    assert as_options(None) is None


async def test_nothing_is_written_for_either(panel, tmp_path):
    pool = Pool.scripted(nobody)
    given = {"protocol": BlindVote(), "pool": pool, "record_dir": tmp_path}
    with pytest.raises(InputError, match="one text"):
        await deliberate("Share?", panel("ann"), options="yesno", **given)
    with pytest.raises(InputError, match="one text"):
        [each async for each in deliberate_many([Question("Share?", "yn")], panel("ann"), **given)]
    with pytest.raises(GraphError, match="no integer"):
        await deliberate("Share?", panel("ann"), seed="7", **given)
    assert list(tmp_path.iterdir()) == []


def test_half_characters_are_named_by_place():
    panel = Panel([Agent("ann", model="m", perspective=Perspective(statement=HALF))])
    found = check(HALF, panel, BlindVote(), ("yes", HALF))
    assert [each.split(" holds ")[0] for each in found] == [
        "the question",
        "option 2",
        "agent 'ann'",
    ]
    assert check("Whole \U0001f600?", panel, BlindVote(), ("yes", "no")) != ()
    plain = Panel([Agent("ann", model="m")])
    assert check("Whole \U0001f600?", plain, BlindVote(), ("ja \U0001f600", "nein")) == ()


@pytest.mark.parametrize(
    ("protocol", "crowded"),
    [
        (Debate(rounds=1), True),
        (BlindVote(), True),
        (Consensus(), False),
        (Single(seat="s0"), False),
    ],
)
def test_more_answers_than_letters_are_refused_not_cut(panel, protocol, crowded):
    everyone = panel(*(f"s{n}" for n in range(27)))
    found = check("What to do?", everyone, protocol)
    assert any("27 seats give as many answers" in each for each in found) == crowded
    assert check("Share?", everyone, protocol, ("yes", "no")) == ()
    assert check("What to do?", panel(*(f"s{n}" for n in range(26))), protocol) == ()


async def test_a_question_that_fills_what_is_spare_fits_and_one_more_word_does_not(panel, tmp_path):
    def fits(window: int) -> Pool:
        return Pool([Scripted(lambda call: "well", window=window)])

    pool = fits(2000)
    await pool.open(["m"])
    asked = begin("Share?", panel("ann"), BlindVote(), pool, None, 0, None, None)
    left = await spare(worst_case(BlindVote(), asked), pool)
    assert 0 < left < 2000
    filled = "Share? " + "x " * left
    given = {"protocol": BlindVote(), "pool": pool, "record_dir": tmp_path}
    runs = [each async for each in deliberate_many(["Share?", filled], panel("ann"), **given)]
    assert len(runs) == 2
    with pytest.raises(GraphError, match="too small"):
        [each async for each in deliberate_many(["Share?", f"{filled} x"], panel("ann"), **given)]
