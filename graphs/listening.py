"""Who hears whom, as the prompts of a rehearsal show it."""

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from folkmoot.graphs.rehearsal import Taken, Way
from folkmoot.protocols.pick import Picked
from folkmoot.protocols.rank import Rank
from folkmoot.protocols.stage import Stage
from folkmoot.protocols.topology import COMPLETE
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
    """Who hears whom in each round; rounds that are alike together, and the stages of these."""
    rounds: dict[int, list[tuple[str, Heard]]] = {}
    for taken, heard in heard_by(way):
        # Who ranks is shown the candidates as options, without anybody's messages.
        if heard and not isinstance(taken.step.stage, Rank):
            stage = taken.step.stage
            rounds.setdefault(taken.round, []).append((stage.name, _whoever(stage, heard)))
    stages: list[Listening] = []
    for number, steps in rounds.items():
        for name, heard in _turns(steps):
            _join(stages, Listening((number,), (name,), heard), "rounds")
    found: list[Listening] = []
    for each in stages:
        _join(found, each, "stages")
    return tuple(found)


def _whoever(stage: Stage, heard: Heard) -> Heard:
    """Where a scheduler picks the reader, and all hear all, it may be any."""
    hearing = getattr(stage.stage, "hearing", None) if isinstance(stage, Picked) else None
    if not isinstance(stage, Picked) or getattr(hearing, "topology", None) != COMPLETE:
        return heard
    seats = frozenset(heard).union(*heard.values())
    return {seat: seats - {seat} for seat in stage.among}


def _join(found: list[Listening], one: Listening, field: Literal["rounds", "stages"]) -> None:
    """Add to that which differs from it in this field alone; else behind all."""
    for at, each in enumerate(found):
        if each._replace(**{field: getattr(one, field)}) == one:
            both = (*getattr(each, field), *getattr(one, field))
            found[at] = each._replace(**{field: tuple(dict.fromkeys(both))})
            return
    found.append(one)


def _turns(steps: list[tuple[str, Heard]]) -> list[tuple[str, Heard]]:
    """Steps of a round in which seats take turns at the same stage, as one step."""
    found: list[tuple[str, Heard]] = []
    for name, heard in steps:
        at = next(
            (n for n, one in enumerate(found) if one[0] == name and not one[1].keys() & heard),
            None,
        )
        if at is None:
            found.append((name, heard))
        else:
            found[at] = (name, {**found[at][1], **heard})
    return found


def _shown(call: Call) -> set[str]:
    return {name for segment in call.segments for name in _MESSAGE.findall(segment.text)}
