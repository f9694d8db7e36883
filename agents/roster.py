"""A roster: the contributions that a steward has taken in, and every step that they came by.

    ROSTER/
      steps.jsonl            who was proposed, put on probation, seated, quarantined, why, on what evidence
      contributions/NAME/    the folder as it was offered

It is a folder for version control. The steps are hash-chained, as a journal's lines are: one that was
changed, left out or moved is found when the roster is read.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pydantic import ValidationError

from folkmoot.agents import intake
from folkmoot.agents.agent import Agent
from folkmoot.agents.contribution_file import (
    ContributionFile,
    Digests,
    Offered,
    read_contribution,
)
from folkmoot.agents.intake.finding import Finding
from folkmoot.records import ContributionError, JournalError
from folkmoot.records.base import Frozen
from folkmoot.records.canonical import canonical
from folkmoot.records.chain import GENESIS, seal, unseal
from folkmoot.records.moments import Moment

STEPS, FOLDERS = "steps.jsonl", "contributions"
_KIND = "step"

Standing = Literal["proposed", "probation", "seated", "quarantined", "withdrawn"]
"""proposed: taken in, a check failed or was not made. probation: checked, without a seat yet. seated: it
has a full seat. quarantined: it is kept away from panels, with the reason. withdrawn: its contributor took
it back."""

_NEXT: Final[Mapping[Standing | None, tuple[Standing, ...]]] = {
    None: ("proposed",),
    "proposed": ("probation", "quarantined", "withdrawn"),
    "probation": ("seated", "quarantined", "withdrawn"),
    "seated": ("probation", "quarantined", "withdrawn"),
    "quarantined": ("probation", "withdrawn"),
    "withdrawn": ("proposed",),
}
"""From where a step may lead where: nobody is seated who was not on probation."""


class Step(Frozen):
    """One step of a contribution, with what it rests on."""

    name: str
    before: Standing | None = None
    after: Standing
    at: Moment
    by: str
    """The steward."""
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    """The evidence."""
    digests: Digests = Digests()
    """What the contribution was made of."""


class Member(NamedTuple):
    """A contribution on a roster."""

    offered: Offered
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """What the roster calls it."""
        return self.steps[-1].name

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        return self.steps[-1].after

    @property
    def file(self) -> ContributionFile:
        """What it says of itself."""
        return self.offered.file

    def agent(self) -> Agent:
        """As a seat, under its own name and perspective."""
        return Agent.of(self.file.contribution(), self.name)


class Roster:
    """A roster, read; see `read_roster`.

    Attributes:
        folder: where it is.
        steps: every step, oldest first.
    """

    def __init__(self, folder: Path, steps: Sequence[Step], head: str) -> None:
        self.folder = folder
        self.steps = tuple(steps)
        self._head = head

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """Name → contribution, in the order in which they were first proposed.

        Raises:
            ContributionError: a folder is missing or cannot be read.
        """
        names = dict.fromkeys(step.name for step in self.steps)
        return {
            name: Member(
                read_contribution(self.folder / FOLDERS / name),
                tuple(step for step in self.steps if step.name == name),
            )
            for name in names
        }

    def standing(self, name: str) -> Standing | None:
        """How a contribution stands; None for one that is not here."""
        found: list[Standing] = [step.after for step in self.steps if step.name == name]
        return found[-1] if found else None

    def at(self, *standings: Standing) -> tuple[Member, ...]:
        """The members that stand so."""
        return tuple(each for each in self.members.values() if each.standing in standings)

    def taken(self, step: Step) -> "Roster":
        """Write a step.

        Raises:
            ContributionError: it does not follow from how the contribution stands, or its files are
                not those of the step before.
        """
        before = self.standing(step.name)
        if step.before != before or step.after not in _NEXT[before]:
            allowed = ", ".join(_NEXT[before])
            raise ContributionError(
                f"{step.name!r} is {before or 'not on the roster'}: it cannot become {step.after}",
                f"from there it can become: {allowed}",
            )
        line, head = seal(canonical(step.plain()), _KIND, len(self.steps) + 1, self._head)
        with (self.folder / STEPS).open("ab") as file:
            file.write(line)
        return Roster(self.folder, (*self.steps, step), head)


def read_roster(folder: str | Path) -> Roster:
    """Read a roster; a folder without steps is an empty one.

    Raises:
        ContributionError: it is no folder, or a step was changed, left out or moved.
    """
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise ContributionError(f"{str(path)!r} is no folder", "a roster is a folder")
    steps: list[Step] = []
    head = GENESIS
    file = path / STEPS
    for number, raw in enumerate(file.read_bytes().splitlines() if file.is_file() else [], 1):
        try:
            line = unseal(raw, number, head)
            steps.append(Step.model_validate(line.data))
        except (JournalError, ValidationError) as fault:
            raise ContributionError(
                f"{file}, line {number}: {str(fault).splitlines()[0]}",
                "steps are never edited: take the file back from version control",
            ) from fault
        head = line.hash
    return Roster(path, steps, head)


def propose(roster: Roster, offered: Offered, at: str, by: str) -> Roster:
    """Take a contribution in: its folder is copied, and it is proposed.

    Args:
        roster: where.
        offered: what.
        at: the moment.
        by: the steward.

    Raises:
        ContributionError: one of that name is here.
    """
    name = offered.file.name
    before = roster.standing(name)
    if before not in (None, "withdrawn"):
        raise ContributionError(
            f"{name!r} is on the roster already: {before}", "rename it, or withdraw the other one"
        )
    to = roster.folder / FOLDERS / name
    if to.resolve().parent != (roster.folder / FOLDERS).resolve():
        raise ContributionError(f"{name!r} cannot be a folder's name", "rename it")
    if to.exists():
        shutil.rmtree(to)
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(offered.folder, to, symlinks=True)
    step = Step(
        name=name, before=before, after="proposed", at=at, by=by, digests=intake.digests_of(offered)
    )
    return roster.taken(step)


def moved(
    roster: Roster,
    name: str,
    to: Standing,
    *,
    at: str,
    by: str,
    reason: str = "",
    findings: Iterable[Finding] = (),
) -> Roster:
    """Take a contribution one step on.

    Raises:
        ContributionError: there is none of that name, the step does not follow from how it stands, or
            its files are not those that were proposed.
    """
    if roster.standing(name) is None:
        known = ", ".join(roster.members) or "nobody"
        raise ContributionError(f"no {name!r} on the roster", f"on it: {known}")
    member = roster.members[name]
    digests = intake.digests_of(member.offered)
    proposed = next(each for each in reversed(member.steps) if each.after == "proposed")
    if digests != proposed.digests and to not in ("quarantined", "withdrawn"):
        raise ContributionError(
            f"the files of {name!r} are not those that were proposed",
            "quarantine it, or take the folder back from version control",
        )
    return roster.taken(
        Step(
            name=name,
            before=member.standing,
            after=to,
            at=at,
            by=by,
            reason=reason,
            findings=tuple(findings),
            digests=digests,
        )
    )
