"""Hearing: which messages a seat is shown, and what of them.

    spoken before ─► topology ─► history ─► filter ─► visibility ─► the seat's prompt

All is a rule over the record before the round, so that every stage of a round hears the same. What a
filter held back is on record (`Filtering`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import BeforeValidator, field_validator

from folkmoot.agents import voice
from folkmoot.protocols.filters import Everything, Filter, Kept, as_filter
from folkmoot.protocols.filters.by_stance import certainty
from folkmoot.protocols.topology import COMPLETE, Topology
from folkmoot.protocols.visibility import Visibility
from folkmoot.records import Filtering, Held, Record, Reply, Segment, Transcript, Turn
from folkmoot.records.base import Frozen

History = Literal["all", "last", "summary"]
"""all: every earlier round. last: the last earlier round alone. summary: a summary stands in for the
messages that it answers; what no summary answers is heard as it was said."""

_AT_ONCE = ("summary", "refutation")
"""Roles of messages about earlier messages: heard by the next stage, in the same round too."""


class Hearing(Frozen, arbitrary_types_allowed=True):
    """Who hears whom, and what of it. By default everyone hears all of everyone, anonymously."""

    topology: Topology = COMPLETE
    filter: Filter = Everything()
    visibility: Visibility = Visibility()
    history: History = "all"
    same_round: bool = False
    """Whether what was said earlier in the same round is heard: seats speak in turn."""

    @field_validator("topology", mode="before")
    @classmethod
    def _topology(cls, given: Any) -> Topology:
        return Topology.of(given)

    @field_validator("filter", mode="before")
    @classmethod
    def _filter(cls, given: Any) -> Filter:
        return as_filter(given)

    @field_validator("visibility", mode="before")
    @classmethod
    def _visibility(cls, given: Any) -> Visibility:
        return Visibility.of(given)

    @classmethod
    def of(cls, given: Any) -> "Hearing":
        """A hearing, from one, from a dict, or from whatever `Topology.of` takes.

        Raises:
            InputError: it is none of these.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, dict) and set(cast("dict[str, Any]", given)) <= set(cls.model_fields):
            return cls.model_validate(given)
        return cls(topology=Topology.of(given))

    @property
    def widest(self) -> "Hearing":
        """One that shows at least what this one may show, whatever goes on record."""
        unsure = "record" in self.topology.depends_on
        known: dict[str, Any] = {"topology": COMPLETE} if unsure else {}
        history = "all" if self.history == "summary" else self.history
        wide = {**known, "filter": Everything(), "history": history}
        return self.model_copy(update=wide)


HearingOf = Annotated[Hearing, BeforeValidator(Hearing.of)]
"""A hearing, or whatever `Hearing.of` takes."""


class Heard(NamedTuple):
    """What one seat is shown."""

    turns: tuple[Turn, ...] = ()
    """The messages, as they are on record."""
    messages: tuple[voice.Message, ...] = ()
    """The same ones, as the seat is shown them."""
    tally: Mapping[str, int] | None = None
    filtering: Filtering | None = None
    """What the filter did; None where there is none, or nothing to filter."""

    def common(self, question: str) -> tuple[Segment, ...]:
        """The part of the seat's prompt that it shares with all who are shown the same."""
        return voice.common(question, self.messages, self.tally)

    @property
    def ids(self) -> list[str]:
        """Of the messages, oldest first."""
        return [each.id for each in self.messages]


def hears(seen: Transcript, hearing: Hearing, beside: Sequence[Turn] = ()) -> dict[str, Heard]:
    """What each seat is shown where a stage stands, oldest first.

    One seeded order per round, shared by all readers, is the order of the message ids.

    Args:
        seen: the record as the stage reads it.
        hearing: who hears whom, and what of it.
        beside: messages that are on the table whatever the round, such as a draft: who reads their
            speakers is shown them first, and no filter holds them back.
    """
    before = _before(seen)
    reads = hearing.topology.over(before)
    spoken = _spoken(seen, hearing)
    found: dict[str, Heard] = {}
    for seat in seen.opening.seats:
        near = reads[seat]
        table = [turn for turn in beside if turn.seat in near]
        offered = [turn for turn in spoken if turn.seat in near and turn not in table]
        if hearing.history == "summary":
            offered = _summarised(offered)
        now = _so_far(seen, seat) if hearing.same_round else before
        kept = Kept() if not offered else hearing.filter.keep(now, seat, offered)
        shown = [turn for turn in offered if turn.id not in kept.held]
        found[seat] = _heard(seen, hearing, kept, (*table, *shown))._replace(
            tally=_tally(before, near) if hearing.visibility.tally else None,
            filtering=_filtering(seen, hearing, seat, offered, kept),
        )
    return found


