"""Rules that look across perspectives: each counts as one, however many seats share it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod

from folkmoot.protocols.rules.found import Found, best
from folkmoot.protocols.rules.graded import scored
from folkmoot.records import Ballot

Perspectives = Mapping[str, str] | None
"""Seat → whose perspective it shares; a seat that is not named has its own."""


def bridging(
    ballots: Sequence[Ballot], options: Sequence[str], *, perspectives: Perspectives = None
) -> Found:
    """The best product over perspectives of the share of its seats that approve, (approvals+1) /
    (seats+2) (the group-informed consensus of Polis, Small et al. 2021)."""
    groups = _groups(ballots, perspectives)
    return best(
        options,
        {
            option: prod(
                Fraction(sum(option in (b.approvals or ()) for b in group) + 1, len(group) + 2)
                for group in groups
            )
            for option in options
        },
    )


def maximin(
    ballots: Sequence[Ballot], options: Sequence[str], *, perspectives: Perspectives = None
) -> Found:
    """The best for the perspective that is worst off: its mean score (Rawls 1971, Sen 1970)."""
    groups = _groups(ballots, perspectives)
    return best(options, {o: min(_mean(group, o) for group in groups) for o in options})


def nash(
    ballots: Sequence[Ballot], options: Sequence[str], *, perspectives: Perspectives = None
) -> Found:
    """The best product of the perspectives' mean scores (Nash 1950, Kaneko and Nakamura 1979)."""
    groups = _groups(ballots, perspectives)
    return best(options, {o: prod(_mean(group, o) for group in groups) for o in options})


def _groups(ballots: Sequence[Ballot], perspectives: Perspectives) -> list[list[Ballot]]:
    whose = perspectives or {}
    groups: dict[str, list[Ballot]] = {}
    for ballot in ballots:
        groups.setdefault(whose.get(ballot.seat, ballot.seat), []).append(ballot)
    return list(groups.values())


def _mean(group: Sequence[Ballot], option: str) -> Fraction:
    return sum((scored(ballot, option) for ballot in group), Fraction(0)) / len(group)
