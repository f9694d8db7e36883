"""What a checkpoint of a graph may hold: our records and calls, and nothing else is ever built.

A run needs no checkpointer: its journal makes it resumable. A graph of your own that interrupts or
travels in time does, and LangGraph then stores the state as msgpack, from which it builds objects of
any type that the bytes name. With this serialiser it builds these alone; so

    build(protocol, Setting(seats, options), checkpointer=InMemorySaver(serde=serializer()))

works under `LANGGRAPH_STRICT_MSGPACK=true`, and whoever can write to the database cannot make it
build anything else.
"""

from typing import Final

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from folkmoot.records import (
    Act,
    Answer,
    Ballot,
    Call,
    Check,
    Conflict,
    Decision,
    Filtering,
    Issue,
    Move,
    Ratification,
    Relation,
    ReopenIf,
    Reply,
    Restatement,
    Settlement,
    Stance,
    Turn,
)

STORED: Final = (
    Act,
    Answer,
    Ballot,
    Call,
    Check,
    Conflict,
    Decision,
    Filtering,
    Issue,
    Move,
    Ratification,
    Relation,
    Restatement,
    ReopenIf,
    Reply,
    Settlement,
    Stance,
    Turn,
)
"""Every record, and the calls that are on their way to a node."""


def serializer() -> JsonPlusSerializer:
    """A serialiser for any of LangGraph's checkpointers, given as `serde`."""
    return JsonPlusSerializer(allowed_msgpack_modules=STORED)
