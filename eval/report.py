"""Report: what came of a protocol and its controls, arm by arm, question by question."""

from collections.abc import Iterable

from folkmoot.eval.tokens import Counting
from folkmoot.records import InputError, Outcome
from folkmoot.records.base import Frozen


class Row(Frozen):
    """One question in one arm."""

    id: str
    """Of the question."""
    question: str
    options: tuple[str, ...] | None = None
    answer: str
    status: str | None = None
    """Of the decision; None where the run ended before one."""
    winner: str | None = None
    """What was decided for; on an open question the id of a message."""
    size: int | None = None
    """Of the control; None in the protocol's own arm."""
    tokens: int | None = None
    """What it took; None where an engine did not report it."""
    target: int | None = None
    """What the protocol took on this question."""
    ratio: float | None = None
    """Tokens for a token of the protocol's on this question; None where it is not known."""
    record: str | None = None
    """The folder of its record."""


class Arm(Frozen):
    """The protocol, or one control, over the whole set of questions."""

    name: str
    what: str = ""
    source: str = ""
    size: str | None = None
    """What is varied; None in the protocol's own arm."""
    rows: tuple[Row, ...]
    """In the order of the questions."""
    tokens: int | None = None
    target: int | None = None
    ratio: float | None = None
    """Tokens for a token of the protocol's, over the set; None where it is not known."""
    matched: bool
    """Whether that is 1 within the tolerance. What is not known is not matched."""
    why: str = ""
    """Where it is not matched: why not."""


class EqualTokens(Frozen):
    """A protocol and its controls at equal tokens."""

    count: Counting
    """Which tokens."""
    tolerance: float
    """How far from 1 a ratio may be."""
    seed: int
    records: str
    """The folder of all records: one folder for each arm."""
    protocol: Arm
    controls: tuple[Arm, ...]

    @property
    def unmatched(self) -> tuple[Arm, ...]:
        """The controls that are not at the protocol's tokens."""
        return tuple(arm for arm in self.controls if not arm.matched)

    def arm(self, name: str) -> Arm:
        """The control of this name; KeyError if there is none."""
        for arm in self.controls:
            if arm.name == name:
                return arm
        raise KeyError(name)

    def require_matched(self) -> "EqualTokens":
        """This, if every control is at the protocol's tokens.

        Raises:
            InputError: one is not; the message names each, with its ratio and the reason.
        """
        if self.unmatched:
            said = (
                f"{arm.name}: {'unknown' if arm.ratio is None else f'{arm.ratio:.3f}'}, {arm.why}"
                for arm in self.unmatched
            )
            raise InputError(
                "not at equal tokens: " + "; ".join(said),
                "take more questions, other controls or a wider tolerance",
            )
        return self


def row(
    id: str, outcome: Outcome, tokens: int | None, target: int | None, size: int | None = None
) -> Row:
    """What came of one question in one arm."""
    opening, decision = outcome.transcript.opening, outcome.decision
    return Row(
        id=id,
        question=opening.question,
        options=opening.options,
        answer=outcome.answer,
        status=decision.status if decision is not None else None,
        winner=decision.winner if decision is not None else None,
        size=size,
        tokens=tokens,
        target=target,
        ratio=_ratio(tokens, target),
        record=None if outcome.record is None else str(outcome.record),
    )


def protocol_arm(name: str, rows: tuple[Row, ...]) -> Arm:
    """The arm that the others are held against."""
    tokens = total(row.tokens for row in rows)
    return Arm(
        name=name,
        rows=rows,
        tokens=tokens,
        target=tokens,
        ratio=_ratio(tokens, tokens),
        matched=tokens is not None,
    )


def unfit_arm(name: str, what: str, source: str, size: str, why: str) -> Arm:
    """The arm of a control that does not fit the panel or the protocol: nothing was run."""
    return Arm(name=name, what=what, source=source, size=size, rows=(), matched=False, why=why)


def control_arm(
    name: str,
    what: str,
    source: str,
    size: str,
    rows: tuple[Row, ...],
    tolerance: float,
    ends: tuple[str, str],
) -> Arm:
    """A control's arm.

    Args:
        ends: what is said of a control that took too much, and of one that took too little, where
            questions had the smallest or the largest size; "" where none had.
    """
    tokens, target = total(row.tokens for row in rows), total(row.target for row in rows)
    ratio = _ratio(tokens, target)
    matched = ratio is not None and within(ratio, tolerance)
    why = ""
    if ratio is None:
        why = "an engine did not report its tokens"
    elif not matched:
        why = (
            ends[0 if ratio > 1 else 1]
            or f"too few questions ({len(rows)}) for steps in {size} to even out"
        )
    return Arm(
        name=name,
        what=what,
        source=source,
        size=size,
        rows=rows,
        tokens=tokens,
        target=target,
        ratio=ratio,
        matched=matched,
        why=why,
    )


def within(ratio: float, tolerance: float) -> bool:
    """Whether a ratio is 1 within the tolerance, its ends included."""
    return abs(ratio - 1) <= tolerance + 1e-12


def total(figures: Iterable[int | None]) -> int | None:
    """The sum; None where one of them is not known."""
    known = list(figures)
    every = [figure for figure in known if figure is not None]
    return sum(every) if len(every) == len(known) else None


def _ratio(tokens: int | None, target: int | None) -> float | None:
    return tokens / target if tokens is not None and target else None
