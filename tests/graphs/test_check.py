"""What is known to be wrong before any model is touched, and how much room a worst case leaves."""

import asyncio
import sys

import pytest

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import Question, deliberate, deliberate_many
from folkmoot.graphs.check import as_options, check, spare
from folkmoot.graphs.dry import worst_case
from folkmoot.graphs.run import begin
from folkmoot.pool import Pool
from folkmoot.pool.scripted import Scripted
from folkmoot.protocols import (
    BlindVote,
    Composed,
    Conclude,
    Consensus,
    Contest,
    Debate,
    Decide,
    Declare,
    Group,
    Parallel,
    Single,
    Speak,
    Stand,
    catalogue,
)
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


async def test_a_reply_that_no_context_can_hold_is_refused_at_once(panel, tmp_path):
    """The worst case is not even laid out: it would be gigabytes long."""
    pool = Pool([Scripted(nobody, window=2000)])
    endless = panel("ann", sampling={"max_tokens": 10**11})
    with pytest.raises(
        GraphError, match="may reply with 100000000000 tokens, the window holds 2000"
    ):
        await deliberate("Share?", endless, BlindVote(), pool, record_dir=tmp_path)
    many = deliberate_many(["Share?"], endless, BlindVote(), pool, record_dir=tmp_path)
    with pytest.raises(GraphError, match="the window holds 2000"):
        await anext(many)


async def test_a_protocol_that_cannot_be_walked_to_its_end_is_refused(panel, tmp_path):
    """Stances are for questions with options: found before anything is asked or written."""
    stands = Composed(name="stands", parts=(Stand(), Contest(), Decide(), Conclude()))
    pool = Pool([Scripted(nobody)])
    given = {"protocol": stands, "pool": pool, "record_dir": tmp_path}
    with pytest.raises(GraphError, match="'stand' cannot run: Stand is for choice questions"):
        await deliberate("What now?", panel("ann"), **given)
    with pytest.raises(GraphError, match="'stand' cannot run"):
        await anext(deliberate_many(["What now?"], panel("ann"), **given))
    assert [*tmp_path.iterdir()] == []


STANDS = (Stand(), Speak())
GROUPS = Parallel(
    (Group(("ann", "bo"), (*STANDS, Contest())), Group(("cy", "di"), (*STANDS, Contest())))
)
MISCONTESTED = {
    "twice": ((*STANDS, Contest(), *STANDS, Contest(), Decide()), "a second time: keep the last"),
    "never": ((*STANDS, Decide()), "no conflicts are drawn up before the decision: put Contest"),
    "too late": ((*STANDS, Decide(), Contest()), "'contest' comes after the decision"),
    "in groups": ((GROUPS, Decide()), "stands in a group \\(cy, di\\): put it after the groups"),
    "in one group": (
        (*STANDS, Group(("ann", "bo"), (Contest(),)), Decide()),
        "stands in a group \\(ann, bo\\)",
    ),
    "and a stand after it": (
        (*STANDS, Contest(), Stand(), Decide()),
        "'stand' comes after conflicts",
    ),
    "and a word after it": ((*STANDS, Contest(), Speak(), Decide()), "put it before Contest\\(\\)"),
    "and acts after it": (
        (*STANDS, Contest(), Declare(), Decide()),
        "'declare' comes after conflicts",
    ),
    "and acts after the decision": (
        (*STANDS, Contest(), Decide(), Declare()),
        "'declare' comes after conflicts",
    ),
    "and a stand after the decision": (
        (*STANDS, Contest(), Decide(), Stand()),
        "'stand' comes after conflicts are drawn up, which would not tell of it",
    ),
    "for two decisions": ((*STANDS, Contest(), Decide(), Decide()), "second time: keep one"),
    "without a word that the rules are off": (
        (*STANDS, Contest(layers=("clerk",)), Decide()),
        "leaves out the layer 'rule' by itself.*Contest\\(\\), and the log with layers: \\[clerk\\]",
    ),
}


@pytest.mark.parametrize(("parts", "said"), MISCONTESTED.values(), ids=MISCONTESTED)
async def test_conflicts_are_drawn_up_once_for_all_before_the_decision(
    panel, tmp_path, parts, said
):
    """Else the record of the run would not verify: refused before anything is asked or written."""
    protocol = Composed(name="mine", parts=(*parts, Conclude()))
    given = {"protocol": protocol, "pool": Pool([Scripted(nobody)]), "record_dir": tmp_path}
    with pytest.raises(GraphError, match=said):
        await deliberate("Share?", panel("ann", "bo", "cy", "di"), options=("yes", "no"), **given)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
async def test_agree_and_disagree_are_options_like_any_other(panel, protocol, tmp_path, name):
    def leaning(call):
        if call.op == "generate":
            return f"{call.seat} thinks so."
        likely = 0.9 if call.seat == "ann" else 0.1
        rest = (1 - likely) / max(1, len(call.options) - 1)
        return [likely if option == " agree" else rest for option in call.options]

    outcome = await deliberate(
        "Share?",
        panel("ann", "bo", "cy"),
        protocol(name, "ann"),
        Pool.scripted(leaning),
        options=("agree", "disagree"),
        record_dir=tmp_path,
    )
    assert outcome.decision.status in ("decided", "tied", "deadlock", "no_forced_winner")


async def test_runs_of_one_name_begun_at_once_get_a_folder_each(panel, seats, tmp_path):
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from folkmoot.graphs.run import _claimed\n"
        "print(sum(_claimed(Path(sys.argv[1]) / str(n)) for n in range(300)))\n"
    )
    runs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    counts = [int((await run.communicate())[0]) for run in runs]
    assert sum(counts) == 300, "each folder is one process's own"
