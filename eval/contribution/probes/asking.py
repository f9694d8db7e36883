"""A seat is asked as it would be on a panel: by the stages of a deliberation, in its own perspective.

A stance is read from the option probabilities in both orders of the options. What counts here is the
log-odds of the first option, the mean over both orders, so that a liking for a place or a letter, which adds to
one order what it takes from the other, cancels out.
"""

import asyncio
import math
from collections.abc import Sequence
from typing import NamedTuple

from folkmoot.agents import Agent, Vocabulary
from folkmoot.agents.values import SCHWARTZ_20
from folkmoot.eval.contribution.opened import opened
from folkmoot.eval.contribution.probes.items import Item
from folkmoot.pool import Pool
from folkmoot.protocols import Speak, Stand
from folkmoot.records import Call, Party, Place, PoolError, Reply, Transcript, Turn

_FURTHEST = 12.0
"""Log-odds beyond this are cut: a probability of 1 in 160,000 is nought."""


class Spoken(NamedTuple):
    """A whole answer: a stance and the words for it."""

    replies: tuple[Reply, ...]
    """Of every call, the words' last; without it where the stance could not be read."""

    @property
    def words(self) -> Reply | None:
        """What was written."""
        last = self.replies[-1]
        return None if last.logprobs is not None or last.purpose != "reason" else last


class Asking:
    """Asks seats, and remembers what was answered: nothing is asked twice of one seat.

    Args:
        pool: what answers; it has to be open for the seats' models.
        vocabulary: what the seats' values are named from.
    """

    def __init__(self, pool: Pool, vocabulary: Vocabulary = SCHWARTZ_20) -> None:
        self._pool = pool
        self._vocabulary = vocabulary
        self._known: dict[tuple[str, str, Item], float | None] = {}
        self._said: dict[tuple[str, str, Item], Spoken] = {}
        self.calls = 0

    async def log_odds(self, seat: Agent, items: Sequence[Item]) -> tuple[float | None, ...]:
        """For each item the log-odds of its first option against its second; None where the model's reply
        cannot be read.

        Raises:
            PoolError: the engine no longer answers.
        """
        party = seat.party(self._vocabulary)
        new = [each for each in dict.fromkeys(items) if _key(party, each) not in self._known]
        found = await asyncio.gather(*(self._weigh(party, each) for each in new))
        for item, leaning in zip(new, found, strict=True):
            self._known[_key(party, item)] = leaning
        return tuple(self._known[_key(party, each)] for each in items)

    async def spoken(self, seat: Agent, items: Sequence[Item]) -> tuple[Spoken, ...]:
        """For each item the seat's whole answer: its stance, then its reason.

        Raises:
            PoolError: the engine no longer answers.
        """
        party = seat.party(self._vocabulary)
        new = [each for each in dict.fromkeys(items) if _key(party, each) not in self._said]
        found = await asyncio.gather(*(self._say(party, each) for each in new))
        self._said |= {_key(party, item): said for item, said in zip(new, found, strict=True)}
        return tuple(self._said[_key(party, each)] for each in items)

    async def _weigh(self, party: Party, item: Item) -> float | None:
        return _leaning(await self._answers(weighing(party, item)))

    async def _say(self, party: Party, item: Item) -> Spoken:
        seen = _seen(party, item)
        stand = Stand(seats=(party.seat,))
        weighed = await self._answers(stand.ask(seen))
        stood = Transcript(seen.opening, (*seen, *stand.tell(seen, weighed)), _later(seen.place))
        said = await self._answers(Speak(seats=(party.seat,)).ask(stood))
        return Spoken((*weighed, *said))

    async def _answers(self, calls: Sequence[Call]) -> tuple[Reply, ...]:
        self.calls += len(calls)
        replies = await asyncio.gather(*(self._pool.answer(call, run="probe") for call in calls))
        for call, reply in zip(calls, replies, strict=True):
            if reply.state == "unavailable":
                raise PoolError(
                    f"{call.model!r} no longer answers: {reply.error or 'no reason given'}",
                    "see `folkmoot doctor` and the engine's log, then probe again",
                    call.model,
                )
        return tuple(replies)


def weighing(party: Party, item: Item) -> tuple[Call, ...]:
    """The calls that weigh an item's options, in their order and in the reverse."""
    return Stand(seats=(party.seat,)).ask(_seen(party, item))


def _key(party: Party, item: Item) -> tuple[str, str, Item]:
    return (party.model, repr((party.statement, party.values, party.red_lines)), item)


def _later(place: Place) -> Place:
    return place._replace(step=place.step + 1, stage="speak")


def _seen(party: Party, item: Item) -> Transcript:
    """The item before the seat; what was said before came from a peer in the round before."""
    peer = Party(seat="peer" if party.seat != "peer" else "other", model=party.model)
    turns = tuple(
        Turn(
            step=0,
            order=order,
            id=f"M{order + 1}",
            seat=peer.seat,
            round=0,
            stage="speak",
            role="statement",
            state="valid",
            text=said.text,
            answer=said.answer,
            call=f"c0.{order}",
        )
        for order, said in enumerate(item.heard)
    )
    opening = opened("probe", item.question, item.options, (party, peer))
    return Transcript(opening, turns, Place(step=1, round=1, stage="stand"))


def _leaning(replies: Sequence[Reply]) -> float | None:
    given, turned = (reply.logprobs for reply in replies)
    if not (_readable(given) and _readable(turned)):
        return None
    assert given is not None
    assert turned is not None
    mean = ((given[0] - given[1]) + (turned[1] - turned[0])) / 2
    return max(-_FURTHEST, min(_FURTHEST, mean))


def _readable(logs: Sequence[float] | None) -> bool:
    return (
        logs is not None and len(logs) == 2 and all(map(math.isfinite, logs)) and max(logs) > -9999
    )


def probability(log_odds: float) -> float:
    """The probability of the first option."""
    return 1 / (1 + math.exp(-log_odds))
