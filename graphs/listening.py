"""Who hears whom, as the prompts of a rehearsal show it."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from folkmoot.graphs.rehearsal import Taken, Way
from folkmoot.protocols.rank import Rank
from folkmoot.records import Call, Turn

Heard = Mapping[str, frozenset[str]]
"""Reader → the other seats of whom it is shown something; only of seats that are asked."""

_MESSAGE = re.compile(r'<message id="(M\d+)"')


class Listening(NamedTuple):
    """Some stages of some rounds in which the same seats hear the same others."""

    rounds: tuple[int, ...]
    stages: tuple[str, ...]
    heard: Heard


def heard_by(way: Way) -> Iterator[tuple[Taken, Heard]]:
    """Each step of a way, and who hears whom in it."""
    said: dict[str, str] = {}
    for taken in way.taken:
        heard: dict[str, frozenset[str]] = {}
        for call in taken.calls:
            others = frozenset(said[each] for each in _shown(call) if each in said) - {call.seat}
            heard[call.seat] = heard.get(call.seat, frozenset()) | others
        yield taken, heard
        said |= {record.id: record.seat for record in taken.records if isinstance(record, Turn)}


def listenings(way: Way) -> tuple[Listening, ...]:
    """Who hears whom in each round, rounds that are alike together."""
    rounds: dict[int, list[tuple[str, Heard]]] = {}
    for taken, heard in heard_by(way):
        # Who ranks is shown the candidates as options, without anybody's messages.
        if heard and not isinstance(taken.step.stage, Rank):
            rounds.setdefault(taken.round, []).append((taken.step.stage.name, heard))
    found: list[Listening] = []
    for number, steps in rounds.items():
        for each in _alike(number, steps):
            last = next((at for at, one in enumerate(found) if one[1:] == each[1:]), None)
            if last is None:
                found.append(each)
            else:
                found[last] = found[last]._replace(rounds=(*found[last].rounds, number))
    return tuple(found)


def _alike(number: int, steps: list[tuple[str, Heard]]) -> Iterator[Listening]:
    """The stages of a round, those with the same hearing together."""
    left = list(steps)
    while left:
        heard = left[0][1]
        same = [name for name, each in left if each == heard]
        left = [each for each in left if each[1] != heard]
        yield Listening((number,), tuple(dict.fromkeys(same)), heard)


def _shown(call: Call) -> set[str]:
    return {name for segment in call.segments for name in _MESSAGE.findall(segment.text)}