def filterings(heard: Mapping[str, Heard], seats: Iterable[str]) -> tuple[Record, ...]:
    """What filters did for these seats, as records of the stage that asked them."""
    made = [found for seat in seats if (found := heard[seat].filtering) is not None]
    return tuple(each.model_copy(update={"order": order}) for order, each in enumerate(made))


def _spoken(seen: Transcript, hearing: Hearing) -> tuple[Turn, ...]:
    """What there is to hear, whoever reads whom."""
    at = seen.place
    earlier = [turn for turn in seen.spoken() if turn.round < at.round]
    if hearing.history != "summary":
        earlier = [turn for turn in earlier if turn.role != "summary"]
    if hearing.history == "last":
        last = max((turn.round for turn in earlier), default=0)
        earlier = [turn for turn in earlier if turn.round == last]
    now = [
        turn
        for turn in seen.spoken(round=at.round)
        if turn.step < at.step
        and (hearing.same_round or turn.role in _AT_ONCE)
        and (turn.role != "summary" or hearing.history == "summary")
    ]
    return (*earlier, *now)


def _summarised(offered: Sequence[Turn]) -> list[Turn]:
    """Without what a summary among them stands in for."""
    covered = {each for turn in offered if turn.role == "summary" for each in turn.replies_to}
    return [turn for turn in offered if turn.id not in covered]


def _before(seen: Transcript) -> Transcript:
    """The record before the round, and every reply before the stage."""
    at = seen.place
    records = (
        each
        for each in seen.records
        if (each.step < at.step if isinstance(each, Reply) else _round(each, -1) < at.round)
    )
    return Transcript(seen.opening, records, at, seen.whole)


def _so_far(seen: Transcript, reader: str) -> Transcript:
    """The record before the reader's turn: what it has done itself in this round is not in it, so
    that all stages of its turn hear the same."""
    at = seen.place
    records = (
        each
        for each in seen.records
        if each.step < at.step
        and (
            isinstance(each, Reply)
            or _round(each, -1) < at.round
            or getattr(each, "seat", None) != reader
        )
    )
    return Transcript(seen.opening, records, at, seen.whole)


def _round(record: Record, otherwise: int) -> int:
    return getattr(record, "round", otherwise)


def _heard(seen: Transcript, hearing: Hearing, kept: Kept, turns: Sequence[Turn]) -> Heard:
    visible = hearing.visibility
    messages: list[tuple[Turn, voice.Message]] = []
    for turn in turns:
        # An open question's answer is the text itself.
        words = visible.rationale or (visible.answer and seen.opening.options is None)
        answer = turn.answer if visible.answer else None
        if not words and answer is None:
            continue  # nothing of it may be shown
        message = voice.Message(
            id=turn.id,
            text=kept.texts.get(turn.id, turn.text) if words else None,
            answer=answer,
            confidence=certainty(seen, turn) if visible.confidence else None,
            seat=turn.seat if visible.identity else None,
        )
        messages.append((turn, message))
    return Heard(tuple(turn for turn, _ in messages), tuple(each for _, each in messages))


def _tally(before: Transcript, near: frozenset[str]) -> dict[str, int] | None:
    """How many of the seats read held which option last; None before anyone took a stance."""
    options = before.opening.options
    last = {each.seat: each for each in before.stands() if each.seat in near}
    if options is None or not last:
        return None
    held = [stance.choice for stance in last.values()]
    return {option: held.count(option) for option in options}


def _filtering(
    seen: Transcript, hearing: Hearing, seat: str, offered: Sequence[Turn], kept: Kept
) -> Filtering | None:
    if isinstance(hearing.filter, Everything) or not offered:
        return None
    ids = [turn.id for turn in offered]
    return Filtering(
        step=seen.place.step,
        order=0,
        seat=seat,
        round=seen.place.round,
        filter=hearing.filter.name,
        offered=tuple(ids),
        shown=tuple(each for each in ids if each not in kept.held),
        held=tuple(Held(message=each, why=kept.held[each]) for each in ids if each in kept.held),
        altered=tuple(
            Held(message=each, why=kept.why.get(each, hearing.filter.name))
            for each in ids
            if each in kept.texts and each not in kept.held
        ),
    )
