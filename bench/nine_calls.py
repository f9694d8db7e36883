"""The deliberation that `overhead.py` measures, in Folkmoot: three seats, three rounds, nine calls."""

from pathlib import Path
from typing import Any

from folkmoot.agents import Agent, Panel, Perspective
from folkmoot.graphs import deliberate_many
from folkmoot.pool import Pool
from folkmoot.pool.vllm_client import VllmEngine
from folkmoot.protocols import Part, Repeat
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.decide import Decide
from folkmoot.protocols.speak import Speak
from folkmoot.records.base import Frozen

AT_ONCE = 32
"""Deliberations in flight: three calls each, so the 64 connections are never short of work."""


class Exchange(Frozen):
    """A blind answer, rounds of exchange, then the end: one call a seat and round."""

    name: str = "exchange"
    version: str = "1"
    rounds: int

    def params(self) -> dict[str, Any]:
        """How many rounds, the blind one among them."""
        return {"rounds": self.rounds}

    def parts(self, open_question: bool) -> tuple[Part, ...]:
        """The end needs no calls: nobody ranks, so nothing is decided, and the answer says so."""
        return (Speak(), Repeat((Speak(),), self.rounds - 1), Decide(), Conclude())

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """None: any panel will do."""
        return ()


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
    panel = Panel(
        [
            Agent(seat, model=model, perspective=Perspective(statement=persona))
            for seat, persona in personas.items()
        ]
    )
    pool = Pool([VllmEngine("stub", url, {model: model}, connections=connections)])
    protocol = Exchange(rounds=rounds)
    answered = 0
    async for outcome in deliberate_many(
        questions, panel, protocol, pool, at_once=AT_ONCE, record_dir=folder
    ):
        assert outcome.record is not None
        assert not outcome.absences
        answered += outcome.ledger.total.calls
    return answered
