"""Controls: what a protocol has to be held against, each with its size and its source.

A control is a panel and a protocol, made from those that it is a control of. Its size is the whole
number that is varied until its tokens are those of the protocol.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from folkmoot.agents import Agent, Panel
from folkmoot.agents.voice import LETTERS
from folkmoot.eval import people
from folkmoot.graphs import check
from folkmoot.protocols import (
    BestOfN,
    Composed,
    Deliberation,
    Mixture,
    Noise,
    Part,
    SelfConsistency,
    SelfCorrection,
    Setting,
    deaf,
    noised,
    unroll,
    yoked,
)
from folkmoot.protocols.named.controls import MOST_DRAWS
from folkmoot.records import InputError, Transcript

_MOST_ROUNDS, _MOST_LAYERS, _MOST_SEATS = 40, 10, 26

PERCENTS = range(50, 201, 5)
"""Limits on replies that are tried where nothing else can be varied, in per cent of the panel's."""


class Given(NamedTuple):
    """What a control is made from, for one question."""

    panel: Panel
    protocol: Deliberation
    agent: Agent
    """Who answers where one agent does."""
    question: str = "What should be done?"
    options: tuple[str, ...] | None = None
    seed: int = 0
    """Of the protocol's run."""
    run: Transcript | None = None
    """The protocol's own on this question; None before there is one."""
    elsewhere: tuple[str, ...] | None = None
    """Messages on other questions."""

    @property
    def setting(self) -> Setting:
        """What the protocol is put together for."""
        return Setting(tuple(agent.name for agent in self.panel), self.options)


class Rung(NamedTuple):
    """A control at one size."""

    panel: Panel
    protocol: Deliberation
    percent: int = 100
    """The limits on replies, in per cent of the panel's own."""


class Control(NamedTuple):
    """A control. `build` and `sizes` are plain functions: one of your own needs no more."""

    name: str
    what: str
    source: str
    size: str
    """What is varied."""
    build: Callable[[Given, int], Rung]
    """The control at a size.

    Raises:
        InputError: there is no such control of this panel and protocol.
    """
    sizes: Callable[[Given], Sequence[int]]
    """In ascending order; tokens grow with them."""
    usual: Callable[[Given], int] | None = None
    """The size at which nothing but what the control is about differs. It is kept as long as the
    tokens stay even with it. None: no size is nearer to the protocol than another."""
    paired: bool = False
    """Whether it takes the seed of the protocol's run, so that what is the same in both is drawn the
    same."""


def _draws(given: Given) -> range:
    return range(1, MOST_DRAWS + 1 if given.options is not None else len(LETTERS) + 1)


def _self_consistency(given: Given, size: int) -> Rung:
    protocol = SelfConsistency(seat=given.agent.name, draws=size)
    return Rung(people.alone(given.panel, given.agent), protocol)


def _self_correction(given: Given, size: int) -> Rung:
    return Rung(given.panel, SelfCorrection(rounds=size))


def _noise_peers(given: Given, size: int) -> Rung:
    parts = _as_long(given, given.setting)
    if deaf(parts):
        raise InputError(
            f"nobody hears anybody in {given.protocol.name!r}: noise would change nothing",
            "leave out the control 'noise-peers'",
        )
    heard = _under(given, "among-noise", noised(parts, Noise(texts=given.elsewhere)))
    return Rung(people.limited(given.panel, size), heard, size)


def _best_of_n(given: Given, size: int) -> Rung:
    panel = people.alone(given.panel, given.agent)
    return Rung(panel, BestOfN(seat=given.agent.name, draws=size))


