"""Models gathered into the servers that they need: those of one base into one, with copies."""

import re
from collections.abc import Collection, Mapping
from itertools import count

from folkmoot.pool.placement.needs import Model, Wanted, numbered

_PLAIN = re.compile(r"[^\w.-]+")


def gather(
    models: Mapping[str, Model],
    window: int | None = None,
    replicas: Mapping[str, int] | None = None,
    taken: Collection[str] = (),
) -> tuple[Wanted, ...]:
    """The servers for these models, in the order in which their bases are first named.

    Args:
        models: what panels call them.
        window: tokens of context, where a model has as many; None for its own.
        replicas: a model's name → how many copies there are of the server that it is on.
        taken: names of other engines.
    """
    bases: dict[str, dict[str, Model]] = {}
    for name, model in models.items():
        bases.setdefault(model.base, {})[name] = model
    names = set(taken)
    wanted: list[Wanted] = []
    for shared in bases.values():
        first = next(iter(shared.values()))
        copies = max((replicas or {}).get(model, 1) for model in shared)
        plain = _PLAIN.sub("-", first.source.base.rstrip("/").rpartition("/")[2])
        numbers = (plain if at == 1 else f"{plain}-{at}" for at in count(1))
        name = next(each for each in numbers if not names & _called(each, copies))
        names |= _called(name, copies)
        context = min(window or first.size.window, first.size.window)
        wanted += [Wanted(name, shared, context, copy, copies) for copy in range(copies)]
    return tuple(wanted)


def _called(engine: str, copies: int) -> set[str]:
    """All names that come of an engine."""
    return {engine, *(numbered(engine, copy, copies) for copy in range(copies))}
