"""Forcing: whether somebody is made to win where seats differ."""

from collections.abc import Sequence

from folkmoot.records import Decision, Transcript


def unforced(
    seen: Transcript, decision: Decision, forced: bool | None, differ: Sequence[str]
) -> Decision:
    """The decision, without a winner where seats differ from it and nobody is to be made to win.

    Args:
        seen: the record.
        decision: what a judge or the verdicts came to.
        forced: whether somebody is made to win; None: not on a question of values.
        differ: the seats that hold something else.
    """
    forces = not seen.opening.of_values if forced is None else forced
    if forces or not differ or decision.status != "decided":
        return decision
    said = f"{', '.join(differ)} {'differs' if len(differ) == 1 else 'differ'}"
    return decision.model_copy(
        update={
            "status": "no_forced_winner",
            "winner": None,
            "params": {**decision.params, "forced": False, "differ": list(differ)},
            "reason": f"{decision.reason}; nobody is made to win: {said}",
        }
    )
