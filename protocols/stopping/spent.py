"""Stopping rules over what a run has cost so far: calls, tokens, time. Read from its replies alone.

So a run that is resumed comes to the same as one that was not: no clock is read. What a reply does
not report is unknown. Then what is known is a lower bound: where that alone is past the bar the rule
holds, else it cannot be told and does not, and the record says of how many replies it is unknown.
Attempts that came to no reply are not in the record of a run's course, and not counted.
"""

from collections.abc import Iterable, Sequence

from pydantic import Field

from folkmoot.protocols.condition import Finding
from folkmoot.records import Reply, Transcript
from folkmoot.records.base import Frozen


class CallsSpent(Frozen):
    """At least `bar` calls have been answered, or given up."""

    bar: int = Field(ge=1)
    name: str = "calls-spent"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the number of replies."""
        calls = len(seen.replies)
        return Finding(calls >= self.bar, calls, self.bar, f"{calls} replies")


class TokensSpent(Frozen):
    """At least `bar` tokens have been spent, of prompts and of completions together."""

    bar: int = Field(ge=1)
    name: str = "tokens-spent"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the sum over all replies; None where it is not known and could be less."""
        answered = [
            reply for reply in seen.replies if reply.usage is not None or not _unanswered(reply)
        ]
        usages = [reply.usage for reply in answered]
        spent = [None if each is None else each.prompt + each.completion for each in usages]
        return _at_least(spent, self.bar, "tokens")


class Deadline(Frozen):
    """At least `bar` milliseconds have gone by, as the replies on record took them.

    Time is the sum over the steps of the longest of their calls, waiting in the pool included: the
    calls of a step run side by side. Groups side by side are counted one after the other. A wait
    that is not recorded is not counted.
    """

    bar: int = Field(ge=1)
    name: str = "deadline"

    def look(self, seen: Transcript) -> Finding:
        """The figure is the time, None where it is not known and could be less."""
        steps: dict[int, list[int | None]] = {}
        for reply in seen.replies:
            steps.setdefault(reply.step, []).append(_time(reply))
        known = [max([0, *(each for each in took if each is not None)]) for took in steps.values()]
        unknown = sum(each is None for took in steps.values() for each in took)
        return _at_least([*known, *[None] * unknown], self.bar, "ms")


def _time(reply: Reply) -> int | None:
    if reply.took_ms is None:
        return None
    waited = None if reply.timing is None else reply.timing.waited
    return reply.took_ms + (waited or 0)


def _at_least(figures: Sequence[int | None], bar: int, unit: str) -> Finding:
    known = sum(_known(figures))
    unknown = sum(figure is None for figure in figures)
    if not unknown:
        return Finding(known >= bar, known, bar, f"{known} {unit}")
    says = f"at least {known} {unit}; {unknown} replies do not say"
    return Finding(known >= bar, known if known >= bar else None, bar, says)


def _known(figures: Iterable[int | None]) -> Iterable[int]:
    return (figure for figure in figures if figure is not None)


def _unanswered(reply: Reply) -> bool:
    return reply.state in ("refused", "unavailable")
