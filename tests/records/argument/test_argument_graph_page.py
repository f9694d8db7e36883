"""What the page says comes out, and its bounds are those of the code."""

import doctest
import re
from pathlib import Path
from types import SimpleNamespace

from folkmoot.records import Act, Stance, Transcript
from folkmoot.records.argument import BASE, MOST_UNDECIDED, RESTATED, ROUNDS, TOLERANCE

PAGE = Path(__file__).parents[3] / "docs" / "argument-graph.md"


def outcome(run) -> SimpleNamespace:
    """A run in which a seat attacks a message and another agrees with it."""
    attack = Act.model_validate(
        {
            "step": 2,
            "order": 0,
            "id": "A1",
            "seat": "patient",
            "round": 0,
            "act": "attack",
            "message": "M2",
            "about": "M1",
        }
    )
    agrees = Stance.model_validate(
        {
            "step": 4,
            "order": 0,
            "seat": "clerk",
            "round": 1,
            "stage": "judge",
            "about": "M1",
            "options": ("agree", "disagree"),
            "state": "valid",
            "choice": "agree",
            "source": "probabilities",
        }
    )
    seen = run.transcript
    return SimpleNamespace(transcript=Transcript(run.opening, (*seen, attack, agrees)))


def test_its_examples_come_out_as_it_says(run) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) == 6
    names = {"outcome": outcome(run)}
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for number, block in enumerate(blocks):
        example = doctest.DocTestParser().get_doctest(block, names, f"block {number}", None, None)
        assert example.examples
        runner.run(example, out=said.append, clear_globs=False)
        names = example.globs
    assert runner.summarize(verbose=False).failed == 0, "".join(said)


def test_its_bounds_are_those_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"over {MOST_UNDECIDED} such claims" in text
    assert f"after {ROUNDS:,} rounds" in text
    assert f"base score v, {BASE} unless" in text
    assert f"a restatement of probability {RESTATED} or more" in text
    assert (TOLERANCE, "more than 10⁻⁹" in text) == (1e-9, True)
