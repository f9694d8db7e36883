"""Contest: draw up the conflicts, before the decision, so that the winner cannot shape them.

Layers 1 and 2 of conflict detection: typed acts (moves with the message that moved them, issues)
and rules over stances and rankings. No model is asked.
"""

from folkmoot.protocols.claim_conflict import claim_conflicts
from folkmoot.protocols.issue_conflict import issue_conflicts
from folkmoot.protocols.question_conflict import question_conflict
from folkmoot.records import QUESTION, Call, Conflict, Record, Reply, Transcript
from folkmoot.records.base import Frozen


class Contest(Frozen):
    """Every difference between stances or between first choices, worst first.

    A seat's judgement of a claim counts as a stand against another's only where the claim's less
    likely side has a probability of at most `1 - sure`.
    """

    sure: float = 0.6
    name: str = "contest"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: conflicts are drawn from the record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The conflicts, numbered worst first; the question's own leads among equals."""
        main = question_conflict(seen)
        found = [
            *([main] if main else []),
            *issue_conflicts(seen),
            *claim_conflicts(seen, self.sure, main),
        ]
        return tuple(_numbered(found))


def _numbered(found: list[Conflict]) -> list[Conflict]:
    ranked = sorted(
        found,
        key=lambda conflict: (
            -conflict.severity.level,
            conflict.about != QUESTION,
            -conflict.severity.breadth,
            conflict.order,
        ),
    )
    main = next((f"cf{n}" for n, each in enumerate(ranked, 1) if each.about == QUESTION), None)
    return [
        conflict.model_copy(
            update={
                "id": f"cf{number}",
                "order": number - 1,
                "parent": main if conflict.parent else None,
                "positions": tuple(
                    position.model_copy(update={"id": f"cf{number}.{position.id}"})
                    for position in conflict.positions
                ),
                "values_in_tension": tuple(
                    tension.model_copy(update={"position": f"cf{number}.{tension.position}"})
                    for tension in conflict.values_in_tension
                ),
                "history": tuple(
                    event.model_copy(
                        update={
                            "from_position": event.from_position
                            and f"cf{number}.{event.from_position}",
                            "to_position": event.to_position and f"cf{number}.{event.to_position}",
                        }
                    )
                    for event in conflict.history
                ),
            }
        )
        for number, conflict in enumerate(ranked, 1)
    ]
