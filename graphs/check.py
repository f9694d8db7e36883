"""Static checks: all that can be known to be wrong before any model is touched."""

import json
from collections.abc import Sequence

from folkmoot.agents import Panel, voice
from folkmoot.graphs.dry import WorstCase
from folkmoot.pool import Pool
from folkmoot.protocols import Deliberation, Part, Setting, unseated
from folkmoot.protocols.candidate import Candidate
from folkmoot.protocols.clerk import clerks
from folkmoot.protocols.compose import unbounded, ungrouped, unmet, unoffered
from folkmoot.protocols.parts import stages
from folkmoot.protocols.speak import Speak
from folkmoot.records import Budget, Call, GraphError, InputError
from folkmoot.records.wording import wording

_LETTERS = len(voice.LETTERS)
"""What can be told apart by letter in one prompt."""


def as_options(given: Sequence[str] | None) -> tuple[str, ...] | None:
    """Options as they are kept.

    Raises:
        InputError: a text was given where a list of texts belongs.
    """
    if isinstance(given, str):
        raise InputError(
            f"the options are one text, {given!r}", "give a list, such as ['yes', 'no']"
        )
    return None if given is None else tuple(given)


def check(
    question: str,
    panel: Panel,
    protocol: Deliberation,
    options: Sequence[str] | None = None,
    seed: int = 0,
) -> tuple[str, ...]:
    """Everything wrong with a question, a panel and a protocol together; () if nothing is."""
    seats = tuple(agent.name for agent in panel)
    setting = Setting(seats, None if options is None else tuple(options))
    # Parts are put together only for seats that they can be put together for.
    unfit = protocol.faults(seats)
    parts = () if unfit else protocol.parts(setting)
    return (
        *(() if question.strip() else ("the question is empty",)),
        *_option_faults(options),
        *_seed_faults(seed),
        *_text_faults(question, panel, options or ()),
        *(unbounded(parts) or _crowding(parts, seats, options)),
        *(unfit or unseated(parts, seats)),
        *ungrouped(parts, seats),
        *unmet(parts, seats),
        *unoffered(parts, options),
    )


def asked_models(
    panel: Panel, protocol: Deliberation, options: Sequence[str] | None
) -> tuple[str, ...]:
    """The models that a run asks: those of the seats, and those that the protocol's stages name."""
    seats = tuple(agent.name for agent in panel)
    if protocol.faults(seats):
        return panel.models
    parts = protocol.parts(Setting(seats, None if options is None else tuple(options)))
    return tuple(dict.fromkeys((*panel.models, *clerks(parts))))


def require(findings: Sequence[str], hint: str = "") -> None:
    """Refuse to go on if anything was found.

    Raises:
        GraphError: with every finding.
    """
    if findings:
        raise GraphError(findings, hint)


def check_replies(panel: Panel, pool: Pool) -> tuple[str, ...]:
    """Whether each seat's longest reply fits into its model's context. Needs an open pool."""
    return tuple(
        f"the context of {agent.model!r} is too small: {agent.name!r} may reply with "
        f"{agent.sampling.max_tokens} tokens, the window holds {pool.window(agent.model)}"
        for agent in panel
        if agent.sampling.max_tokens >= pool.window(agent.model)
    )


async def check_size(worst: WorstCase, pool: Pool, budget: Budget | None) -> tuple[str, ...]:
    """Whether the worst case fits into each model's context and into the budget.

    Only what may not be dropped has to fit into a context: a prompt that is too long loses its
    oldest messages, and the reply says which. Needs an open pool.
    """
    findings: list[str] = []
    tightest: dict[str, tuple[int, Call]] = {}
    for call in worst.longest():
        needed = await _needed(pool, call)
        if needed > tightest.get(call.model, (0, call))[0]:
            tightest[call.model] = (needed, call)
    for model, (needed, call) in tightest.items():
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


async def spare(worst: WorstCase, pool: Pool) -> int:
    """Tokens that the worst case leaves free in the context where it leaves the fewest.

    A question that is longer by no more than so many bytes fits too: a token has a byte or more.
    """
    return min(
        [pool.window(call.model) - await _needed(pool, call) for call in worst.longest()],
        default=0,
    )


async def _needed(pool: Pool, call: Call) -> int:
    """Tokens that a call needs at least: what may not be dropped of its prompt, and its reply."""
    kept = [segment for segment in call.segments if segment.drop == 0]
    return await pool.count(call.model, kept) + call.sampling.max_tokens


def _seed_faults(seed: object) -> tuple[str, ...]:
    if not isinstance(seed, int) or isinstance(seed, bool):
        return (f"the seed {seed!r} is no integer",)
    if abs(seed) >= 2**53:
        return (f"the seed {seed} is beyond 2**53 and cannot be recorded",)
    return ()


def _text_faults(question: str, panel: Panel, options: Sequence[str]) -> tuple[str, ...]:
    """Half characters (lone surrogates), as broken files bring them, have no bytes to record."""
    texts = {"the question": question}
    texts |= {f"option {number}": option for number, option in enumerate(options, start=1)}
    for party in panel.parties():
        texts[f"agent {party.seat!r}"] = json.dumps(party.plain(), ensure_ascii=False)
    return tuple(
        f"{what} holds half a character (a lone surrogate), which cannot be recorded"
        for what, text in texts.items()
        if not _writable(text)
    )


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _crowding(
    parts: Sequence[Part], seats: Sequence[str], options: Sequence[str] | None
) -> tuple[str, ...]:
    """On an open question everyone's answer is ranked, by letter, unless a group wrote some."""
    if options is not None or len(seats) <= _LETTERS:
        return ()
    every = stages(parts)
    everyone = any(isinstance(stage, Speak) and stage.seats is None for stage in every)
    if not everyone or any(isinstance(stage, Candidate) for stage in every):
        return ()
    return (
        f"{len(seats)} seats give as many answers to an open question; at most {_LETTERS} can be "
        "ranked",
    )


def _option_faults(options: Sequence[str] | None) -> tuple[str, ...]:
    if options is None:
        return ()
    faults: list[str] = []
    if len(options) < 2:
        faults.append(f"a choice needs at least two options, there is {len(options)}")
    if len({wording(option).casefold() for option in options}) < len(options):
        faults.append(f"the options must differ: {', '.join(map(repr, options))}")
    if any(not option.strip() for option in options):
        faults.append("an option is empty")
    if len(options) > _LETTERS:
        faults.append(f"at most {_LETTERS} options can be lettered, there are {len(options)}")
    return tuple(faults)