def _self_moa(given: Given, size: int) -> Rung:
    layers = (size - 1) // _MOST_SEATS + 1
    panel = people.copies(given.panel, given.agent, max(2, size // layers))
    return Rung(panel, Mixture(layers=layers))


def _all_perspectives(given: Given, size: int) -> Rung:
    agent = people.together(given.panel, given.agent)
    protocol = SelfConsistency(seat=agent.name, draws=size)
    return Rung(people.alone(given.panel, agent), protocol)


def _same_model(given: Given, size: int) -> Rung:
    panel = people.copies(given.panel, given.agent, size)
    setting = Setting(tuple(agent.name for agent in panel), given.options)
    return Rung(panel, _under(given, "yoked", _as_long(given, setting)))


def _seats(given: Given) -> tuple[int, ...]:
    """Numbers of copies with which the protocol can be run."""
    return tuple(
        count
        for count in range(2, max(_MOST_SEATS, len(given.panel)) + 1)
        if not check(
            given.question,
            people.copies(given.panel, given.agent, count),
            given.protocol,
            given.options,
        )
    )


def _permuted(given: Given, size: int) -> Rung:
    dealt = people.dealt(given.panel, given.seed)
    protocol = _under(given, "yoked", _as_long(given, given.setting))
    return Rung(people.limited(dealt, size), protocol, size)


def _as_long(given: Given, setting: Setting) -> tuple[Part, ...]:
    """The protocol's parts, yoked to its own run; as they are where their steps are other ones."""
    parts = tuple(given.protocol.parts(setting))
    if given.run is None or len(unroll(parts)) != len(unroll(given.protocol.parts(given.setting))):
        return parts
    return yoked(parts, given.run)


def _under(given: Given, what: str, parts: tuple[Part, ...]) -> Deliberation:
    """The parts as a protocol that says what it was made of."""
    name, version = f"{given.protocol.name}-{what}", given.protocol.version
    return Composed(name=name, version=version, parts=parts)


def _rounds(given: Given) -> range:
    return range(_MOST_ROUNDS + 1)


def _scored_draws(given: Given) -> range:
    return range(1, MOST_DRAWS + 1)


def _proposals(given: Given) -> range:
    return range(2, _MOST_SEATS * _MOST_LAYERS + 1)


def _own_seats(given: Given) -> int:
    return len(given.panel)


def _percents(given: Given) -> range:
    return PERCENTS


def _unchanged(given: Given) -> int:
    return 100


_LIMIT = "% of the limit on replies"

_EVERY = (
    Control(
        "self-consistency",
        "Draws of one agent, blind; the plurality of them. On an open question it picks one.",
        "Wang et al., arXiv 2203.11171; open questions: arXiv 2311.17311",
        "draws",
        _self_consistency,
        _draws,
    ),
    Control(
        "self-correction",
        "Every seat revises its own answer, round by round, and hears nobody; then they vote.",
        "the isolated arm of arXiv 2605.00914; Self-Refine, arXiv 2303.17651",
        "rounds",
        _self_correction,
        _rounds,
    ),
    Control(
        "noise-peers",
        "The same protocol, in which peers' messages are shown as text from other questions.",
        "arXiv 2605.00914",
        _LIMIT,
        _noise_peers,
        _percents,
        _unchanged,
        paired=True,
    ),
    Control(
        "best-of-n",
        "Draws of one agent; it scores each by itself, and the best is the answer, unchanged.",
        "the baseline of arXiv 2601.08835",
        "draws",
        _best_of_n,
        _scored_draws,
    ),
    Control(
        "self-moa",
        "Copies of one agent answer blind, and one of them puts the answers together.",
        "Self-MoA, arXiv 2502.00674",
        "proposals",
        _self_moa,
        _proposals,
    ),
    Control(
        "all-perspectives",
        "One agent that declares every perspective of the panel, drawn several times; plurality.",
        "one strong prompt against discussion, arXiv 2402.18272",
        "draws",
        _all_perspectives,
        _draws,
    ),
    Control(
        "same-model",
        "The same protocol with copies of one agent in every seat.",
        "one model against several, arXiv 2502.08788 and arXiv 2410.12853",
        "seats",
        _same_model,
        _seats,
        _own_seats,
        paired=True,
    ),
    Control(
        "permuted-perspectives",
        "The same protocol with the perspectives dealt to the seats anew; no seat keeps its own.",
        "a permutation control: what is due to who holds a perspective, not to its being there",
        _LIMIT,
        _permuted,
        _percents,
        _unchanged,
        paired=True,
    ),
)

CONTROLS: Mapping[str, Control] = MappingProxyType({each.name: each for each in _EVERY})
"""Every control, by its name."""


def chosen(given: Sequence[Control | str] | None) -> tuple[Control, ...]:
    """Controls by name or as they are; None is all of them.

    Raises:
        InputError: one is not known, or named twice.
    """
    found: list[Control] = []
    for each in CONTROLS.values() if given is None else given:
        if isinstance(each, str) and each not in CONTROLS:
            raise InputError(f"no control is named {each!r}", f"there are: {', '.join(CONTROLS)}")
        found.append(CONTROLS[each] if isinstance(each, str) else each)
    names = ["protocol", *(each.name for each in found)]  # folders of records
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"the control {twice[0]!r} is named twice")
    return tuple(found)
