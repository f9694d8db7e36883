"""Seats that are replied for by rule, a tokenizer that counts words, and what a run of them came to."""

import math
import random
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import formulas

from folkmoot.protocols import Topology
from folkmoot.protocols.account import NONE_OF_THEM
from folkmoot.protocols.critique import ISSUE_TYPES
from folkmoot.records import Call, Ledger, Place, Reply, Transcript, Turn, Usage
from tests.protocols.conftest import shown

_TAG = re.compile(r"<message [^>]*>")
_ROW = re.compile(r"^[A-Z]\. (.*)$", re.MULTILINE)
TAGS, LETTER = 2, 1
"""What a message shown costs beside its words, and one that is listed as an option."""
OPTIONS = {"one": ("yes", "no"), "all": ("tax", "ban", "neither"), "lot": ("tax", "ban", "neither")}
GIVEN = {*OPTIONS["all"], *ISSUE_TYPES.values(), NONE_OF_THEM}
"""Rows of a task that are no messages."""
IN_TURN = {"jury", "round-robin", "blackboard"}
"""Protocols whose seats hear what was said earlier in the same round."""


def tokens(text: str) -> int:
    """Words; a tag is one, whatever stands in it."""
    return len(_TAG.sub("<message>", text).split())


def seats_of(size: int) -> tuple[str, ...]:
    return tuple(f"seat-{number}" for number in range(1, size + 1))


class Script:
    """Replies of a known length, and every call that was asked.

    one: the first seat changes sides in every round, towards the last and back. all: every seat does.
    lot: sides, verdicts and judgements are drawn.
    """

    def __init__(self, scene: str, size: int, length: int, lot: int = 0) -> None:
        self.scene, self.size, self.length, self.lot = scene, size, length, lot
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Reply:
        self.calls.append(call)
        prompt = sum(tokens(segment.text) for segment in call.segments)
        if call.op == "generate":
            text = self._text(call)
            usage = Usage(prompt=prompt, completion=tokens(text))
            return Reply.to(call, "ok", text=text, finish="stop", usage=usage)
        rows = shown(call)
        target = self._target(call, rows)
        weights = [9.0 if at == target else 0.5 for at in range(len(rows))]
        logs = tuple(round(math.log(each / sum(weights)), 6) for each in weights)
        return Reply.to(call, "ok", logprobs=logs, usage=Usage(prompt=prompt, completion=0))

    def _text(self, call: Call) -> str:
        first = "because"
        if call.purpose.startswith("sample"):
            first = "yes" if self.scene == "one" else "A"
        return " ".join([first, call.id, *["word"] * (self.length - 2)])

    def _target(self, call: Call, rows: Sequence[str]) -> int:
        """Which row it is: the same one in both orders of the rows."""
        index = int(call.seat.removeprefix("seat-")) - 1
        draw = random.Random(f"{self.lot}/{call.seat}/{call.round}/{call.purpose}/{call.about}")
        lot = self.scene == "lot"
        match call.purpose:
            case "stand":
                return rows.index(OPTIONS[self.scene][self._side(index, call.round, draw)])
            case "account":
                # Noise may have the same words twice: then the place decides.
                turned = rows[0] == NONE_OF_THEM
                places = range(len(rows) - 1, 0, -1) if turned else range(len(rows) - 1)
                return min(places, key=lambda place: rows[place])
            case "verdict" if set(rows) == {"accept", "reject"}:
                rejects = draw.random() < 0.5 if lot else (index + call.round) % 2
                return rows.index("reject" if rejects else "accept")
            case "moderate":
                return rows.index("yes" if lot and draw.random() < 0.5 else "no")
            case "judge" if lot:
                return rows.index(draw.choice(sorted(rows)))
            case _:
                return rows.index(min(rows))

    def _side(self, index: int, round: int, draw: random.Random) -> int:
        if self.scene == "one":
            return round % 2 if index == 0 else int(index == self.size - 1)
        return (index + round) % 3 if self.scene == "all" else draw.randrange(3)


class Kind(NamedTuple):
    """Calls of one kind: a row of a page's table."""

    stage: str
    does: str
    when: str


class Sums(NamedTuple):
    """What the prompts of some calls hold."""

    calls: int = 0
    shown: int = 0
    listed: int = 0
    tallies: int = 0
    fixed: Fraction = Fraction(0)
    """Tokens that are no message and no tally."""


class Ran(NamedTuple):
    """A run that was costed."""

    script: Script
    seen: Transcript
    ledger: Ledger

    def sums(self, rows: Iterable[Mapping[str, Any]]) -> dict[Kind, Sums]:
        """What the calls of each row hold; a call that no row is for fails."""
        found = {kind_of(row): Sums() for row in rows}
        for call in self.script.calls:
            when = "later" if call.round else "first"
            among = (Kind(call.stage, call.op, when), Kind(call.stage, call.op, ""))
            kind = next((each for each in among if each in found), None)
            assert kind is not None, f"no row is for {among[0]}"
            found[kind] = Sums(*(a + b for a, b in zip(found[kind], self._of(call), strict=True)))
        return found

    def _of(self, call: Call) -> Sums:
        text = "".join(segment.text for segment in call.segments)
        task = next(each.text for each in call.segments if each.label == "task")
        tally = [tokens(each.text) for each in call.segments if each.label == "tally"]
        messages = len(_TAG.findall(text))
        rows = sum(row not in GIVEN for row in _ROW.findall(task))
        length = self.script.length
        of_messages = messages * (length + TAGS) + rows * (length + LETTER)
        fixed = sum(tokens(each.text) for each in call.segments) - of_messages - sum(tally)
        return Sums(1, messages, rows, len(tally), Fraction(fixed))


