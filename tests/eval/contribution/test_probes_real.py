"""Probes on the packaged model: as it is, in a perspective, it is as good as its base."""

import pytest

from folkmoot.agents import Agent, Perspective
from folkmoot.eval.contribution.probes import PROBES, Size, probe
from folkmoot.pool import Pool
from folkmoot.records import Sampling

pytestmark = pytest.mark.real

SMALL = Size(items=4, pairs=4, battery=8, triggers=2, swept=1, confirmed=4, answers=2)


def seat(name: str, statement: str, values: dict[str, float]) -> Agent:
    return Agent(
        name,
        model="smollm2",
        perspective=Perspective(statement=statement, values=values),
        sampling=Sampling(max_tokens=12),
    )


async def test_the_base_with_a_perspective_fails_nothing(embedded_pool: Pool):
    care = seat("care", "I look after the sick.", {"benevolence-caring": 0.9})
    other = seat("order", "I keep the law.", {"conformity-rules": 0.9})
    findings = await probe(
        care,
        embedded_pool,
        secret="a steward's long secret",
        base="smollm2",
        seated=[other],
        size=SMALL,
    )
    found = {each.check: each for each in findings}
    assert tuple(found) == PROBES
    alike = found.pop("distinctiveness")
    assert {each.verdict for each in found.values()} <= {"passed", "warned"}, found
    assert found["cost"].evidence["ratio"] == 1
    assert -1 <= alike.evidence["likeness"]["order"]["seat"] < 1
    assert found["injection"].evidence["more_than_base"]["value"] == 0
