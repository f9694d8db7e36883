"""Stopping rules written to a protocol file, and read back as the same."""

from pathlib import Path

import pytest

from folkmoot.graphs.files import read_protocol, write_protocol
from folkmoot.protocols import Repeat, Setting
from folkmoot.protocols.composed import Composed
from folkmoot.protocols.description import description
from folkmoot.protocols.stand import Stand
from folkmoot.protocols.stopping import (
    AllOf,
    AnyOf,
    CalledOff,
    CallsSpent,
    Confident,
    Deadline,
    DivergenceUnchanged,
    Drifting,
    EntropyUnchanged,
    Moderate,
    Not,
    Quorum,
    Settled,
    Share,
    Stable,
    Still,
    TokensSpent,
    Unanimous,
    Unassailable,
    WorthDebating,
)
from folkmoot.protocols.stopping.worth import features

RULES = (
    Settled(or_still=False),
    Unanimous(quorum=3),
    Still(rounds=2),
    Share(bar=0.6),
    Unassailable(seats=("ann",)),
    Quorum(need=2),
    EntropyUnchanged(bar=0.1),
    DivergenceUnchanged(),
    Stable(sharpness=2.5),
    CallsSpent(bar=3),
    TokensSpent(bar=3),
    Deadline(bar=5),
    CalledOff(),
    Confident(seat="ann", over="mean"),
    Drifting(key="yes"),
    WorthDebating(probability=features),
    AnyOf(of=(Settled(), AllOf(of=(Quorum(need=1), Not(of=Still()))))),
    AnyOf(of=(features, Still())),
    Not(of=features),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_comes_back_from_a_file_as_it_was(tmp_path: Path, rule) -> None:
    """`features` stands for any function that can be imported."""
    setting = Setting(("ann", "bo"), ("yes", "no"))
    parts = (Stand(), Repeat((Stand(), Moderate(moderator="bo")), 2, rule))
    write_protocol(Composed(name="plan", version="1", parts=parts), tmp_path / "plan.yaml", setting)
    (_, again) = read_protocol(tmp_path / "plan.yaml").parts(setting)
    assert isinstance(again, Repeat)
    assert again.body == (Stand(), Moderate(moderator="bo"))
    assert description(again.until) == description(rule)
