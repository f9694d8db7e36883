"""The figures of a run's dynamics, each defined where it stands. None: not defined in this run."""

from folkmoot.records.base import Frozen


class RoundDynamics(Frozen):
    """Where the panel stood at the end of a round. A seat that was not asked again stands as it did."""

    round: int
    seats: int
    """Seats that were ever asked for a stance."""
    valid: int
    """Those of them whose last stance is valid."""
    modes: tuple[str, ...] = ()
    """The options with the most seats, several where they tie."""
    share: float | None = None
    """The share of the valid seats that hold the mode."""
    entropy: float | None = None
    """Entropy of the shares over the options, divided by the log of their number."""
    polarisation: float | None = None
    """4 Σ p² (1 - p) over the shares (Reynal-Querol 2002)."""
    compared: int = 0
    """Seats whose probabilities of the options are known."""
    distance: float | None = None
    """Total variation distance between two seats' probabilities, the mean over all pairs."""
    divergence: float | None = None
    """Jensen-Shannon divergence in bits between two seats' probabilities, the mean over all pairs."""
    flips: int | None = None
    """Seats that changed their choice in this round; None in the first."""
    performance: float | None = None
    """With a key: 1 if the mode is right, 1/m if it is one of m that tie, 0 if it is not."""
    focus: float | None = None
    """With a key: the performance less that of the round before (FOCUS, arXiv 2502.19559)."""


class SeatDynamics(Frozen):
    """How a seat moved."""

    seat: str
    stances: int
    """Valid ones."""
    flips: int | None = None
    """Times that a valid stance differs from the valid one before it; None with fewer than two."""
    flip_rate: float | None = None
    """Flips over the pairs of successive valid stances."""
    differed: int = 0
    """Rounds before which it differed from the modal answer of its peers, and after which it took
    a valid stance. Peers are all other seats with a valid stance; a tie has no modal answer."""
    conformity: float | None = None
    """The share of these in which it then took the modal answer."""
    obstinacy: float | None = None
    """The share of these in which it stayed with its own."""
    fixed: int | None = None
    """With a key: flips from wrong to right."""
    harmed: int | None = None
    """With a key: flips from right to wrong."""


class Dynamics(Frozen):
    """How opinions moved in a run."""

    key: str | None = None
    """The answer that is known to be right, as it was given."""
    rounds: tuple[RoundDynamics, ...] = ()
    seats: tuple[SeatDynamics, ...] = ()
    flips: int | None = None
    """Of all seats."""
    flip_rate: float | None = None
    """Of all seats: flips over pairs of successive valid stances."""
    modal_adoption: float | None = None
    """The share of the flips, from a choice that differed from the modal answer of the peers, that
    went to it (after arXiv 2605.00914)."""
    conformity: float | None = None
    """P(takes the modal answer of its peers | differed from it), over seats and rounds (after arXiv
    2510.07517, which has two agents; its peers' mode is then the other's answer)."""
    obstinacy: float | None = None
    """P(stays with its own answer | differed from the modal answer of its peers)."""
    kappa: float | None = None
    """Fleiss' kappa between the seats, over the rounds; where all seats were valid in all rounds."""
    alpha: float | None = None
    """Krippendorff's nominal alpha between the seats, over the rounds."""
    claims_kappa: float | None = None
    """Fleiss' kappa between the seats, over the claims that they judged."""
    claims_alpha: float | None = None
    """Krippendorff's nominal alpha between the seats, over the claims that they judged."""
    converged: bool | None = None
    """Whether all valid seats hold the same in the end; None where they did at the start, too, or
    fewer than two were valid."""
    fixed: int | None = None
    """With a key: flips from wrong to right, of all seats."""
    harmed: int | None = None
    """With a key: flips from right to wrong, of all seats."""
    net_correction: int | None = None
    """With a key: fixed less harmed."""
    first_correct: int | None = None
    """With a key: the first round after which the mode, untied, is right; None if none is."""
    oracle: bool | None = None
    """With a key: whether any seat was ever right. An upper bound, never a decision."""
    correct: bool | None = None
    """With a key: whether what was decided is right; None before there is a decision."""
    collapsed: bool | None = None
    """With a key: seats differed in the first round, at least one was right, and what was decided is
    wrong; None where they did not differ so, or before there is a decision. The mean over runs is
    the Disagreement Collapse Rate (arXiv 2509.23055)."""
