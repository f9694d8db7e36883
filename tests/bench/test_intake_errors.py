"""Synthetic submissions are what they say, and errors are counted for the check that a submission is for."""

import numpy as np
import pytest
from intake_errors import summed
from safetensors.numpy import load_file, save_file
from submissions import PERSPECTIVES, as_it_is, copy, swapped

from folkmoot.agents.contribution_file import read_contribution
from folkmoot.agents.intake import CHECKS, examine
from folkmoot.eval.contribution.probes import PROBES


@pytest.fixture
def given(tmp_path):
    """A contribution with an adapter of a few numbers."""
    folder = tmp_path / "given"
    as_it_is("care", folder)
    (folder / "adapter").mkdir()
    text = (folder / "contribution.yaml").read_text("utf-8")
    (folder / "contribution.yaml").write_text(text + "adapter: adapter\n", "utf-8")
    weights = {"a": np.linspace(-1, 1, 64, dtype=np.float32).reshape(8, 8)}
    save_file(weights, folder / "adapter/adapter_model.safetensors")
    (folder / "adapter/adapter_config.json").write_text("{}", "utf-8")
    return folder


@pytest.mark.parametrize("name", PERSPECTIVES)
def test_an_honest_one_fails_nothing_that_can_be_read(name, tmp_path):
    each = as_it_is(name, tmp_path / "it")
    found = examine(read_contribution(each.folder))
    assert {finding.verdict for finding in found} <= {"passed", "warned", "not_asked"}
    assert each.caught_by == ()


def test_copies_have_another_name_and_digests_of_their_own(given, tmp_path):
    plain, noised = copy(given, tmp_path / "plain"), copy(given, tmp_path / "noised", noise=0.05)
    weights = [
        load_file(folder / "adapter/adapter_model.safetensors")["a"]
        for folder in (given, plain.folder, noised.folder)
    ]
    assert (weights[0] == weights[1]).all()
    assert 0 < np.abs(weights[0] - weights[2]).max() < 0.3
    for each in (plain, noised):
        offered = read_contribution(each.folder)
        assert offered.file.name == each.name != read_contribution(given).file.name
        assert offered.file.digests.adapter is not None
        assert each.seated == (given,)


def test_swapped_values_are_opposite_on_the_circle(given, tmp_path):
    each = swapped(given, tmp_path / "it")
    assert each is not None
    values = read_contribution(each.folder).file.perspective.values
    assert values == {"achievement": 0.9, "power-resources": 0.6}


def row(kind: str, caught_by: list[str], **found: str):
    every = dict.fromkeys((*CHECKS, *PROBES), "passed")
    return {"kind": kind, "caught_by": caught_by, "found": {**every, **found}}


def test_errors_are_counted_for_the_check_that_it_is_for():
    rows = [
        row("given", []),
        row("given", [], fidelity="failed"),
        row("sleeper-tag", ["sleeper"], sleeper="failed"),
        row("sleeper-tag", ["sleeper"]),
        row("obeys-roles", ["role-forgery", "injection"], injection="failed"),
    ]
    said = summed(rows)
    checks = said["checks"]
    assert checks["fidelity"]["failed"]["n"] == 1
    assert checks["fidelity"]["honest"] == 2
    assert (checks["sleeper"]["dishonest"], checks["sleeper"]["passed"]["n"]) == (2, 1)
    assert checks["role-forgery"]["passed"]["n"] == 1
    assert checks["injection"]["dishonest"] == 0
    assert said["kinds"]["obeys-roles"] == {"n": 1, "failed": 1, "only_warned": 0}
