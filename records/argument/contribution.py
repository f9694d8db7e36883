"""What each claim does for another: it is taken away, and what changes is its contribution.

The removal-based contribution of Čyras, Kampik and Weng (ArgXAI 2022) and of Kampik, Potyka, Yin, Čyras
and Toni (arXiv 2401.08879): the strength of the topic less its strength in the graph without the claim.
"""

from collections.abc import Mapping

from folkmoot.records.argument.extensions import Status, statuses
from folkmoot.records.argument.graph import ArgumentGraph
from folkmoot.records.argument.strength import BASE, ROUNDS, TOLERANCE, strengths
from folkmoot.records.base import Frozen


class Contribution(Frozen):
    """What a claim does for the topic."""

    claim: str
    strength: float | None
    """The topic's strength less its strength without the claim, -1 to 1: above 0 the claim helps it.
    None where the topic has no strength with the claim, or none without it."""
    status: Status
    """Of the topic, under the grounded extension."""
    status_without: Status
    """Of the topic, in the graph without the claim."""

    @property
    def changes_status(self) -> bool:
        """Whether the topic's status hangs on the claim."""
        return self.status != self.status_without


def contributions(
    graph: ArgumentGraph,
    topic: str,
    base: float | Mapping[str, float] = BASE,
    tolerance: float = TOLERANCE,
    at_most: int = ROUNDS,
) -> tuple[Contribution, ...]:
    """What every other claim contributes to the topic, in the order of the claims.

    One claim is taken away at a time: of two that say the same, neither may seem to matter.
    `merged` makes such claims one; unmerged, that a claim restates another counts for nothing. A message
    is taken away without its pieces; `folded` makes them one.

    Args:
        graph: the argument graph.
        topic: the id of a claim, or `question`.
        base: see `strengths`, and so for the other two.
        tolerance: the largest change at rest.
        at_most: the bound on the rounds.

    Raises:
        InputError: the topic is no claim, or a base score is not usable.
    """
    graph.claim(topic)
    whole = strengths(graph, base, tolerance, at_most)
    strength, status = whole.values[topic], statuses(graph)[topic]
    found: list[Contribution] = []
    reaching = _reaching(graph, topic)
    for name in graph.ids:
        if name == topic:
            continue
        if name not in reaching:
            # What no path leads from to the topic is nothing to it.
            nothing = None if strength is None else 0.0
            found.append(
                Contribution(claim=name, strength=nothing, status=status, status_without=status)
            )
            continue
        rest = graph.without(name)
        bases = {each: whole.base[each] for each in rest.ids}
        without = strengths(rest, bases, tolerance, at_most).values[topic]
        found.append(
            Contribution(
                claim=name,
                strength=None if strength is None or without is None else strength - without,
                status=status,
                status_without=statuses(rest)[topic],
            )
        )
    return tuple(found)


def _reaching(graph: ArgumentGraph, topic: str) -> set[str]:
    """The claims that act on the topic, or on what acts on it."""
    attackers, supporters = graph.sources("attack"), graph.sources("support")
    reached, todo = {topic}, [topic]
    while todo:
        name = todo.pop()
        more = (attackers[name] | supporters[name]) - reached
        reached |= more
        todo += more
    return reached
