"""A debate in two checkpointers under strict msgpack; what is read back must be what was recorded.

Run by `test_build.py` with LANGGRAPH_STRICT_MSGPACK=true: `python strict_checkpoints.py FOLDER`.
"""

import asyncio
import sys
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde._msgpack import STRICT_MSGPACK_ENABLED
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import Conduct, build, deliberate, serializer
from folkmoot.pool import Pool
from folkmoot.protocols import CritiqueRevise, Debate, Deliberation, Setting
from folkmoot.records import Call, Journal, Outcome

PANEL = Panel(Agent(name, model="m") for name in ("ann", "bo", "cy"))


def answer(call: Call) -> str | list[float]:
    """Seats differ and move, critics reject."""
    if call.op == "generate":
        return f"Reason {call.id}. More."
    share = 0.9 if (call.round + len(call.seat) + call.order % 2) % 2 else 0.1
    return [share, *[(1 - share) / (len(call.options) - 1)] * (len(call.options) - 1)]


async def stored(
    saver: BaseCheckpointSaver[str], folder: Path, protocol: Deliberation, outcome: Outcome
) -> bool:
    """Whether the checkpointer gives back the run, from its own store."""
    opening = outcome.transcript.opening
    graph = build(protocol, Setting(("ann", "bo"), ("yes", "no")), checkpointer=saver)
    pool = Pool.scripted(answer)
    await pool.open(["m"])
    thread = {"configurable": {"thread_id": "one"}, "recursion_limit": 1000}
    with Journal.create(folder, opening) as journal:
        await graph.ainvoke({"records": ()}, thread, context=Conduct(journal, pool, None))
    state = await graph.aget_state(thread)
    return tuple(state.values["records"]) == outcome.transcript.records


async def main(folder: Path) -> None:
    """Both savers, over protocols that write every kind of record."""
    assert STRICT_MSGPACK_ENABLED
    protocols = (Debate(), CritiqueRevise(rounds=1))
    outcomes = [
        await deliberate(
            "Share?",
            PANEL,
            protocol,
            Pool.scripted(answer),
            options=("yes", "no"),
            record_dir=folder,
        )
        for protocol in protocols
    ]
    for name in ("memory", "sqlite"):
        equal: list[bool] = []
        for place, (protocol, outcome) in enumerate(zip(protocols, outcomes, strict=True)):
            record = folder / f"{name}-{place}"
            if name == "memory":
                saver = InMemorySaver(serde=serializer())
                equal.append(await stored(saver, record, protocol, outcome))
                continue
            async with AsyncSqliteSaver.from_conn_string(str(folder / f"{place}.db")) as saver:
                saver.serde = serializer()
                equal.append(await stored(saver, record, protocol, outcome))
        print(name, "equal" if all(equal) else "unequal")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
