"""Dynamics: how opinions moved in a run, folded from its stances on the question.

Every figure is defined in `figures`. What is not defined in a run is None, never 0. Figures that say
whether somebody was right need a key, the answer that is known to be right.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from folkmoot.records import agreement
from folkmoot.records.errors import InputError
from folkmoot.records.figures import Dynamics, RoundDynamics, SeatDynamics
from folkmoot.records.rounds import Standing, standings
from folkmoot.records.transcript import Transcript


def dynamics(transcript: Transcript, key: str | None = None) -> Dynamics:
    """Fold a run's stances into its dynamics.

    Args:
        transcript: the run, at any point.
        key: the answer that is known to be right.

    Raises:
        InputError: the key is not one of the options, or the question is open.
    """
    _check(transcript, key)
    stood = standings(transcript)
    exchanges = [each for pair in pairwise(stood) for each in _exchanges(*pair)]
    seats = [_seat(transcript, seat, exchanges, key) for seat in transcript.opening.seats]
    differed = [each for each in exchanges if each.differed]
    flipped = [each for each in differed if each.now != each.before]
    changes = [
        pair for seat in transcript.opening.seats for pair in pairwise(_held(transcript, seat))
    ]
    units = [list(each.choices.values()) for each in stood]
    claims = _claims(transcript)
    unkeyed = Dynamics(
        key=key,
        rounds=_rounds(transcript, stood, key),
        seats=tuple(each for each in seats if each is not None),
        flips=sum(a != b for a, b in changes) if changes else None,
        flip_rate=_rate([a != b for a, b in changes]),
        modal_adoption=_rate([each.conformed for each in flipped]),
        conformity=_rate([each.conformed for each in differed]),
        obstinacy=_rate([each.now == each.before for each in differed]),
        kappa=_rounded(agreement.fleiss_kappa(units)),
        alpha=_rounded(agreement.krippendorff_alpha(units)),
        claims_kappa=_rounded(agreement.fleiss_kappa(claims)),
        claims_alpha=_rounded(agreement.krippendorff_alpha(claims)),
        converged=_converged(stood),
    )
    return unkeyed if key is None or not stood else _held_against(unkeyed, transcript, stood, key)


def identity_bias(shown: Dynamics, anonymous: Dynamics) -> float | None:
    """The Identity Bias Coefficient (arXiv 2510.07517): what showing who said it adds to conformity
    less obstinacy. Above 0 the seats follow others because they are others, below 0 themselves.

    Args:
        shown: of a run in which seats were shown who said what.
        anonymous: of the same run with peers anonymous.

    Returns:
        None where either has no disagreement to measure it on.
    """
    gaps = [
        None
        if each.conformity is None or each.obstinacy is None
        else each.conformity - each.obstinacy
        for each in (shown, anonymous)
    ]
    return None if gaps[0] is None or gaps[1] is None else round(gaps[0] - gaps[1], 6)


def collapse_rate(runs: Iterable[Dynamics]) -> float | None:
    """The Disagreement Collapse Rate over runs (arXiv 2509.23055); None where it is defined in none."""
    return _rate([each.collapsed for each in runs if each.collapsed is not None])


class _Exchange(NamedTuple):
    """What a seat did between two rounds in which it had a valid stance."""

    seat: str
    before: str
    modal: str | None
    """The modal answer of its peers before; None where they tie or there are none."""
    now: str

    @property
    def differed(self) -> bool:
        return self.modal is not None and self.before != self.modal

    @property
    def conformed(self) -> bool:
        return self.now == self.modal


def _exchanges(before: Standing, after: Standing) -> Iterator[_Exchange]:
    held = before.choices
    for seat, stance in after.taken.items():
        if seat in held and stance.state == "valid" and stance.choice is not None:
            peers = agreement.modes(choice for peer, choice in held.items() if peer != seat)
            modal = peers[0] if len(peers) == 1 else None
            yield _Exchange(seat, held[seat], modal, stance.choice)


def _rounds(
    transcript: Transcript, stood: Sequence[Standing], key: str | None
) -> tuple[RoundDynamics, ...]:
    found: list[RoundDynamics] = []
    options = transcript.opening.options or ()
    for number, each in enumerate(stood):
        choices = list(each.choices.values())
        shares = agreement.shares(choices, options)
        spread = list(each.distributions.values())
        modes = agreement.modes(choices)
        right = None if key is None or not modes else (key in modes) / len(modes)
        before = found[-1].performance if found else None
        earlier = stood[number - 1].choices if number else None
        found.append(
            RoundDynamics(
                round=each.round,
                seats=len(each.stances),
                valid=len(choices),
                # In the order of the options, whichever seat was asked first.
                modes=tuple(option for option in options if option in modes),
                share=_rounded(agreement.share_of_mode(choices)),
                entropy=_rounded(None if shares is None else agreement.normalised_entropy(shares)),
                polarisation=_rounded(None if shares is None else agreement.polarisation(shares)),
                compared=len(spread),
                distance=_rounded(agreement.mean_pairwise(agreement.distance, spread)),
                divergence=_rounded(agreement.mean_pairwise(agreement.divergence, spread)),
                flips=None if earlier is None else _flipped(earlier, each.choices),
                performance=_rounded(right),
                focus=None if right is None or before is None else _rounded(right - before),
            )
        )
    return tuple(found)


def _flipped(before: dict[str, str], after: dict[str, str]) -> int:
    return sum(before[seat] != after[seat] for seat in before.keys() & after.keys())


def _seat(
    transcript: Transcript, seat: str, exchanges: Sequence[_Exchange], key: str | None
) -> SeatDynamics | None:
    if not transcript.stands(seat=seat):
        return None
    held = _held(transcript, seat)
    changes = list(pairwise(held))
    mine = [each for each in exchanges if each.seat == seat and each.differed]
    keyed = key is not None and bool(changes)
    return SeatDynamics(
        seat=seat,
        stances=len(held),
        flips=sum(a != b for a, b in changes) if changes else None,
        flip_rate=_rate([a != b for a, b in changes]),
        differed=len(mine),
        conformity=_rate([each.conformed for each in mine]),
        obstinacy=_rate([each.now == each.before for each in mine]),
        fixed=sum(a != key == b for a, b in changes) if keyed else None,
        harmed=sum(a == key != b for a, b in changes) if keyed else None,
    )


def _held(transcript: Transcript, seat: str) -> list[str]:
    """What a seat held, one valid stance after the other."""
    return [each.choice for each in transcript.stands(seat=seat) if each.choice is not None]


def _held_against(
    found: Dynamics, transcript: Transcript, stood: Sequence[Standing], key: str
) -> Dynamics:
    """With what only a key can say."""
    fixed = [each.fixed for each in found.seats if each.fixed is not None]
    harmed = [each.harmed for each in found.seats if each.harmed is not None]
    right = [each.round for each in stood if agreement.modes(each.choices.values()) == (key,)]
    first = set(stood[0].choices.values())
    decision = transcript.decision
    wrong = decision is not None and decision.winner not in (None, key)
    return found.model_copy(
        update={
            "fixed": sum(fixed) if fixed else None,
            "harmed": sum(harmed) if harmed else None,
            "net_correction": sum(fixed) - sum(harmed) if fixed else None,
            "first_correct": right[0] if right else None,
            "oracle": any(stance.choice == key for stance in transcript.stands()),
            "correct": None if decision is None else decision.winner == key,
            "collapsed": wrong if decision and len(first) > 1 and key in first else None,
        }
    )


def _claims(transcript: Transcript) -> list[list[str]]:
    """For each message that was judged, the seats' last valid judgements; none where messages were
    judged in different terms."""
    messages = {turn.id for turn in transcript.turns}
    judged = [each for each in transcript.stances if each.about in messages]
    if len({frozenset(each.options) for each in judged}) != 1:
        return []
    last = {(each.about, each.seat): each.choice for each in judged}
    return [
        [choice for (about, _), choice in last.items() if about == claim and choice is not None]
        for claim in dict.fromkeys(each.about for each in judged)
    ]


def _converged(stood: Sequence[Standing]) -> bool | None:
    if len(stood) < 2 or len(set(stood[0].choices.values())) < 2:
        return None
    last = list(stood[-1].choices.values())
    return None if len(last) < 2 else len(set(last)) == 1


def _check(transcript: Transcript, key: str | None) -> None:
    options = transcript.opening.options
    if key is None or key in (options or ()):
        return
    if options is None:
        raise InputError(
            f"the key {key!r} has nothing to be held against: the question is open",
            "a key is one of the options of a choice question",
        )
    raise InputError(
        f"the key {key!r} is none of the options", f"there are: {', '.join(map(repr, options))}"
    )


def _rate(cases: Sequence[bool]) -> float | None:
    return _rounded(math.fsum(cases) / len(cases)) if cases else None


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 6)
