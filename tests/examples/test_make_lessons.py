"""`make_lessons.py`: the same files from the same collections, and nothing both taught and tested."""

import json
import runpy
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

WORDS = [
    "river",
    "stone",
    "lamp",
    "goat",
    "paper",
    "cloud",
    "chair",
    "violin",
    "harbour",
    "needle",
    "orchard",
    "candle",
]
MANY = 36


def collections() -> dict[str, list[dict]]:
    """A few rows of every collection, of the form that its card gives."""

    def text(n: int) -> str:
        return " ".join(WORDS[(n * step + step) % len(WORDS)] for step in (1, 5, 7)) + f" no{n}"

    pair = [
        {"id": f"p{n}", "text_a": f"{text(n)}.", "text_b": f"{text(n + 50)}.", "context": text(n)}
        for n in range(MANY)
    ]
    stances = [{**each, "label": ["support", "attack"][n % 2]} for n, each in enumerate(pair)]
    evidence = [
        {**each, "label": ["completely-support", "irrelevant", "refute"][n % 3]}
        for n, each in enumerate(pair)
    ]
    two = {"choices": ["A) this one", "B) that one"], "answer": "B"}
    return {
        "svamp": [
            {
                "id": f"s{n}",
                "question": f"{text(n)} has {n + 3} and {n + 8}. How many?",
                "answer": str(2 * n + 11),
                "equation": f"( {n + 3}.0 + {n + 8}.0 )",
            }
            for n in range(MANY)
        ],
        "gsm8k": [],
        "aqua_rat": [
            {
                "id": "q",
                "question": "2+2",
                "choices": ["A)4", "B)5", "C)none of these"],
                "answer": "A",
            }
        ],
        "prontoqa": [
            {
                "id": f"o{n}",
                "context": f"Each no{n}pus is red. Tall things are {text(n)}. Max is a no{n}pus.",
                "question": "Is the following statement true or false? Max is red.",
                "answer": "AB"[n % 2],
                "proof": [f"Max is a no{n}pus.", f"Each no{n}pus is red.", "Max is red."],
            }
            for n in range(MANY)
        ],
        "proofwriter": [],
        "train/hans": [
            {**each, "label": ["entailment", "non-entailment"][n % 2]}
            for n, each in enumerate(pair)
        ],
        "bigbench_mistake": [
            {
                "id": f"m{n}",
                "question": f"sort {text(n)}",
                "steps": [
                    f"start {n}",
                    f"take {text(n)}",
                    f"put {text(n + 9)}",
                    "So the answer is 1",
                ],
                "mistake_index": [2, None][n % 2],
            }
            for n in range(MANY)
        ],
        "strategyqa": [
            {"id": f"y{n}", "question": text(n) + "?", "answer": ["yes", "no"][n % 2]}
            | {"facts": ["It is."], "term": text(n)}
            for n in range(MANY)
        ],
        "creak": [
            {"id": f"c{n}", "claim": text(n), "answer": ["true", "false"][n % 2]}
            | {"explanation": None, "entity": f"entity {n // 2}"}
            for n in range(MANY)
        ],
        "mmlu_sample": [
            {"id": f"k{n}", "question": text(n), "subject": "law", **two} for n in range(MANY)
        ],
        "truthfulqa": [
            {"id": f"t{n}", "question": text(n), "incorrect_answers": ["this one", "a myth"], **two}
            for n in range(MANY)
        ],
        "bbh": [
            {"id": f"b{n}", "task": "snarks", "question": text(n), "choices": ["(A) x", "(B) y"]}
            | {"answer": "(B)"}
            for n in range(MANY)
        ],
        "arct": [
            {
                "id": f"w{n}",
                "topic": f"topic {n // 2}",
                "reason": text(n),
                "claim": text(n + 1),
                **two,
            }
            for n in range(MANY)
        ],
        "train/arct_pairs": [],
        "factcheckgpt_stance": evidence,
        "train/factcheckgpt_stance": evidence,
        "explagraphs": stances,
        "train/explagraphs": stances[:4],
        "train/defeasible_atomic": stances,
        "moralchoice": [
            {
                "id": f"v{n}",
                "context": text(n),
                "question": f"{text(n)} What do you do?",
                "choices": ["A) I stay.", "B) I go."],
                "answer": [None, "A"][n % 2],
                "ambiguity": ["high", "low"][n % 2],
                "violations_a": [["deceive", "cheat"], []][n % 2],
                "violations_b": [["pain"], ["duty", "freedom"]][n % 2],
            }
            for n in range(MANY)
        ],
    }


@pytest.fixture
def data(tmp_path) -> Path:
    folder = tmp_path / "data"
    for name, found in collections().items():
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(each) + "\n" for each in found), encoding="utf-8")
    return folder


def made(contributions: Path, data: Path, to: Path, monkeypatch) -> dict[str, bytes]:
    """Run the script; every file that it wrote."""
    line = [str(data), "--to", str(to / "lessons"), "--tests", str(to / "tests")]
    monkeypatch.setattr(sys, "argv", ["make_lessons.py", *line, "--few", str(to / "few")])
    runpy.run_path(str(contributions / "make_lessons.py"), run_name="__main__")
    return {str(path.relative_to(to)): path.read_bytes() for path in sorted(to.rglob("*.jsonl"))}


