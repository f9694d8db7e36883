"""A stance as two `choose` replies have it, one for each order in which the options were shown."""

from collections.abc import Sequence

from folkmoot.agents import reading, voice
from folkmoot.records import QUESTION, Reply, Stance, Transcript


def weighed(
    seen: Transcript,
    seat: str,
    options: Sequence[str],
    replies: Sequence[Reply],
    about: str = QUESTION,
    order: int = 0,
) -> Stance:
    """A seat's stance, its probabilities the mean over both orders.

    Args:
        seen: where the stage stands.
        seat: whose it is.
        options: as they are on record, whatever was shown for them.
        replies: in the given order of the options, then in the reverse.
        about: the question, a message, or a matter of procedure.
        order: its place among the stage's records.
    """
    orders = (voice.choice(options), voice.choice(options, reverse=True))
    read = reading.weigh(tuple(options), list(zip(orders, replies, strict=True)))
    return Stance(
        step=seen.place.step,
        order=order,
        seat=seat,
        round=seen.place.round,
        stage=seen.place.stage,
        about=about,
        options=tuple(options),
        state=read.state,
        choice=read.choice,
        probabilities=read.probabilities,
        source="probabilities",
    )
