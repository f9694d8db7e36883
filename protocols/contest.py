"""Contest: draw up the conflicts, before the decision, so that the winner cannot shape them.

From what is on record by then: typed acts (layer 1), stances and rankings (2), and what a clerk or a
large model judged of pairs of claims (3, 4), if one was asked. No model is asked here.
"""

from collections.abc import Mapping, Sequence

from folkmoot.protocols.act_conflict import act_conflicts
from folkmoot.protocols.claim_conflict import claim_conflicts
from folkmoot.protocols.fair_order import fair_order
from folkmoot.protocols.issue_conflict import issue_conflicts
from folkmoot.protocols.log import LAYERS
from folkmoot.protocols.question_conflict import question_conflict
from folkmoot.protocols.relation_conflict import relation_conflicts
from folkmoot.records import QUESTION, Call, Conflict, Record, Reply, Span, Transcript
from folkmoot.records.base import Frozen
from folkmoot.records.terms import Layer


class Contest(Frozen):
    """Every difference between stances or between first choices, in an order that nobody can flood.

    A seat's judgement of a claim counts as a stand against another's only where the claim's less
    likely side has a probability of at most `1 - sure`.
    """

    sure: float = 0.6
    layers: tuple[Layer, ...] = LAYERS
    """What draws up conflicts; a layer that is left out draws up none. To be set in the log, which puts
    its own here: a protocol that leaves out `rule` by itself is refused."""
    name: str = "contest"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """No calls: conflicts are drawn from the record."""
        return ()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The conflicts, numbered by `fair_order`: the question's own first, or second after a worse one,
        then in turns the gravest and those of seats that opened few, so that neither trifles nor a
        flood hide another's one."""
        main = question_conflict(seen) if "rule" in self.layers else None
        declared = act_conflicts(seen)
        found = [
            *([main] if main else []),
            *issue_conflicts(seen),
            *declared,
            *claim_conflicts(seen, self.sure, main),
            *(
                each
                for each in relation_conflicts(seen, main, self.layers)
                if "protocol_act" not in self.layers or not _said(each, declared)
            ),
        ]
        authors = {turn.id: turn.seat for turn in seen.turns}
        kept = [each for each in found if each.detection.method in self.layers]
        return tuple(_numbered(kept, authors))


def _said(judged: Conflict, declared: Sequence[Conflict]) -> bool:
    """Whether all that a clerk read out of the words was declared: the same seats attack the same
    claim. What seats declare is exact, and is not said twice; another sentence of the message is
    another claim."""
    against = set(judged.positions[1].parties)
    return judged.about != QUESTION and any(
        each.about == judged.about
        and against <= {*each.positions[1].parties, *each.positions[1].held_first}
        and _overlap(each.positions[0].spans, judged.positions[0].spans)
        for each in declared
    )


def _overlap(some: Sequence[Span], others: Sequence[Span]) -> bool:
    return any(
        a.message == b.message and a.start < b.end and b.start < a.end for a in some for b in others
    )


def _numbered(found: list[Conflict], authors: Mapping[str, str]) -> list[Conflict]:
    ranked = fair_order(
        sorted(
            found,
            key=lambda conflict: (
                -conflict.severity.level,
                conflict.about != QUESTION,
                -conflict.severity.breadth,
                conflict.order,
            ),
        ),
        authors,
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
