"""A dry run: the worst case of a protocol, walked through without a model.

Every repetition runs to its bound, seats move in every round, rankings have a winner, critics
reject, and every text is as long as any seat may make it. `ask` is pure, so what it asks here
bounds what it can ask for real; a stage that this does not bring to its worst says it (`Bounded`).
"""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

from folkmoot.agents import voice
from folkmoot.protocols import Bounded, Deliberation, Setting, Step, due, seen_by, unroll, waves
from folkmoot.protocols.condition import Look
from folkmoot.records import Call, Check, Opening, Record, Reply, Segment

_WORD = " word"
"""About one token with any common tokenizer."""


class WorstCase(NamedTuple):
    """What a run may ask at most, in the order of asking."""

    calls: tuple[Call, ...]

    def longest(self) -> tuple[Call, ...]:
        """For each model, stage and operation, the call that needs the most room: what may not be
        dropped of its prompt, and what it may write. By letters: within a stage the wording is the
        same, between stages a tokenizer has to tell."""
        longest: dict[tuple[str, str, str], Call] = {}
        for call in self.calls:
            kind = (call.model, call.stage, call.op)
            if kind not in longest or _needed(call) > _needed(longest[kind]):
                longest[kind] = call
        return tuple(longest.values())


def worst_case(protocol: Deliberation, opening: Opening) -> WorstCase:
    """Walk through the protocol as `opening` begins it. Pure: no model, no journal."""
    every = waves(unroll(protocol.parts(Setting.of(opening))))
    calls = _Walk(every, opening).worst(0, (), ())
    return WorstCase(tuple(_all_for_the_longest(call, opening.options or ()) for call in calls))


class _Walk:
    """A walk in which no repetition ends early, and which takes the longer way at every gate."""

    def __init__(self, every: Sequence[Sequence[Step]], opening: Opening) -> None:
        self._waves, self._opening = every, opening
        self._replies = Longest(opening)
        guards = [guard for wave in every for step in wave for guard in step.guards]
        self._gates = {guard.check for guard in guards if guard.holds}

    def worst(
        self, first: int, records: tuple[Record, ...], asked: tuple[Call, ...]
    ) -> tuple[Call, ...]:
        """All calls, from this wave on, of the way that asks the most."""
        for number in range(first, len(self._waves)):
            told: tuple[Record, ...] = ()
            forks: list[Check] = []
            for step in due(self._waves[number], records):
                seen = seen_by(step, self._opening, (*records, *told))
                if isinstance(step.stage, Look):
                    (check,) = step.stage.tell(seen, ())
                    assert isinstance(check, Check)
                    told = (*told, check.model_copy(update={"holds": False}))
                    forks += [check] if step.number in self._gates else []
                    continue
                stage = step.stage
                calls = most = stage.ask(seen)
                if isinstance(stage, Bounded):
                    most = stage.at_most(seen)
                    # What it tells of is what it asks, as long as it asks as many.
                    calls = calls if len(calls) == len(most) else most
                replies = self._replies(calls)
                seen = seen_by(step, self._opening, (*records, *told, *replies))
                told = (*told, *replies, *stage.tell(seen, replies))
                asked = (*asked, *most)
            if forks:
                return max(
                    (
                        self.worst(number + 1, (*records, *_went(told, ways)), asked)
                        for ways in product((True, False), repeat=len(forks))
                        for ways in [dict(zip((c.step for c in forks), ways, strict=True))]
                    ),
                    key=_size,
                )
            records = (*records, *told)
        return asked


def _went(told: Sequence[Record], ways: dict[int, bool]) -> tuple[Record, ...]:
    """The records with their checks going these ways."""
    return tuple(
        each.model_copy(update={"holds": ways.get(each.step, False)})
        if isinstance(each, Check)
        else each
        for each in told
    )


def _size(calls: Sequence[Call]) -> int:
    return sum(_needed(call) for call in calls)


def _all_for_the_longest(call: Call, options: Sequence[str]) -> Call:
    """The call with every message arguing for the longest option: seats that move in every round
    hold it only by turns."""
    shown = [f"{voice.shown_answer(option)}>" for option in options]
    longest = max(shown, key=len, default="")

    def lengthened(segment: Segment) -> Segment:
        found = next((each for each in shown if each in segment.text), None)
        if segment.drop == 0 or found is None:
            return segment
        return segment.model_copy(update={"text": segment.text.replace(found, longest, 1)})

    return call.model_copy(update={"segments": tuple(map(lengthened, call.segments))})


class Longest:
    """Replies as long as they may be, after which the most is asked."""

    def __init__(self, opening: Opening) -> None:
        self._seats = opening.seats
        most = max(party.sampling.max_tokens for party in opening.parties)
        self._text = (_WORD * most).strip()
        options = opening.options or ()
        self._sides = sorted(range(len(options)), key=lambda at: -len(options[at]))[:2] or [0, 0]
        """The two longest options: messages show the answer that they argue for. Of an open question,
        the first of what a ballot offers."""

    def __call__(self, calls: tuple[Call, ...]) -> tuple[Reply, ...]:
        orders: Counter[tuple[str, str, str | None]] = Counter()
        replies: list[Reply] = []
        for call in calls:
            place = (call.seat, call.purpose, call.about)
            replies.append(self._reply(call, reverse=orders[place] % 2 == 1))
            orders[place] += 1
        return tuple(replies)

    def _reply(self, call: Call, *, reverse: bool) -> Reply:
        if call.op != "choose":
            return Reply.to(call, "ok", text=self._said(call))
        last = len(call.options) - 1
        # The last option: critics reject, and all rankings agree on a winner.
        favourite = self._side(call) if call.purpose == "stand" else last
        favourite = last - favourite if reverse else favourite
        return Reply.to(
            call, "ok", logprobs=tuple(-0.1 if at == favourite else -5.0 for at in range(last + 1))
        )

    def _said(self, call: Call) -> str:
        if call.json_schema is None:
            return self._text
        fields: dict[str, dict[str, Any]] = call.json_schema["properties"]
        return json.dumps({name: self._filled(call, field) for name, field in fields.items()})

    def _filled(self, call: Call, field: dict[str, Any]) -> Any:
        if field["type"] != "string":
            return []
        if "enum" not in field:
            return self._text
        # Whoever is no seat of the panel takes no side: it says what is longest.
        taken = call.seat in self._seats and self._side(call) < len(field["enum"])
        return field["enum"][self._side(call)] if taken else max(field["enum"], key=len)

    def _side(self, call: Call) -> int:
        """Neighbours at the table differ, and all change sides in every round."""
        return self._sides[(call.round + self._seats.index(call.seat)) % 2]


def _needed(call: Call) -> int:
    kept = sum(len(segment.text) for segment in call.segments if segment.drop == 0)
    return kept + call.sampling.max_tokens * len(_WORD)