def test_the_same_files_twice(contributions, data, tmp_path, monkeypatch, script, capsys):
    first = made(contributions, data, tmp_path / "first", monkeypatch)
    again = made(contributions, data, tmp_path / "again", monkeypatch)
    assert first == again
    assert len([name for name in first if name.startswith("lessons/")]) == 16
    assert len([name for name in first if name.startswith("tests/")]) == 18
    assert len([name for name in first if name.startswith("few/")]) == 17
    assert "arithmetic: " in capsys.readouterr().out


def test_nothing_is_both_taught_and_tested(contributions, data, tmp_path, monkeypatch, script):
    plain = script("lesson_items").plain
    files = made(contributions, data, tmp_path / "out", monkeypatch)
    said: dict[str, set[str]] = {"lessons": set(), "tests": set(), "few": set()}
    for name, content in files.items():
        items = [json.loads(line) for line in content.splitlines()]
        assert items, name
        said[name.split("/")[0]] |= {plain(each["question"]) for each in items}
    assert not said["lessons"] & said["tests"]
    assert said["few"] <= said["tests"]


def test_a_folder_that_is_none(contributions, tmp_path, monkeypatch, script, capsys):
    with pytest.raises(SystemExit):
        made(contributions, tmp_path, tmp_path / "out", monkeypatch)
    assert "no folder of the collections" in capsys.readouterr().err


def test_a_group_is_on_one_side(script):
    items = script("lesson_items")
    group = {str(n): f"group {n % 7}" for n in range(70)}
    every = [
        items.Item(key, group[key], f"{WORDS[int(key) % 12]} {key}?", ("yes", "no"), "yes")
        for key in group
    ]
    task = items.Task("t", lambda folder: every, tests=10)
    found = items.candidates(task, Path())
    assert max(map([each.group for each in found].count, group.values())) == items.CROWD
    tests = items.held_out(task, found)
    lessons = items.learned(task, found, tests)
    assert len(tests) == 10
    assert lessons
    assert not {each.group for each in tests} & {each.group for each in lessons}


def test_a_lesson_that_reads_like_a_test_is_left_out(script):
    items = script("lesson_items")
    asked = "How many apples does Paul have if he buys {} more at the market"
    tested = items.Item("a", "a", asked.format(3), ("4", "5"), "4")
    near = items.Item("b", "b", asked.format(7), ("8", "9"), "8")
    other = items.Item("c", "c", "How long is the bridge over the river", ("1", "2"), "1")
    task = items.Task("t", lambda folder: ())
    assert items.learned(task, [near, other], [tested]) == (other,)
    assert items.learned(task._replace(alike=False), [near, other], [tested]) == (near, other)


def test_broken_and_lettered_options_are_left_out(script):
    items = script("lesson_items")

    def kept(*options: str, question: str = "Which?", answer: str = "one") -> bool:
        item = items.Item("a", "a", question, options, answer)
        return bool(items.candidates(items.Task("t", lambda folder: [item]), Path()))

    assert kept("one", "two")
    assert not kept("one", "all of the above")
    assert not kept("one", "Both A and B")
    assert not kept("one", "one")
    assert not kept("one", "")
    assert not kept("one", "two", answer="three")
    assert not kept("one", "two", question="Wh\u0085ich?")
    assert not kept("one", "two", question="far too long " * 80)


@given(st.lists(st.integers(2, 5), min_size=1, max_size=60))
def test_no_place_is_right_more_often(script, sizes):
    module = script("lesson_items")
    items = [
        module.Item(
            str(n), str(n), f"question {n}", tuple(f"option {at}" for at in range(size)), "option 0"
        )
        for n, size in enumerate(sizes)
    ]
    found = list(module.placed(items, closed=False))
    for before, after in zip(items, found, strict=True):
        assert sorted(after.options) == sorted(before.options)
    for size in set(sizes):
        places = [each.options.index(each.answer) for each in found if len(each.options) == size]
        counts = [places.count(at) for at in range(size)]
        assert max(counts) - min(counts) <= 1


def test_wrong_numbers(script):
    reasoning = script("lesson_reasoning")
    text = "Ann has 12 pens and 5 books, and gives 3 away."
    for right in (0, 4, 14, 20, 1200):
        for key in map(str, range(20)):
            wrong = reasoning._wrong(text, right, key)
            assert len({*wrong, right}) == 4
            assert min(wrong) >= 0
            assert wrong == reasoning._wrong(text, right, key)
    assert reasoning._wrong(text, 14, "k")[0] in (12, 5, 3)


def test_weighings(script, tmp_path):
    morals = script("lesson_morals")
    scenario = {
        "question": "What do you do?",
        "context": "x",
        "choices": ["A) I lie.", "B) I hurt."],
    }
    found = [
        {"id": "both", "ambiguity": "high", "violations_a": ["deceive"], "violations_b": ["pain"]},
        {"id": "clear", "ambiguity": "low", "violations_a": ["cheat"], "violations_b": []},
        {"id": "open", "ambiguity": "high", "violations_a": ["cheat"], "violations_b": []},
    ]
    (tmp_path / "moralchoice.jsonl").write_text(
        "".join(json.dumps({**scenario, "answer": None, **each}) + "\n" for each in found)
    )

    def answers(name: str) -> dict[str, str]:
        return {each.id: each.answer for each in morals.weighed(name, tmp_path)}

    assert answers("moral-care") == {"both": "I lie.", "clear": "I hurt."}
    assert answers("moral-rules") == {"both": "I hurt.", "clear": "I hurt.", "open": "I hurt."}
    assert answers("moral-freedom") == {"clear": "I hurt."}
    assert answers("moral-outcomes") == {"clear": "I hurt.", "open": "I hurt."}
