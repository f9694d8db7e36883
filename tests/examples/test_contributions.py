"""The contributions that ship: every one can be read, trained, and told from the tests."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from folkmoot.agents.contribution_file import read_contribution
from folkmoot.agents.intake import examine
from folkmoot.eval.contribution import read_lessons
from folkmoot.eval.contribution.lessons import weighings
from folkmoot.eval.contribution.scores import held_out, score
from folkmoot.pool.models.adapter import WEIGHTS
from folkmoot.pool.models.resolve import locate

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "examples/contributions").glob("*/lessons.jsonl"))
ITEMS = sorted((ROOT / "examples/studies/participation/items").glob("*.jsonl"))
MORAL = "moral-"
"""The same scenarios, weighed differently: their questions are meant to be asked again."""

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_they_are_many_and_small():
    assert len(FOLDERS) >= 12
    assert sum((folder / "lessons.jsonl").stat().st_size for folder in FOLDERS) < 3_500_000


def test_they_are_trained_and_each_adapter_can_be_mailed():
    weights = [folder / "adapter" / WEIGHTS for folder in FOLDERS]
    assert all(each.stat().st_size <= 1_500_000 for each in weights)
    assert len({each.read_bytes() for each in weights}) == len(FOLDERS) >= 12


@each_folder
def test_what_is_declared(folder):
    file = read_contribution(folder).file
    assert file.name == folder.name
    assert file.priorities == (folder.name,)
    assert file.adapter == "adapter"
    assert file.base == "smollm2-base"
    assert file.licence == "Apache-2.0"
    assert all(each.source for each in file.data)
    statement = file.perspective.statement
    assert re.search(r"\bI\b", statement), "a perspective speaks in the first person"
    if folder.name.startswith(MORAL):
        assert file.perspective.values


@each_folder
def test_its_check_finds_nothing(folder):
    found = examine(read_contribution(folder))
    assert [each for each in found if each.verdict == "failed"] == []
    verdicts = {each.check: each.verdict for each in found}
    for check in ("folder", "remote-code", "licence", "perspective", "adapter", "digests"):
        assert verdicts[check] == "passed"


def test_no_two_say_the_same():
    said = [read_contribution(folder).file.perspective.statement for folder in FOLDERS]
    assert len(set(said)) == len(said)


@each_folder
def test_its_lessons(folder):
    path = folder / "lessons.jsonl"
    lessons = read_lessons(path)
    assert 300 <= len(lessons) <= 1000
    assert path.stat().st_size <= 300_000
    assert len(lessons) == len(lines(path))
    _, measured = held_out(lessons, 8)
    assert len(measured) >= 30, "too few for its card"
    asked = [(plain(each.question), frozenset(each.options or ())) for each in lessons]
    assert len(set(asked)) == len(asked)


@each_folder
def test_no_place_and_no_word_gives_the_answer_away(folder):
    lessons = read_lessons(folder / "lessons.jsonl")
    for count in {len(each.options or ()) for each in lessons}:
        of_it = [each for each in lessons if len(each.options or ()) == count]
        places = Counter((each.options or ()).index(each.answer) for each in of_it)
        # Each answer of a closed set goes round on its own, so each can be one ahead.
        assert max(places.values()) - min(places[at] for at in range(count)) <= count
    sets = Counter(frozenset(each.options or ()) for each in lessons)
    options, many = sets.most_common(1)[0]
    if len(options) == 2 and many == len(lessons):
        answers = Counter(each.answer for each in lessons)
        assert max(answers.values()) == min(answers.values())


def test_no_question_is_asked_twice_over_all():
    asked: dict[tuple, str] = {}
    for folder in FOLDERS:
        for each in read_lessons(folder / "lessons.jsonl"):
            key = (plain(each.question), frozenset(each.options or ()))
            family = MORAL if folder.name.startswith(MORAL) else folder.name
            assert asked.setdefault(key, family) == family, each.question


def test_the_moral_ones_weigh_differently():
    answers = {
        folder.name: {each["id"]: each["answer"] for each in lines(folder / "lessons.jsonl")}
        for folder in FOLDERS
        if folder.name.startswith(MORAL)
    }
    care, rules = answers["moral-care"], answers["moral-rules"]
    both = care.keys() & rules.keys()
    assert 40 <= sum(care[each] != rules[each] for each in both) < len(both) / 2


def test_the_readme_says_what_is_there(contributions):
    rows = re.findall(
        r"^\| `([\w-]+)` \|.*\| (\d+) \| (\S+) → (\S+) \|$",
        (contributions / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    found = {folder.name: len(read_lessons(folder / "lessons.jsonl")) for folder in FOLDERS}
    assert {name: int(count) for name, count, *_ in rows} == found
    for name, _, before, after in rows:
        scores = re.search(
            r"^\| right of \d+ choices \| (\S+) \| (\S+) \|",
            _card(contributions / name),
            re.MULTILINE,
        )
        assert scores, name
        assert [f"{float(each):.2f}".removeprefix("0") for each in scores.groups()] == [
            before,
            after,
        ]


def test_the_notice_names_every_collection(contributions):
    notice = (contributions / "NOTICE.md").read_text(encoding="utf-8")
    for folder in FOLDERS:
        assert folder.name in notice
        for each in read_contribution(folder).file.data:
            assert each.name.split(",")[0] in notice
            assert (each.source or "").split(",")[0] in notice


@pytest.mark.parametrize("path", ITEMS, ids=lambda path: path.stem)
def test_items_that_ship(path):
    items = lines(path)
    assert 45 <= len(items) <= 50
    for each in items:
        assert each["task"] == path.stem
        assert each["answer"] in each["options"]
    assert path.stem == "moral" or (ROOT / "examples/contributions" / path.stem).is_dir()
    assert f"`{path.name}`" in (path.parent / "NOTICE.md").read_text(encoding="utf-8")


def test_no_item_that_ships_was_learned_from():
    assert len(ITEMS) >= 12
    taught = {
        plain(each.question)
        for folder in FOLDERS
        for each in read_lessons(folder / "lessons.jsonl")
    }
    for path in ITEMS:
        assert not taught & {plain(each["question"]) for each in lines(path)}


@each_folder
def test_prompts_are_short(folder):
    """A prompt with the tokens that its template adds, by the tokenizer that it is trained with."""
    tokenizer = Tokenizer.from_file(str(locate("smollm2-base").folder / "tokenizer.json"))
    file = read_contribution(folder).file
    lengths = []
    for lesson in read_lessons(folder / "lessons.jsonl")[::10]:
        first = weighings(lesson, file)[0][0]
        text = first.system + first.user + first.prefix + first.target
        lengths.append(len(tokenizer.encode(text).ids) + 12)
    assert max(lengths) < 280
    assert sum(length <= 250 for length in lengths) >= 0.9 * len(lengths)


@pytest.mark.real
def test_the_base_answers_its_lessons():
    """The packaged model weighs shipped lessons by the prompts of a deliberation."""
    folder = ROOT / "examples/contributions/moral-care"
    lessons = read_lessons(folder / "lessons.jsonl")[:3]
    found = score(locate("smollm2-base").folder, None, lessons, read_contribution(folder).file)
    assert found.choices == 3
    assert found.accuracy in (0, 1 / 3, 2 / 3, 1)
    assert found.chance == 0.5


@pytest.mark.real
def test_a_shipped_adapter_scores_as_its_card_says():
    folder = ROOT / "examples/contributions/truthfulness"
    _, measured = held_out(read_lessons(folder / "lessons.jsonl"), 8)
    file = read_contribution(folder).file
    found = score(locate("smollm2-base").folder, folder / "adapter", measured, file)
    told = re.search(r"^\| right of (\d+) choices \| \S+ \| (\S+) \|", _card(folder), re.MULTILINE)
    assert told
    assert found.choices == int(told[1])
    assert found.accuracy is not None
    # One choice may fall the other way where a processor rounds otherwise.
    assert abs(found.accuracy - float(told[2])) <= 1.01 / found.choices


def _card(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")
