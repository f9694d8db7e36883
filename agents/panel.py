"""A panel: agents in seats, uniquely named."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from folkmoot.agents.agent import Agent
from folkmoot.agents.values import SCHWARTZ_20, Vocabulary
from folkmoot.records import PanelError, Party, located_yaml
from folkmoot.records.base import Frozen


class Panel:
    """Who deliberates. Order is the panel's own; rounds use a seeded order of their own.

    Args:
        agents: at least one, with different names.
        vocabulary: what the names of declared values come from; None admits any name.
        file: the file that the agents were read from, in its order; faults name it.

    Raises:
        PanelError: no agent, two of one name, a value that the vocabulary does not have, or a
            seed that an agent fixes; one line per fault.
    """

    def __init__(
        self,
        agents: Iterable[Agent],
        vocabulary: Vocabulary | None = SCHWARTZ_20,
        *,
        file: located_yaml.Located | None = None,
    ) -> None:
        self.agents = tuple(agents)
        self.vocabulary = vocabulary
        self._file = file
        faults = tuple(_faults(self.agents, vocabulary))
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
        agents = [
            agent.model_copy(
                update={"sampling": agent.sampling.model_copy(update={"max_tokens": max_tokens})}
            )
            for agent in self.agents
        ]
        return Panel(agents, self.vocabulary, file=self._file)

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
        return cls(said.agents, said.vocabulary or SCHWARTZ_20, file=file)

    def _said(self, where: located_yaml.Where, what: str) -> str:
        return what if self._file is None else self._file.said(where, what)


class _PanelFile(Frozen):
    """The fields of a panel file."""

    agents: tuple[Agent, ...]
    vocabulary: Vocabulary | None = None


class _Fault(NamedTuple):
    """What no single agent can know to be wrong."""

    where: located_yaml.Where
    """In a panel file."""
    what: str
    hint: str


def _faults(agents: Sequence[Agent], vocabulary: Vocabulary | None) -> Iterator[_Fault]:
    if not agents:
        yield _Fault(("agents",), "the panel is empty", "give it at least one agent")
    names = [agent.name for agent in agents]
    for at, agent in enumerate(agents):
        if agent.name in names[:at]:
            yield _Fault(
                ("agents", at, "name"),
                f"seat names must differ; {agent.name!r} is used {names.count(agent.name)} times",
                "rename one of the agents",
            )
        if agent.sampling.seed is not None:
            yield _Fault(
                ("agents", at, "sampling", "seed"),
                f"agent {agent.name!r} fixes sampling.seed",
                "leave it out: every call gets a seed of its own from the run's seed",
            )
        unknown = vocabulary.unknown(agent.perspective.values) if vocabulary is not None else []
        if vocabulary is not None and unknown:
            yield _Fault(
                ("agents", at, "perspective", "values"),
                f"values {unknown!r} of {agent.name!r} are not in the vocabulary {vocabulary.id!r}",
                f"its values are: {', '.join(vocabulary.labels)}; "
                "or give the panel a vocabulary of its own",
            )
