"""How conflicts may end: which reasons make a concession, which rules resolve which kind."""

from typing import Final

from folkmoot.records.terms import ConflictKind, Reason

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


def resolves(rule: str, kind: ConflictKind | None) -> bool:
    """Whether a rule resolves a conflict of a kind; where the kind is not known, all but a vote do."""
    return rule not in ("vote", "none") if kind is None else rule in ALLOWED[kind]
