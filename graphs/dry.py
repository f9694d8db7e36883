"""A dry run: the worst case of a protocol, walked through without a model.

Every repetition runs to its bound, every seat moves in every round, and every text is as long as
its seat may make it. `ask` is pure, so what it asks here bounds what it can ask for real.
"""

from typing import NamedTuple

from folkmoot.protocols import Deliberation, unroll
from folkmoot.records import Call, Opening, Place, Record, Reply, Transcript

_WORD = " word"
"""About one token with any common tokenizer."""


class WorstCase(NamedTuple):
    """What a run may ask at most, in the order of asking."""

    calls: tuple[Call, ...]

    def longest(self) -> dict[str, Call]:
        """For each model, the call with the most text to read and write."""
        longest: dict[str, Call] = {}
        for call in self.calls:
            if call.model not in longest or _length(call) > _length(longest[call.model]):
                longest[call.model] = call
        return longest


def worst_case(protocol: Deliberation, opening: Opening) -> WorstCase:
    """Walk through the protocol as `opening` begins it. Pure: no model, no journal."""
    records: tuple[Record, ...] = ()
    asked: list[Call] = []
    for step in unroll(protocol.parts(opening.options is None)):
        seen = Transcript(opening, records, Place(step.number, step.round, step.stage.name))
        calls = step.stage.ask(seen)
        replies = tuple(_reply(call) for call in calls)
        told = step.stage.tell(seen, replies)
        records = (*records, *replies, *told)
        asked += calls
    return WorstCase(tuple(asked))


def _reply(call: Call) -> Reply:
    if call.op != "choose":
        # A stated stance must not parse: an unreadable one is as long as any.
        return Reply.to(call, "cut_off", text=(_WORD * call.sampling.max_tokens).strip())
    # Another option leads in every round and for every other seat, so that all differ and all move.
    favourite = (call.round + sum(map(ord, call.seat))) % len(call.options)
    shown = sorted(call.options)
    logprobs = tuple(-0.1 if shown.index(o) == favourite else -3.0 for o in call.options)
    return Reply.to(call, "ok", logprobs=logprobs)


def _length(call: Call) -> int:
    written = call.sampling.max_tokens * len(_WORD)
    return sum(len(segment.text) for segment in call.segments) + written
