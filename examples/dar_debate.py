"""A protocol of one's own: DAR, a debate in which a seat is shown only what differs from its own view and
from the majority's (arXiv 2603.20640), and which the panel does not hold at all where it agrees.

python examples/dar_debate.py
"""

import asyncio

from folkmoot import Panel, Pool, deliberate
from folkmoot.protocols import (
    Account,
    Composed,
    Conclude,
    Contest,
    Dar,
    Decide,
    Gate,
    Hearing,
    Repeat,
    Rule,
    Settled,
    Speak,
    Stand,
    Unanimous,
)

HEARD = Hearing(filter=Dar())
ROUND = (Stand(hearing=HEARD), Account(hearing=HEARD), Speak(hearing=HEARD))
DAR = Composed(
    name="dar-debate",
    parts=(
        *(Stand(), Speak()),
        Gate(Unanimous(), then=(), otherwise=(Repeat(ROUND, 2, Settled()),)),
        *(Contest(), Decide(rule=Rule(name="majority")), Conclude()),
    ),
)

if __name__ == "__main__":
    panel = Panel.from_yaml("examples/panel.yaml")
    question = "Should the hospital share records with researchers?"
    run = deliberate(question, panel, DAR, Pool.embedded(), options=["yes", "no"], seed=7)
    print(asyncio.run(run).answer)
