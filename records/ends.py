"""How conflicts may end: which reasons make a concession, which rules resolve which kind, and which
ends are no agreement."""

from typing import Final

from folkmoot.records.conflicts import Conflict
from folkmoot.records.terms import ConflictKind, ConflictStatus, Reason

UNSETTLED: Final[tuple[ConflictStatus, ...]] = (
    "open",
    "narrowed",
    "went_along",
    "outvoted",
    "dropped",
)
"""Ends that are no agreement: the difference is still there, or no reason was given for its end."""

SERIOUS: Final = 2
"""The severity from which an answer may not be silent on an unsettled conflict."""

PRINCIPLED: Final[tuple[Reason, ...]] = ("new_evidence", "argument", "self_reflection")
"""Reasons in the matter itself, with which a seat concedes. With any other it went along."""

ALLOWED: Final[dict[ConflictKind, tuple[str, ...]]] = {
    "factual": ("concession", "fact_check", "judge"),
    "interpretive": ("concession", "merge", "judge", "vote"),
    "definitional": ("concession", "merge", "judge", "vote"),
    "procedural": ("concession", "merge", "judge", "vote"),
    "value": ("concession", "merge"),
    "preference": ("concession", "merge"),
}
"""Kind → the rules that resolve a conflict of it: nobody settles what matters more by counting heads,
and no count makes a claim true. Decided by another rule, it is outvoted: those who differ were
overruled, and the rule is named."""


_NO_END: Final = ("none", "timeout")
"""Rules that resolve nothing: that time ran out is no agreement."""

_UNDOES: Final = ("opened", "reopened", "split")
"""Events after which sides that had merged differ again."""


def resolves(rule: str, kind: ConflictKind | None) -> bool:
    """Whether a rule resolves a conflict of a kind; where the kind is not known, all but a vote do."""
    return rule not in ("vote", *_NO_END) if kind is None else rule in ALLOWED[kind]


def merged_on(conflict: Conflict) -> str | None:
    """The position on which sides merged and on which everybody is in the end, nobody having left it
    since; None if there is none."""
    found: str | None = None
    for event in conflict.history:
        if event.event == "merged":
            found = event.to_position
        elif event.event in _UNDOES or (event.by is not None and event.from_position == found):
            found = None
    held = [position.id for position in conflict.positions if position.parties]
    return found if held == [found] else None


def serious(conflict: Conflict, status: ConflictStatus, rule: str | None) -> bool:
    """Whether an answer may not be silent on a conflict: no agreement settled it, and it is severe or
    one of values that was decided over those who differ.

    Args:
        conflict: as it was drawn up.
        status: what became of it.
        rule: by which rule it ended; None where it has not.
    """
    overruled = conflict.kind == "value" and rule in ("vote", "judge")
    return status in UNSETTLED and (overruled or conflict.severity.level >= SERIOUS)
