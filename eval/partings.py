"""Partings: where replies to the same calls are not the same, and how far they are apart."""

import math
from collections.abc import Sequence

from folkmoot.records import Call, Reply
from folkmoot.records.base import Frozen

GIVEN = ("ok", "empty", "cut_off")
"""States of replies that a model gave."""

_AROUND = 40
"""Characters that are shown of either text from where they part."""


class Parting(Frozen):
    """A reply that is not the recorded one."""

    call: str
    stage: str
    round: int
    seat: str
    op: str
    recorded_state: str
    state: str
    at: int | None = None
    """Where the texts part: the first codepoint that differs, from 0. None where they do not."""
    recorded: str = ""
    """The recorded text from there on, cut short."""
    now: str = ""
    mean_difference: float | None = None
    """Of the options' probabilities; of the components of a vector."""
    largest_difference: float | None = None


class Group(Frozen):
    """Replies of one stage, of one seat, or all."""

    asked: int
    answered: int
    """Those that a model replied to now."""
    equal: int
    probabilities: int = 0
    """Replies that carry option probabilities on both sides."""
    mean_difference: float | None = None
    """Of option probabilities, over all options of these replies."""
    largest_difference: float | None = None

    @property
    def share(self) -> float | None:
        """Of the answered ones, how many are equal; None where none was answered."""
        return self.equal / self.answered if self.answered else None


Compared = tuple[Call, Reply, Reply]
"""A call, its reply on record, and the one of now."""


def came(compared: Compared) -> bool:
    """Whether a model replied now."""
    return compared[2].state in GIVEN


def equal(compared: Compared) -> bool:
    """Whether the replies are the same: state, text, option probabilities and vector."""
    _, was, now = compared
    return (was.state, was.text, was.logprobs, was.vector) == (
        now.state,
        now.text,
        now.logprobs,
        now.vector,
    )


def group_of(compared: Sequence[Compared]) -> Group:
    """Replies, counted."""
    answered = [each for each in compared if came(each)]
    apart = [gaps for _, was, now in answered if (gaps := _gaps(was.logprobs, now.logprobs))]
    every = [gap for gaps in apart for gap in gaps]
    return Group(
        asked=len(compared),
        answered=len(answered),
        equal=sum(map(equal, answered)),
        probabilities=len(apart),
        mean_difference=_mean(every),
        largest_difference=max(every, default=None),
    )


def _gaps(was: Sequence[float] | None, now: Sequence[float] | None) -> list[float]:
    """How far each option's probability is from the recorded one; [] where there is nothing to compare."""
    if was is None or now is None or len(was) != len(now):
        return []
    pairs = zip(was, now, strict=True)
    # A record may come from anyone: what is above 0 is no log-probability, and must not overflow.
    return [abs(math.exp(min(a, 0.0)) - math.exp(min(b, 0.0))) for a, b in pairs]


def parting_of(call: Call, was: Reply, now: Reply) -> Parting:
    """Where two replies to a call are not the same."""
    at = _parts_at(was.text, now.text)
    gaps = _gaps(was.logprobs, now.logprobs)
    if was.vector is not None and now.vector is not None and len(was.vector) == len(now.vector):
        gaps = [abs(a - b) for a, b in zip(was.vector, now.vector, strict=True)]
    return Parting(
        call=call.id,
        stage=call.stage,
        round=call.round,
        seat=call.seat,
        op=call.op,
        recorded_state=was.state,
        state=now.state,
        at=at,
        recorded="" if at is None else was.text[at : at + _AROUND],
        now="" if at is None else now.text[at : at + _AROUND],
        mean_difference=_mean(gaps),
        largest_difference=max(gaps, default=None),
    )


def _parts_at(was: str, now: str) -> int | None:
    if was == now:
        return None
    pairs = enumerate(zip(was, now, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(was), len(now)))


def _mean(figures: Sequence[float]) -> float | None:
    return math.fsum(figures) / len(figures) if figures else None
