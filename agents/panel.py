"""A panel: agents in seats, uniquely named."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from folkmoot.agents.agent import Agent
from folkmoot.agents.looks import looks
from folkmoot.agents.values import SCHWARTZ_20, Vocabulary
from folkmoot.records import HUMAN, PanelError, Party, located_yaml
from folkmoot.records.base import Frozen


class Panel:
    """Who deliberates. Order is the panel's own; rounds use a seeded order of their own.

    Args:
        agents: at least one, with different names.
        vocabulary: what the names of declared values come from; None admits any name.
        shadows: agents on probation. They have no seat: a run does not know of them. Afterwards they may
            be asked the same (`folkmoot.graphs.shadowed`), for the record alone.
        file: the file that the agents were read from, in its order; faults name it.

    Raises:
        PanelError: no agent, two of one name, a value that the vocabulary does not have, a seed that
            an agent fixes, or a person on probation; one line per fault.
    """

    def __init__(
        self,
        agents: Iterable[Agent],
        vocabulary: Vocabulary | None = SCHWARTZ_20,
        *,
        shadows: Iterable[Agent] = (),
        file: located_yaml.Located | None = None,
    ) -> None:
        self.agents = tuple(agents)
        self.shadows = tuple(shadows)
        self.vocabulary = vocabulary
        self._file = file
        faults = tuple(_faults(self.agents, self.shadows, vocabulary))
        if faults:
            raise PanelError(
                "\n".join(dict.fromkeys(self._said(fault.where, fault.what) for fault in faults)),
                "; ".join(dict.fromkeys(fault.hint for fault in faults)),
            )

    def __iter__(self) -> Iterator[Agent]:
        return iter(self.agents)

    def __len__(self) -> int:
        return len(self.agents)

    def __repr__(self) -> str:
        return f"Panel({', '.join(agent.name for agent in self.agents)})"

    def parties(self) -> tuple[Party, ...]:
        """The panel as the record holds it."""
        return tuple(agent.party(self.vocabulary) for agent in self.agents)

    @property
    def models(self) -> tuple[str, ...]:
        """The different model names, in the panel's order."""
        return tuple(dict.fromkeys(agent.model for agent in self.agents))

    def with_max_tokens(self, max_tokens: int) -> "Panel":
        """The same panel with another limit for every seat's replies."""

        def limited(agents: Iterable[Agent]) -> list[Agent]:
            return [
                agent.model_copy(
                    update={
                        "sampling": agent.sampling.model_copy(update={"max_tokens": max_tokens})
                    }
                )
                for agent in agents
            ]

        agents, shadows = limited(self.agents), limited(self.shadows)
        return Panel(agents, self.vocabulary, shadows=shadows, file=self._file)

    def located(self, model: str, fault: str) -> str:
        """What is wrong with a model, after where the panel's file names it first.

        Returns:
            `panel.yaml:14: agents[2].model: fault`; the fault alone if the panel was read from no
            file or has no such model.
        """
        for at, agent in enumerate(self.agents):
            if agent.model == model:
                return self._said(("agents", at, "model"), fault)
        return fault

    @classmethod
    def from_yaml(cls, path: str | Path) -> "Panel":
        """Read a panel file; see the documentation for its fields.

        Raises:
            PanelError: one line per fault, each with file, line and field.
        """
        file = located_yaml.load(path, PanelError)
        said = file.check(_PanelFile)
        vocabulary = said.vocabulary or SCHWARTZ_20
        return cls(said.agents, vocabulary, shadows=said.shadows, file=file)

    def _said(self, where: located_yaml.Where, what: str) -> str:
        return what if self._file is None else self._file.said(where, what)


class _PanelFile(Frozen):
    """The fields of a panel file."""

    agents: tuple[Agent, ...]
    shadows: tuple[Agent, ...] = ()
    vocabulary: Vocabulary | None = None


class _Fault(NamedTuple):
    """What no single agent can know to be wrong."""

    where: located_yaml.Where
    """In a panel file."""
    what: str
    hint: str


def _faults(
    agents: Sequence[Agent], shadows: Sequence[Agent], vocabulary: Vocabulary | None
) -> Iterator[_Fault]:
    if not agents:
        yield _Fault(("agents",), "the panel is empty", "give it at least one agent")
    every = (*agents, *shadows)
    names = [agent.name for agent in every]
    for place, agent in enumerate(every):
        seated = place < len(agents)
        at = ("agents", place) if seated else ("shadows", place - len(agents))
        if agent.name in names[:place]:
            yield _Fault(
                (*at, "name"),
                f"seat names must differ; {agent.name!r} is used {names.count(agent.name)} times",
                "rename one of the agents",
            )
        yield from _faults_of_name(names, place, at)
        if agent.model == HUMAN and not seated:
            yield _Fault(
                (*at, "model"),
                f"{agent.name!r} is a person, and on probation",
                "give people a seat: probation is for models",
            )
        yield from _faults_of(agent, at, vocabulary)


def _faults_of_name(names: Sequence[str], place: int, at: located_yaml.Where) -> Iterator[_Fault]:
    """Whether a name reads like another, or like a list of others: answers say who holds what by name."""
    name, others = names[place], {each for each in names if each != names[place]}
    before = next((e for e in names[:place] if e != name and looks(e) == looks(name)), None)
    if before is not None:
        what = f"seat names must differ to a reader; {name!r} reads like {before!r}"
        yield _Fault((*at, "name"), what, "rename one of the agents")
    parts = re.split(r"\s+and\s+", name)
    if len(parts) > 1 and others.issuperset(parts):
        what = f"the seat name {name!r} reads like a list of other seats"
        yield _Fault((*at, "name"), what, "rename the agent")


def _faults_of(
    agent: Agent, at: located_yaml.Where, vocabulary: Vocabulary | None
) -> Iterator[_Fault]:
    """What is wrong with one agent on a panel of this vocabulary."""
    if agent.sampling.seed is not None:
        yield _Fault(
            (*at, "sampling", "seed"),
            f"agent {agent.name!r} fixes sampling.seed",
            "leave it out: every call gets a seed of its own from the run's seed",
        )
    unknown = vocabulary.unknown(agent.perspective.values) if vocabulary is not None else []
    if vocabulary is not None and unknown:
        yield _Fault(
            (*at, "perspective", "values"),
            f"values {unknown!r} of {agent.name!r} are not in the vocabulary {vocabulary.id!r}",
            f"its values are: {', '.join(vocabulary.labels)}; "
            "or give the panel a vocabulary of its own",
        )
