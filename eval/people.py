"""People: the panels that controls need, made of the one that is there."""

import itertools
from collections.abc import Iterable, Sequence

from folkmoot.agents import Agent, Panel, Perspective, shuffled
from folkmoot.records import InputError


def alone(panel: Panel, agent: Agent) -> Panel:
    """A panel of one."""
    return Panel((agent,), panel.vocabulary)


def copies(panel: Panel, agent: Agent, count: int) -> Panel:
    """So many seats with one and the same agent: model, perspective, sampling.

    The seats have the panel's names first, in its order, then `copy 1`, `copy 2` and so on.
    """
    taken = [each.name for each in panel]
    fresh = (name for number in itertools.count(1) if (name := f"copy {number}") not in taken)
    names = [*taken, *itertools.islice(fresh, max(0, count - len(taken)))][:count]
    return Panel((agent.model_copy(update={"name": name}) for name in names), panel.vocabulary)


def seated(panel: Panel, seats: Iterable[str]) -> Panel:
    """The panel with these seats alone, in its own order.

    Raises:
        InputError: one of them is not on the panel, or there are none.
    """
    kept = set(seats)
    names = [agent.name for agent in panel]
    if strange := sorted(kept.difference(names)):
        raise InputError(f"no agent is named {strange[0]!r}", f"the panel has: {', '.join(names)}")
    if not kept:
        raise InputError("no seat is left", f"keep one at least of: {', '.join(names)}")
    return Panel(
        (agent for agent in panel if agent.name in kept), panel.vocabulary, shadows=panel.shadows
    )


def multiplied(panel: Panel, times: int, seats: Iterable[str] | None = None) -> Panel:
    """k different seats with m copies each: the diversity of a panel at a fixed number of seats.

    A copy has its agent's model, perspective and sampling, a name of its own (`nurse 2`, `nurse 3`),
    and so seeds of its own. Copies whose stances are read from probabilities take the same ones.

    Args:
        times: seats for each agent, itself among them.
        seats: the k different ones; None for all of the panel.

    Raises:
        InputError: `times` is below 1, or there is no such seat.
    """
    if times < 1:
        raise InputError(f"times is {times}; it must be at least 1")
    chosen = panel if seats is None else seated(panel, seats)
    taken = {agent.name for agent in (*panel, *panel.shadows)}
    agents: list[Agent] = []
    for agent in chosen:
        fresh = (f"{agent.name} {number}" for number in itertools.count(2))
        names = (name for name in fresh if name not in taken)
        copied = [agent.name, *itertools.islice(names, times - 1)]
        agents += [Agent.model_validate({**agent.model_dump(), "name": name}) for name in copied]
        taken.update(copied)
    return Panel(agents, panel.vocabulary, shadows=panel.shadows)


def together(panel: Panel, agent: Agent) -> Agent:
    """One agent that declares every perspective of the panel.

    Different statements stand one after the other, a value has its mean weight over the agents that
    declare it, and red lines are those of all.
    """
    declared = [each.perspective for each in panel]
    statements = dict.fromkeys(s for each in declared if (s := each.statement.strip()))
    weights: dict[str, list[float]] = {}
    for each in declared:
        for value, weight in each.values.items():
            weights.setdefault(value, []).append(weight)
    perspective = Perspective(
        statement=_several(tuple(statements)),
        values={value: round(sum(given) / len(given), 6) for value, given in weights.items()},
        red_lines=tuple(dict.fromkeys(line for each in declared for line in each.red_lines)),
    )
    return agent.model_copy(update={"perspective": perspective})


def _several(statements: Sequence[str]) -> str:
    if len(statements) < 2:
        return "".join(statements)
    numbered = (f"({number}) {said}" for number, said in enumerate(statements, start=1))
    return f"You hold {len(statements)} perspectives at once: {' '.join(numbered)}"


def dealt(panel: Panel, seed: int) -> Panel:
    """The same seats, models and sampling, with the perspectives dealt anew: no seat has its own.

    The order is a derangement, drawn by the seed so that each is as likely as any other.

    Raises:
        InputError: there are not two different perspectives.
    """
    agents = panel.agents
    if all(each.perspective == agents[0].perspective for each in agents):
        raise InputError(
            "all seats have the same perspective: there is nothing to deal anew",
            "leave out the control 'permuted-perspectives'",
        )
    order = _deranged(len(agents), seed)
    return Panel(
        (
            agent.model_copy(update={"perspective": agents[other].perspective})
            for agent, other in zip(agents, order, strict=True)
        ),
        panel.vocabulary,
    )


def _deranged(count: int, seed: int) -> tuple[int, ...]:
    """Orders are drawn until nothing is at its own place: about e times on average."""
    draw = 0
    while True:
        order = shuffled(range(count), seed, "deal", draw)
        if all(place != other for place, other in enumerate(order)):
            return order
        draw += 1


def limited(panel: Panel, percent: int) -> Panel:
    """The same panel with the seats' limits on a reply at so many per cent of what they were."""
    return Panel(
        (
            agent.model_copy(
                update={
                    "sampling": agent.sampling.model_copy(
                        update={
                            "max_tokens": max(1, round(agent.sampling.max_tokens * percent / 100))
                        }
                    )
                }
            )
            for agent in panel
        ),
        panel.vocabulary,
    )
