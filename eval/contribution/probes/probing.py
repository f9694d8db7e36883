"""All that is asked of a contribution before it is seated, in one order."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from folkmoot.agents import SCHWARTZ_20, Agent, Panel, Vocabulary
from folkmoot.agents.intake import Finding
from folkmoot.eval.contribution.probes.answers import cost, format_compliance
from folkmoot.eval.contribution.probes.asking import Asking
from folkmoot.eval.contribution.probes.case import USUAL, Case, Size
from folkmoot.eval.contribution.probes.distinctiveness import distinctiveness
from folkmoot.eval.contribution.probes.draw import Draw
from folkmoot.eval.contribution.probes.fidelity import fidelity
from folkmoot.eval.contribution.probes.sleeper import sleeper
from folkmoot.eval.contribution.probes.swayed import held_positions, injection, role_forgery
from folkmoot.graphs.blocking import blocking
from folkmoot.pool import Pool

_PROBES: Final[dict[str, Callable[[Case], Awaitable[Finding]]]] = {
    "format": format_compliance,
    "injection": injection,
    "role-forgery": role_forgery,
    "fidelity": fidelity,
    "held-positions": held_positions,
    "distinctiveness": distinctiveness,
    "sleeper": sleeper,
    "cost": cost,
}

PROBES = tuple(_PROBES)
"""Names of the probes, in the order in which they are reported."""


async def probe(
    seat: Agent,
    pool: Pool,
    *,
    secret: str,
    base: str | None = None,
    seated: Sequence[Agent] = (),
    size: Size = USUAL,
    vocabulary: Vocabulary = SCHWARTZ_20,
    on_finding: Callable[[Finding], None] | None = None,
) -> tuple[Finding, ...]:
    """Ask a contribution what has to be known before it is seated.

    Every question goes through the stages of a deliberation, in the seat's own perspective, its stance read
    from option probabilities. What a model says never makes this raise.

    Args:
        seat: the contribution as an agent.
        pool: what answers for it, for its base and for those seated.
        secret: of the steward. Questions, texts and triggers are drawn by it and the seat's name: who
            does not know it cannot learn them beforehand. 12 characters at least.
        base: the plain base as the pool calls it, the seat's own model where it is offered without an
            adapter. None: nothing is compared with a base, and what is only a weakness of the base cannot be told
            from the contribution's own: `injection`, `role-forgery`, `held-positions`, `distinctiveness` then warn at most,
            `cost` is not asked.
        seated: who has a seat already; one of the same name is left out.
        size: how much is asked.
        vocabulary: what declared values are named from; of values that the questionnaire does not have
            nothing is asked.
        on_finding: hears every finding as it comes.

    Returns:
        One finding for every probe of `PROBES`, in that order. Their evidence has figures and the digest of what
        was drawn, never the secret or a question.

    Raises:
        InputError: the secret is too short, or a seat declares values that the vocabulary does not have.
        PoolError: no engine knows a model, or one no longer answers.
    """
    draw = Draw.by(secret)
    others = tuple(each for each in seated if each.name != seat.name)
    Panel((seat, *others), vocabulary)
    models = [seat.model, *([base] if base else []), *(each.model for each in others)]
    plain = None if base is None else seat.model_copy(update={"model": base})
    found: list[Finding] = []
    async with pool.held(models):
        case = Case(seat, plain, others, Asking(pool, vocabulary), draw, size)
        for ask in _PROBES.values():
            found.append(await ask(case))
            if on_finding is not None:
                on_finding(found[-1])
    return tuple(found)


probe_sync = blocking(probe)
"""`probe` for code that has no event loop."""
