"""The deliberation that `overhead.py` measures, in Folkmoot."""

from pathlib import Path

from exchange import Exchange, panel_of

from folkmoot.graphs import deliberate_many
from folkmoot.pool import Pool
from folkmoot.pool.vllm.client import VllmEngine

AT_ONCE = 32
"""Deliberations in flight: three calls each, so the 64 connections are never short of work."""


async def deliberate_all(
    url: str,
    model: str,
    questions: list[str],
    personas: dict[str, str],
    rounds: int,
    connections: int,
    folder: Path,
) -> int:
    """Deliberate on every question, records in `folder`; returns how many calls were answered."""
    panel = panel_of(model, personas)
    pool = Pool([VllmEngine("stub", url, {model: model}, connections=connections)])
    answered = 0
    async for outcome in deliberate_many(
        questions, panel, Exchange(rounds=rounds), pool, at_once=AT_ONCE, record_dir=folder
    ):
        assert outcome.record is not None
        assert not outcome.absences
        answered += outcome.ledger.total.calls
    return answered
