"""Making a prompt fit its context: whole segments are left out, by their declared rank alone."""

from collections.abc import Sequence
from typing import NamedTuple

from folkmoot.records import CallRefused, Segment


class Fit(NamedTuple):
    """What of a prompt is sent."""

    kept: tuple[Segment, ...]
    dropped: tuple[str, ...]
    """Labels of the segments left out, in the order in which they went."""


def fit(
    segments: Sequence[Segment], tokens: Sequence[int], room: int, model: str, around: int = 0
) -> Fit:
    """Leave out segments until the rest fits.

    The highest `drop` goes first, among equals the earliest; rank 0 never goes.

    Args:
        segments: the prompt, in order.
        tokens: the length of each segment in tokens.
        room: tokens the prompt may have: the window less what the reply may need.
        model: the model's name, for the message.
        around: tokens that the chat template adds around the segments.

    Raises:
        CallRefused: what may not be dropped is longer than `room`.
    """
    need = sum(tokens) + around
    going: set[int] = set()
    ranked = sorted((-segment.drop, at) for at, segment in enumerate(segments) if segment.drop)
    order = [at for _, at in ranked]
    for at in order:
        if need <= room:
            break
        going.add(at)
        need -= tokens[at]
    if need > room:
        raise too_long(need, room, model)
    kept = tuple(segment for at, segment in enumerate(segments) if at not in going)
    return Fit(kept, tuple(segments[at].label for at in order if at in going))


def too_long(need: int, room: int, model: str) -> CallRefused:
    """The refusal of a prompt of `need` tokens where only `room` are left for it."""
    return CallRefused(
        f"the prompt needs {need} tokens, the window of {model!r} holds {max(room, 0)} "
        "beside the reply",
        "ask for fewer tokens, a shorter prompt or a model with a larger window",
    )
