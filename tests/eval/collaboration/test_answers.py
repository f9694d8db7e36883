"""What seats answered: read from records, refused where it does not hang together."""

import pytest
from pydantic import ValidationError

from folkmoot.agents import Agent, Panel
from folkmoot.eval.collaboration import Answer, AnswerSheet, Item, answers_of
from folkmoot.graphs import deliberate
from folkmoot.pool import Pool
from folkmoot.protocols import Conclude, Contest, Debate, Decide, Stand, Vote
from folkmoot.protocols.composed import Composed
from folkmoot.records import InputError, RecordError
from tests.protocols.conftest import shown, weighed

ITEM = Item(id="i1", options=("a", "b"))
PANEL = Panel([Agent("ann", model="m"), Agent("bo", model="m"), Agent("cy", model="m")])


def lean(call):
    """Ann is for yes, bo for no; cy is for yes and moves once it has heard them."""
    if call.op == "generate":
        return "A reason."
    if set(shown(call)) != {"yes", "no"}:
        return [1 / len(call.options)] * len(call.options)
    yes = {"ann": 0.9, "bo": 0.1, "cy": 0.8 if call.round == 0 else 0.2}[call.seat]
    return weighed(call, lambda option: yes if option == "yes" else 1 - yes)


@pytest.fixture
async def run(tmp_path):
    return await deliberate(
        "Is it so?",
        PANEL,
        Debate(rounds=1, contest_claims=False),
        Pool.scripted(lean),
        options=("yes", "no"),
        record_dir=tmp_path,
        run_id="q1",
    )


async def test_first_last_and_counted_answers_of_a_debate(run):
    first, last = answers_of([run]), answers_of([run], when="last")
    assert first.by_item() == {"q1": {"ann": "yes", "bo": "no", "cy": "yes"}}
    assert last.by_item() == {"q1": {"ann": "yes", "bo": "no", "cy": "no"}}
    assert answers_of([run], when="ballots").by_item() == last.by_item()


async def test_a_folder_is_read_with_key_and_task(run):
    sheet = answers_of([run.record], {"q1": "no"}, task="law")
    (item,) = sheet.items
    assert (item.right, item.task, item.question) == ("no", "law", "Is it so?")
    assert sheet.by_item() == answers_of([run]).by_item()


async def test_only_those_who_voted_have_ballots(tmp_path):
    judges = ("bo", "cy")
    parts = (Stand(), Vote(seats=judges), Contest(), Decide(), Conclude())
    protocol = Composed(name="panel", parts=parts)
    run = await deliberate(
        "Is it so?",
        PANEL,
        protocol,
        Pool.scripted(lean),
        options=("yes", "no"),
        record_dir=tmp_path,
        run_id="q1",
    )
    assert answers_of([run], when="ballots").seats == judges
    assert answers_of([run]).seats == ("ann", "bo", "cy")


@pytest.mark.parametrize(
    ("given", "says"),
    [({"options": None}, "an open one"), ({"of_values": True}, "one of values")],
)
async def test_questions_without_a_right_option_are_refused(tmp_path, given, says):
    fields = {"options": ("yes", "no"), **given}
    run = await deliberate(
        "Is it so?",
        PANEL,
        Debate(rounds=0, contest_claims=False),
        Pool.scripted(lean),
        record_dir=tmp_path,
        **fields,
    )
    with pytest.raises(InputError, match=says):
        answers_of([run])


def test_a_folder_without_a_record_is_refused(tmp_path):
    with pytest.raises(RecordError):
        answers_of([tmp_path])


@pytest.mark.parametrize(
    ("items", "answers", "says"),
    [
        ((ITEM, ITEM), (), "two items have one id"),
        ((ITEM,), (Answer(item="i2", seat="ann", choice="a"),), "which is no item"),
        ((ITEM,), (Answer(item="i1", seat="ann", choice="c"),), "none of its options"),
        ((ITEM,), (Answer(item="i1", seat="ann"), Answer(item="i1", seat="ann")), "twice"),
    ],
)
def test_what_does_not_hang_together_is_refused(items, answers, says):
    with pytest.raises(InputError, match=says):
        AnswerSheet(items=items, answers=answers)


@pytest.mark.parametrize("fields", [{"right": "c"}, {"options": ("a", "a")}, {"options": ("a",)}])
def test_an_item_has_different_options_with_the_right_one_among_them(fields):
    with pytest.raises(ValidationError):
        Item.model_validate({"id": "i", "options": ("a", "b"), **fields})


def test_parts_of_a_sheet(sheet_of):
    sheet = sheet_of({"ann": "ab-", "bo": "bbb"}, "aab", task=["x", "y", "y"])
    assert sheet.tasks == ("x", "y")
    assert [item.id for item in sheet.of_task("y").items] == ["i1", "i2"]
    assert sheet.of_task("y").by_item() == {"i1": {"ann": "b", "bo": "b"}, "i2": {"bo": "b"}}
    assert sheet.without(["bo"]).by_item() == {"i0": {"ann": "a"}, "i1": {"ann": "b"}, "i2": {}}
    with pytest.raises(InputError, match="task sets here: x, y"):
        sheet.of_task("z")
