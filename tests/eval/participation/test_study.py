"""A study from its plan to its page: on scripted models, and on the real small one."""

import pytest

from folkmoot.eval.participation import ask, read_items
from folkmoot.eval.participation.experiment import evaluate
from folkmoot.eval.participation.plan import read_study
from folkmoot.eval.participation.report import report
from folkmoot.pool import Pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.records import InputError, verify
from tests.eval.participation.studies import TASKS, write_plan
from tests.protocols.conftest import weighed


@pytest.fixture
def plan(tmp_path):
    return write_plan(tmp_path)


KEY = {asked: options[0] for every in TASKS.values() for asked, options in every}


def specialists(call):
    """adder knows sums, painter colours, plain both in two cases of three; the fool is always wrong."""
    question = next(s.text for s in call.segments if s.label == "question")
    asked = next(each for each in KEY if f"is {each}," in question)
    task = next(each for each, every in TASKS.items() if asked in dict(every))
    knows = {
        "adder": task == "sums",
        "painter": task == "colours",
        "plain": not asked.startswith(("1", "snow")),
        "fool": False,
    }[call.seat]
    wrong = next(option for option in dict(TASKS[task])[asked] if option != KEY[asked])
    wanted = KEY[asked] if knows else wrong
    return weighed(call, lambda option: 9.0 if option == wanted else 1.0)


async def test_specialists_beat_each_of_them_and_the_page_says_so(plan, tmp_path):
    study = read_study(plan)
    pool = Pool.scripted(specialists)
    answers = await ask(study, pool, tmp_path)
    result = evaluate(study, answers)
    assert result.items == {"colours": 6, "sums": 6}
    assert result.development == 6
    by_name = {each.name: each for each in result.systems}
    alone = {each.name: each.accuracy.value for each in result.models}
    assert alone["adder"] == alone["painter"] == 0.5
    assert alone["fool"] == 0.0
    assert [each.role for each in result.models] == [None, None, None, "base"]
    assert by_name["routed-declared"].accuracy.value == 1.0
    assert by_name["routed-measured-1"].accuracy.value == 1.0
    assert by_name["routed-declared"].priorities == {"adder": 0.0, "fool": None, "painter": 0.0}
    gains = {each.over: each for each in by_name["routed-declared"].gains}
    assert gains["plain"].difference.value == pytest.approx(1 - alone["plain"])
    assert gains["plain"].relative.value == pytest.approx(1 / alone["plain"] - 1)
    assert [each.members for each in result.growth] == [2, 3]
    page = report(result, "folkmoot participation plan.yaml")
    assert "| routed-declared |" in page
    assert "How it compares with a larger monolith: none was among the controls." in page
    assert type(result).model_validate(result.plain()) == result


async def test_what_is_on_record_is_not_asked_again(plan, tmp_path):
    study = read_study(plan)
    asked = []

    def counted(call):
        asked.append(call)
        return specialists(call)

    few = study._replace(items=study.items[:4])
    first = await ask(few, Pool.scripted(counted), tmp_path / "r")
    assert len(asked) == 4 * 4 * 2, "items, models, orders"
    second = await ask(study, Pool.scripted(counted), tmp_path / "r")
    assert len(asked) == len(study.items) * 4 * 2
    assert {name: second.answers[name] for name in first.answers} == first.answers
    for each in study.items:
        for folder in ("records", "controls/plain"):
            assert verify(tmp_path / "r" / folder / each.task / each.name).ok


async def test_a_control_may_come_later_and_nobody_is_asked_again(plan, tmp_path):
    study = read_study(plan)
    asked = []

    def counted(call):
        asked.append(call.seat)
        return specialists(call)

    await ask(study._replace(controls=()), Pool.scripted(counted), tmp_path / "r")
    assert set(asked) == {"adder", "fool", "painter"}
    asked.clear()
    answers = await ask(study, Pool.scripted(counted), tmp_path / "r")
    assert set(asked) == {"plain"}
    assert answers.members == ("adder", "fool", "painter", "plain")


async def test_real_small_models_are_asked_and_measured(plan, tmp_path):
    study = read_study(plan)
    items = [*study.items[:3], *study.items[-3:]]
    study = study._replace(items=tuple(items))
    pool = Pool([Embedded(dict.fromkeys(("adder", "painter", "fool", "plain"), "smollm2"))])
    answers = await ask(study, pool, tmp_path)
    for each in items:
        for member in answers.members:
            given = answers.answers[each.name][member]
            assert given.shares.keys() == set(each.options)
            assert sum(given.shares.values()) == pytest.approx(1, abs=1e-4)
            assert given.tokens > 20
    result = evaluate(study, answers)
    assert all(0 <= each.accuracy.low <= each.accuracy.high <= 1 for each in result.systems)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("members: [members/*]", "members: [members/adder]"), "at least two"),
        (("members/*", "nowhere"), "contribution.yaml"),
        (("items: [items]", "items: [none.jsonl]"), "none.jsonl"),
        (("role: base", "role: king"), "plan.yaml:4"),
        (("folder: plain", "folder: members/fool"), "two of its contributions are named 'fool'"),
    ],
)
def test_a_plan_that_cannot_be_followed_says_why(plan, change, said):
    plan.write_text(plan.read_text().replace(*change))
    with pytest.raises(InputError, match=said.replace("(", r"\(")) as raised:
        read_study(plan)
    assert str(raised.value)


def test_without_a_plan_nothing_is_read(tmp_path):
    with pytest.raises(InputError, match=r"no file"):
        read_study(tmp_path / "no.yaml")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('{"id": "1"}', "items.jsonl:2: task"),
        ("no json", "items.jsonl:2"),
        (
            '{"id": "1", "task": "t", "question": "q", "options": ["a", "b"], "answer": "c"}',
            "none of the options",
        ),
        (
            '{"id": "0", "task": "t", "question": "q", "options": ["a", "b"], "answer": "a"}',
            "two items with the id '0'",
        ),
    ],
)
def test_an_item_that_is_none_says_at_which_line(tmp_path, row, said):
    good = '{"id": "0", "task": "t", "question": "q?", "options": ["a", "b"], "answer": "a"}'
    path = tmp_path / "items.jsonl"
    path.write_text(f"{good}\n{row}\n")
    with pytest.raises(InputError, match=said):
        read_items([path])
