"""A panel: agents in seats, uniquely named."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from folkmoot.agents.agent import Agent
from folkmoot.agents.values import SCHWARTZ_20, Vocabulary
from folkmoot.records import PanelError, Party, located_yaml
from folkmoot.records.base import Frozen


class Panel:
    """Who deliberates. Order is the panel's own; rounds use a seeded order of their own.

    Args:
        agents: at least one, with different names.
        vocabulary: what the names of declared values come from; None admits any name.

    Raises:
        PanelError: no agent, two of one name, or a value that the vocabulary does not have.
    """

    def __init__(
        self, agents: Iterable[Agent], vocabulary: Vocabulary | None = SCHWARTZ_20
    ) -> None:
        self.agents = tuple(agents)
        self.vocabulary = vocabulary
        if not self.agents:
            raise PanelError("the panel is empty", "give it at least one agent")
        names = [agent.name for agent in self.agents]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PanelError(
                f"seat names must differ; {twice[0]!r} is used {names.count(twice[0])} times",
                "rename one of the agents",
            )
        for agent in self.agents:
            agent.check()
            if vocabulary is not None:
                vocabulary.check(list(agent.perspective.values))

    def __iter__(self) -> Iterator[Agent]:
        return iter(self.agents)

    def __len__(self) -> int:
        return len(self.agents)

    def __repr__(self) -> str:
        return f"Panel({', '.join(agent.name for agent in self.agents)})"

    def parties(self) -> tuple[Party, ...]:
        """The panel as the record holds it."""
        return tuple(agent.party() for agent in self.agents)

    @property
    def models(self) -> tuple[str, ...]:
        """The different model names, in the panel's order."""
        return tuple(dict.fromkeys(agent.model for agent in self.agents))

    @classmethod
    def from_yaml(cls, path: str | Path) -> "Panel":
        """Read a panel file; see the documentation for its fields.

        Raises:
            PanelError: one line per fault, each with file, line and field.
        """
        file = located_yaml.load(path, PanelError)
        said = file.check(_PanelFile)
        try:
            return cls(said.agents, said.vocabulary or SCHWARTZ_20)
        except PanelError as error:
            raise file.fault(("agents",), error.message, hint=error.hint) from error


class _PanelFile(Frozen):
    """The fields of a panel file."""

    agents: tuple[Agent, ...]
    vocabulary: Vocabulary | None = None
