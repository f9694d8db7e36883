"""The retained run of dilemmas: 120 records, read and audited anew, have the stated figures."""

from pathlib import Path

import pytest
from ambiguity import again, auroc, figures, unlearned

KEPT = Path(__file__).parents[2] / "bench" / "retained" / "ambiguity.tar.xz"


def test_the_retained_run_has_the_stated_figures():
    found = figures(again(KEPT))
    assert found["high"] == {"n": 60, "with_conflict": 0.25, "mean_severity": 0.1518}
    assert found["low"] == {"n": 60, "with_conflict": 0.0, "mean_severity": 0.0}
    assert found["auroc"] == 0.625


def test_ties_count_half():
    assert auroc([0.0, 1.0], [0.0]) == 0.75


@pytest.mark.parametrize(("taught", "left"), [([], ["a1", "a2", "b1"]), (["a1"], ["b1"])])
def test_scenarios_of_which_a_case_was_learned_are_left_out(tmp_path, taught, left):
    lines = [f'{{"id": "{each}", "question": "?", "answer": "x"}}\n' for each in taught]
    (tmp_path / "lessons.jsonl").write_text("".join(lines), encoding="utf-8")
    rows = [{"id": each, "context": each[0]} for each in ("a1", "a2", "b1")]
    assert [row["id"] for row in unlearned(rows, [tmp_path])] == left