def kind_of(row: Mapping[str, Any]) -> Kind:
    return Kind(row["stage"], row["does"], row.get("when", ""))


def tally_tokens(options: Sequence[str] | None) -> int:
    """What showing the tally costs: `Held after the last round:`, then an option and its number."""
    return 5 + 2 * len(options or ())


def counts(protocol: Any, seen: Transcript, needed: Container[str]) -> dict[str, int]:
    """What the names in formulas stand for, counted on the record: never from prompts.

    Who had heard what takes a while to count: only where it is needed.
    """
    acts = [*seen.turns, *seen.stances, *seen.moves, *seen.issues, *seen.ballots]
    last = max(act.round for act in acts)
    told = [move for move in seen.moves if move.because == "argument"]
    offered = {
        (reply.step, reply.seat): len(reply.logprobs or ()) - 1
        for reply in seen.replies
        if reply.purpose == "account"
    }
    params = {name: value for name, value in dict(protocol).items() if type(value) is int}
    hears = _hearing(protocol, seen)
    return {
        **params,
        "n": len(seen.opening.seats),
        "r": last,
        "moved": len(told),
        "moved_at": sum(move.round for move in told),
        "offered": sum(offered[move.step, move.seat] for move in told),
        "objected": len([turn for turn in seen.turns if turn.role == "critique"]),
        "scored": len([turn for turn in seen.turns if turn.role == "candidate" and turn.answer]),
        "sides": 1 if getattr(protocol, "form", "").endswith("consultancy") else 2,
        "picks": int(getattr(protocol, "form", "").startswith("open")),
        **(
            {"heard": sum(hears(m.seat, m.round, m.step) for m in told)}
            if "heard" in needed
            else {}
        ),
        **_within(protocol, seen),
        **_read(protocol, seen, last, hears),
    }


def _hearing(protocol: Any, seen: Transcript) -> Callable[[str, int, int], int]:
    """How many messages a seat had heard in a round, at a step of it."""
    topology = getattr(protocol, "topology", Topology())

    def hears(seat: str, round: int, step: int) -> int:
        if protocol.name in IN_TURN:
            return sum(turn.step < step for turn in seen.turns)
        before = [each for each in seen.records if getattr(each, "round", round) < round]
        near = topology.over(Transcript(seen.opening, before, Place(step, round, "")))[seat]
        if protocol.name == "group-debate":
            if round in between(protocol, seen):
                return len(groups_of(protocol, seen))  # the summaries, and nothing else
            near = next(group for group in groups_of(protocol, seen) if seat in group)
        return sum(
            turn.round < round and turn.seat in near and turn.role != "summary"
            for turn in seen.turns
        )

    return hears


def _read(
    protocol: Any, seen: Transcript, last: int, hears: Callable[[str, int, int], int]
) -> dict[str, int]:
    if protocol.name != "trust-debate":
        return {}
    pairs = [(seat, round) for seat in seen.opening.seats for round in range(1, last + 1)]
    return {"read": sum(hears(seat, round, 0) for seat, round in pairs)}


def groups_of(protocol: Any, seen: Transcript) -> list[tuple[str, ...]]:
    """The panel in so many runs of nearly equal size, the larger ones first."""
    seats, number = seen.opening.seats, protocol.groups
    ends = [0]
    for at in range(number):
        ends.append(ends[-1] + len(seats) // number + (at < len(seats) % number))
    return [seats[start:end] for start, end in pairwise(ends)]


def between(protocol: Any, seen: Transcript) -> set[int]:
    """The rounds of all: each comes after the last of its stage's summaries."""
    ends = [turn.round for turn in seen.turns if turn.role == "summary"]
    size = len(groups_of(protocol, seen))
    return {max(ends[at : at + size]) + 1 for at in range(0, len(ends), size)}


def _within(protocol: Any, seen: Transcript) -> dict[str, int]:
    """What was held and read within groups: a group's rounds lie between two rounds of all."""
    if protocol.name != "group-debate":
        return {}
    summaries = [turn for turn in seen.turns if turn.role == "summary"]
    groups, met, read, began = groups_of(protocol, seen), 0, 0, 0
    for stage in range(protocol.stages):
        ended = summaries[stage * len(groups) : (stage + 1) * len(groups)]
        for group in groups:
            (end,) = (each.round for each in ended if each.seat in group)
            for round in range(began + 1, end + 1):
                met += len(group)
                read += len(group) * sum(_earlier(turn, group, round) for turn in seen.turns)
        began = max(each.round for each in ended) + 1
    return {"met": met, "read": read, "summed": sum(len(each.replies_to) for each in summaries)}


def _earlier(turn: Turn, group: Sequence[str], round: int) -> bool:
    return turn.seat in group and turn.round < round and turn.role != "summary"


def predicted(
    rows: Sequence[Mapping[str, Any]], names: Mapping[str, int]
) -> dict[Kind, tuple[Fraction, ...]]:
    """What the page's formulas come to: calls, messages shown, messages listed, tallies."""
    return {
        kind_of(row): tuple(
            formulas.value(row.get(each, 0), names)
            for each in ("calls", "shown", "listed", "tallies")
        )
        for row in rows
    }
