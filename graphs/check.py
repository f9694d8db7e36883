"""Static checks: all that can be known to be wrong before any model is touched."""

from collections.abc import Sequence

from folkmoot.agents import Panel
from folkmoot.graphs.dry import WorstCase
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation
from folkmoot.protocols.compose import unbounded
from folkmoot.records import Budget, GraphError


def check(
    question: str,
    panel: Panel,
    protocol: Deliberation,
    options: Sequence[str] | None = None,
    seed: int = 0,
) -> tuple[str, ...]:
    """Everything wrong with a question, a panel and a protocol together; () if nothing is."""
    seats = tuple(agent.name for agent in panel)
    return (
        *(() if question.strip() else ("the question is empty",)),
        *_option_faults(options),
        *(
            ()
            if abs(seed) < 2**53
            else (f"the seed {seed} is beyond 2**53 and cannot be recorded",)
        ),
        *unbounded(protocol.parts(options is None)),
        *protocol.faults(seats),
    )


def require(findings: Sequence[str], hint: str = "") -> None:
    """Refuse to go on if anything was found.

    Raises:
        GraphError: with every finding.
    """
    if findings:
        raise GraphError(findings, hint)


async def check_size(worst: WorstCase, pool: Pool, budget: Budget | None) -> tuple[str, ...]:
    """Whether the worst case fits into each model's context and into the budget.

    Only what may not be dropped has to fit into a context: a prompt that is too long loses its
    oldest messages, and the reply says which. Needs an open pool.
    """
    findings: list[str] = []
    for model, call in worst.longest().items():
        kept = [segment for segment in call.segments if segment.drop == 0]
        needed = await pool.count(model, kept) + call.sampling.max_tokens
        if needed > pool.window(model):
            findings.append(
                f"the context of {model!r} is too small: stage {call.stage!r} asks {call.seat!r} "
                f"with up to {needed} tokens, the window holds {pool.window(model)}"
            )
    if budget is not None and budget.calls is not None and len(worst.calls) > budget.calls:
        findings.append(f"up to {len(worst.calls)} calls, the budget is {budget.calls}")
    if budget is not None and budget.tokens is not None:
        needed = sum(
            [await pool.count(c.model, c.segments) + c.sampling.max_tokens for c in worst.calls]
        )
        if needed > budget.tokens:
            findings.append(f"up to {needed} tokens, the budget is {budget.tokens}")
    return tuple(findings)


def _option_faults(options: Sequence[str] | None) -> tuple[str, ...]:
    if options is None:
        return ()
    faults: list[str] = []
    if len(options) < 2:
        faults.append(f"a choice needs at least two options, there is {len(options)}")
    if len({option.strip().casefold() for option in options}) < len(options):
        faults.append(f"the options must differ: {', '.join(map(repr, options))}")
    if any(not option.strip() for option in options):
        faults.append("an option is empty")
    if len(options) > 26:
        faults.append(f"at most 26 options can be lettered, there are {len(options)}")
    return tuple(faults)
