"""Which options a seat refutes, by its judgements of the claims that were made for them."""

from collections.abc import Sequence

from folkmoot.agents import voice
from folkmoot.records import Transcript, Turn

_DISAGREE = voice.AGREEMENT[1]


def refuted(seen: Transcript, seat: str, options: Sequence[str]) -> tuple[str, ...]:
    """The options that a seat refutes: those for which others made claims, and it none, and all of
    whose claims it judged and disagrees with.

    Args:
        seen: the record, with the judgements.
        seat: whose.
        options: of the question; on an open question the ids of the answers, each its own claim.
    """
    last = {s.about: s for s in seen.stances if s.options == voice.AGREEMENT and s.seat == seat}
    judged = {s.about for s in seen.stances if s.options == voice.AGREEMENT}
    return tuple(
        option
        for option in options
        if (made := [t for t in seen.turns if t.id in judged and _for(seen, t) == option])
        and all(t.seat != seat and t.id in last and last[t.id].choice == _DISAGREE for t in made)
    )


def _for(seen: Transcript, turn: Turn) -> str | None:
    return turn.id if seen.opening.options is None else turn.answer
