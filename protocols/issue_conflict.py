"""Conflicts over issues: a critic's typed objection to a message that its author did not meet."""

from folkmoot.records import Conflict, Transcript


def issue_conflicts(seen: Transcript) -> list[Conflict]:
    """None yet."""
    return []
