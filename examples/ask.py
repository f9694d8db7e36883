"""The main job in Python: four seats, one question, one answer and a conflict log.

python examples/ask.py
"""

import asyncio

from folkmoot import Agent, Panel, Perspective, Pool, deliberate
from folkmoot.protocols import Debate

PANEL = Panel(
    [
        Agent(
            "nurse",
            model="smollm2",
            perspective=Perspective(
                statement="Research on records finds treatments that reach my patients.",
                values={"benevolence-caring": 0.9},
            ),
        ),
        Agent(
            "patient",
            model="smollm2",
            perspective=Perspective(
                statement="My records are mine. Nobody should read them without asking me.",
                values={"self-direction-action": 0.9, "security-personal": 0.8},
                red_lines=("use of my records without my consent",),
            ),
        ),
        Agent(
            "researcher",
            model="smollm2",
            perspective=Perspective(
                statement="Shared data has saved lives, and every year without it costs lives.",
                values={"universalism-concern": 0.8},
            ),
        ),
        Agent(
            "lawyer",
            model="smollm2",
            perspective=Perspective(
                statement="The law asks for consent, and a leak cannot be taken back.",
                values={"conformity-rules": 0.9},
            ),
        ),
    ]
)


async def main() -> None:
    """Deliberate once, and look at what came of it."""
    outcome = await deliberate(
        "Should the hospital share records with researchers?",
        PANEL,
        Debate(rounds=1),
        Pool.embedded(),
        options=["yes", "no"],
        seed=7,
    )
    print(outcome.answer)
    for conflict in outcome.conflicts:
        print(conflict.id, conflict.status, conflict.issue)
        for position in conflict.positions:
            print("   ", position.summary, position.parties, [s.exact for s in position.spans])
    for dissent in outcome.dissents:
        print("dissent:", dissent.seat, dissent.span.exact if dissent.span else "")
    print(outcome.ledger.total)
    print(outcome.record)


if __name__ == "__main__":
    asyncio.run(main())
