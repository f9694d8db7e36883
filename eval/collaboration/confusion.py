"""Accuracy without a key where all items have the same options: a table of errors for each seat.

Dawid and Skene 1979 as it was published: a seat that takes "no" for "yes" more often than "yes" for
"no" has a table that says so. It needs more items than one figure a seat does, and stands on the same two
things: see `dawid_skene`.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from folkmoot.eval.collaboration import em
from folkmoot.eval.collaboration.answers import AnswerSheet, Item
from folkmoot.records import InputError
from folkmoot.records.base import Frozen

STRENGTH = 1.0
"""As many made-up answers, spread evenly, are added to each row of a table, and to the shares of the
options."""

Rates = Mapping[str, Mapping[str, float]]
"""Right option → chosen option → how often."""


class Confusion(Frozen):
    """What the model of whole tables makes of a sheet."""

    options: tuple[str, ...]
    shares: dict[str, float]
    """Option → how often it is right."""
    rates: dict[str, dict[str, dict[str, float]]]
    """Seat → right option → chosen option → how often. Rows sum to 1."""
    posteriors: dict[str, dict[str, float]]
    """Item → option → the probability that it is right."""
    log_likelihood: float
    """Of all answers, in nats."""
    gains: tuple[float, ...]
    """What was maximised, after each step: that and the log-density of the prior. It never falls."""
    converged: bool
    """Whether the last step gained less than the tolerance. If not, the figures are no maximum."""

    @property
    def accuracies(self) -> dict[str, float]:
        """Seat → how often it is right, over the options as often as they are."""
        return {
            seat: math.fsum(self.shares[option] * rows[option][option] for option in self.options)
            for seat, rows in self.rates.items()
        }


class _Parameters(NamedTuple):
    shares: dict[str, float]
    rates: dict[str, Rates]


def confusion(
    sheet: AnswerSheet,
    *,
    strength: float = STRENGTH,
    steps: int = em.STEPS,
    tolerance: float = em.TOLERANCE,
) -> Confusion:
    """Estimate every seat's table and the answers together, from the shares of the votes on.

    Args:
        sheet: what seats answered, each by itself. Items with a key are held at it.
        strength: of the shrinking towards an even row (a Dirichlet prior with its mode there); 0 for
            the plain maximum of the likelihood.
        steps: at most.
        tolerance: a step that gains less, in nats, is the last.

    Raises:
        InputError: items differ in their options, there is no answer, or an argument is out of its
            range.
    """
    em.check(sheet, strength, steps)
    options = sheet.items[0].options
    for item in sheet.items:
        if set(item.options) != set(options):
            raise InputError(
                f"item {item.id!r} has other options than {sheet.items[0].id!r}",
                "estimate one figure a seat: one_coin",
            )
    table = _Table(sheet, sheet.by_item(), options, strength)
    done = em.climb(em.majority_start(sheet), table.maximise, table.expect, steps, tolerance)
    shares, rates = done.parameters
    return Confusion(
        options=options,
        shares=shares,
        rates={s: {right: dict(row) for right, row in rows.items()} for s, rows in rates.items()},
        posteriors={item: dict(each) for item, each in done.posteriors.items()},
        log_likelihood=done.gains[-1] - table.prior(done.parameters),
        gains=done.gains,
        converged=done.converged,
    )


class _Table(NamedTuple):
    """A sheet, laid out for the steps."""

    sheet: AnswerSheet
    by_item: Mapping[str, Mapping[str, str]]
    options: tuple[str, ...]
    strength: float

    def maximise(self, found: em.Posteriors) -> _Parameters:
        """The shares and tables that fit posteriors best."""
        counts = {
            option: math.fsum(found[item.id][option] for item in self.sheet.items)
            for option in self.options
        }
        seats = dict.fromkeys(each.seat for each in self.sheet.given())
        return _Parameters(self._row(counts), {seat: self._rates(seat, found) for seat in seats})

    def _rates(self, seat: str, found: em.Posteriors) -> Rates:
        mine = [(item, votes[seat]) for item, votes in self.by_item.items() if seat in votes]
        return {
            right: self._row(
                {
                    chosen: math.fsum(found[item][right] for item, said in mine if said == chosen)
                    for chosen in self.options
                }
            )
            for right in self.options
        }

    def _row(self, counts: Mapping[str, float]) -> dict[str, float]:
        """Counts as shares, shrunk towards even ones."""
        whole = math.fsum(counts.values()) + self.strength
        if whole == 0:
            return dict.fromkeys(self.options, 1 / len(self.options))
        extra = self.strength / len(self.options)
        return {option: (count + extra) / whole for option, count in counts.items()}

    def expect(self, given: _Parameters) -> tuple[em.Posteriors, float]:
        """The posteriors under shares and tables, and what is maximised."""
        found = {item.id: self._posterior(item, given) for item in self.sheet.items}
        height = math.fsum([*(log for _, log in found.values()), self.prior(given)])
        return {item: each for item, (each, _) in found.items()}, height

    def _posterior(self, item: Item, given: _Parameters) -> tuple[dict[str, float], float]:
        votes = self.by_item[item.id]
        logs = {
            option: math.log(em.inside(given.shares[option]))
            + math.fsum(
                math.log(em.inside(given.rates[seat][option][choice]))
                for seat, choice in votes.items()
            )
            for option in item.options
        }
        return em.posterior(item, logs)

    def prior(self, given: _Parameters) -> float:
        """The log-density of the prior, up to a constant."""
        rows = [given.shares, *(row for rates in given.rates.values() for row in rates.values())]
        logs = [math.log(em.inside(each)) for row in rows for each in row.values()]
        return self.strength / len(self.options) * math.fsum(logs)
