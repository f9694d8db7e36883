"""The plan of a participation study: a YAML file that names items, members and controls."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field

from folkmoot.agents import Agent, Panel
from folkmoot.agents.contribution_file import Offered, read_contribution
from folkmoot.eval.participation.items import Item, read_items
from folkmoot.records import InputError, located_yaml
from folkmoot.records.base import Frozen

Role = Literal["base", "monolith", "larger monolith"]
"""What a control is: the plain model, one adapter trained on the union of the members' lessons, the same of
a larger model."""


class Control(Frozen):
    """One model that the members together are held against."""

    folder: str
    """Of its `contribution.yaml`."""
    role: Role


class Plan(Frozen):
    """The fields of the file. Paths count from its folder."""

    format: Literal["participation/1"]
    items: tuple[str, ...] = Field(min_length=1)
    """Files of items, or folders of them."""
    most: int | None = Field(default=None, ge=6)
    """Items of each task."""
    members: tuple[str, ...] = Field(min_length=1)
    """Folders of contributions; `*` stands for any name."""
    controls: tuple[Control, ...] = ()
    development: int = Field(default=3, ge=2)
    """One item in so many is for development: choosing the best member, and weights."""
    sizes: tuple[int, ...] = (2, 4, 8, 12, 16, 32)
    """Of panels, as far as there are members."""
    malicious: tuple[int, ...] = (1, 2, 3, 4)
    """How many members are turned malicious."""
    seed: int = 0


class Study(NamedTuple):
    """A plan with what it names."""

    plan: Plan
    items: tuple[Item, ...]
    members: tuple[Offered, ...]
    controls: tuple[tuple[Role, Offered], ...]

    @property
    def offered(self) -> tuple[Offered, ...]:
        """All who are asked: members, then controls."""
        return (*self.members, *(each for _, each in self.controls))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the members."""
        return tuple(each.file.name for each in self.members)

    @property
    def priorities(self) -> dict[str, tuple[str, ...]]:
        """Member → the tasks that it declares itself to be made for."""
        return {each.file.name: each.file.priorities for each in self.members}

    def panels(self) -> dict[str, Panel]:
        """Folder of records → who is asked there, a seat each: the members together, and each control
        alone, so that a control can come later without anybody being asked again."""
        alone = {f"controls/{each.file.name}": _seated([each]) for _, each in self.controls}
        return {"records": _seated(self.members), **alone}


def read_study(path: str | Path) -> Study:
    """Read a plan, its items and its contributions; no model is loaded.

    Raises:
        InputError: the file, an item or a contribution cannot be read; a name is there twice; or fewer
            than two members are found.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(f"there is no file {str(path)!r}", "give the plan of a study, a YAML file")
    plan: Plan = located_yaml.load(file, InputError).check(Plan)
    here = file.parent
    members = [
        read_contribution(each) for pattern in plan.members for each in _found(here, pattern)
    ]
    controls: list[tuple[Role, Offered]] = [
        (each.role, read_contribution(here / each.folder)) for each in plan.controls
    ]
    names = [each.file.name for each in (*members, *(offered for _, offered in controls))]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"two of its contributions are named {twice!r}", "rename one")
    if len(members) < 2:
        raise InputError("a panel has at least two members", f"members of {str(path)!r}")
    items = read_items([here / each for each in plan.items], plan.most)
    return Study(plan, items, tuple(members), tuple(controls))


def _seated(offered: Sequence[Offered]) -> Panel:
    return Panel([Agent.of(each.file.contribution(), each.file.name) for each in offered])


def _found(here: Path, pattern: str) -> list[Path]:
    if "*" not in pattern:
        return [here / pattern]
    start, rest = _rooted(here, pattern)
    return sorted(each.parent for each in start.glob(f"{rest}/contribution.yaml"))


def _rooted(here: Path, pattern: str) -> tuple[Path, Any]:
    """The folder before the first `*`, and the pattern from there: a glob does not climb."""
    parts = Path(pattern).parts
    first = next(at for at, part in enumerate(parts) if "*" in part)
    return here.joinpath(*parts[:first]), str(Path(*parts[first:]))
