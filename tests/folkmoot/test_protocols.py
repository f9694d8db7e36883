"""`folkmoot protocols`."""

import json
from collections.abc import Callable
from typing import Any

from folkmoot.protocols import catalogue

Run = Callable[..., Any]


def test_every_protocol_is_listed_with_its_parameters(run: Run) -> None:
    out = run("protocols").out
    for entry in catalogue():
        assert entry.name in out
        for name in entry.params:
            assert f"{name}=" in out


def test_as_json(run: Run) -> None:
    listed = json.loads(run("protocols", "--json").out)["protocols"]
    assert [each["name"] for each in listed] == [entry.name for entry in catalogue()]
    assert listed[0]["params"]["rounds"]
