"""What is on the table: the claims that are judged, and the answers that are ranked."""

from collections.abc import Callable, Sequence
from typing import Literal

from folkmoot.agents import voice
from folkmoot.protocols.rules import Rule
from folkmoot.records import Call, Transcript, Turn

Which = Literal["first", "latest", "leading"]
"""The first round's messages, the latest of each seat, or the candidate that leads."""


def claims(seen: Transcript, which: Which) -> Sequence[Turn]:
    """The messages whose claims are on the table, in the order of the record."""
    if which == "leading":
        ahead = leading(seen)
        return [] if ahead is None else [ahead]
    spoken = [turn for turn in seen.spoken() if turn.role in ("statement", "candidate")]
    if which == "first":
        first = min((turn.round for turn in spoken), default=0)
        return [turn for turn in spoken if turn.round == first]
    latest = {turn.seat: turn for turn in spoken}
    return sorted(latest.values(), key=lambda turn: (turn.step, turn.order))


def leading(seen: Transcript) -> Turn | None:
    """The candidate that the latest ballots put first by Schulze's method; None where they tie or
    there are none. An interim result: it decides nothing."""
    last = max((ballot.round for ballot in seen.ballots), default=0)
    ballots = [ballot for ballot in seen.ballots if ballot.round == last]
    if not ballots:
        return None
    winner = Rule(name="schulze", quorum=0).count(ballots, ballots[0].options).winner
    return None if winner is None else seen.turn(winner)


def candidates(seen: Transcript) -> tuple[Turn, ...]:
    """What there is to choose from on an open question, at most one letter each."""
    written = seen.spoken(role="candidate")
    if written:
        last = max(turn.round for turn in written)
        found = [turn for turn in written if turn.round == last]
    else:
        found = list(claims(seen, "latest"))
    return tuple(found[: len(voice.LETTERS)])


def most_to_choose(
    seen: Transcript, ask: Callable[[Transcript], tuple[Call, ...]]
) -> tuple[Call, ...]:
    """The longer of what is asked as it stands, and of what is asked if no candidate was written."""
    written = {turn.id for turn in seen.spoken(role="candidate")}
    if not written or seen.ballots:
        return ask(seen)
    others = [each for each in seen if not (isinstance(each, Turn) and each.id in written)]
    without = Transcript(seen.opening, others, seen.place, seen.whole)
    return max(ask(seen), ask(without), key=_letters)


def _letters(calls: tuple[Call, ...]) -> int:
    return sum(len(segment.text) for call in calls for segment in call.segments)
