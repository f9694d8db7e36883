"""Findings in a file, as evidence of a step on a roster: written by one command, put on record by another."""

from collections.abc import Iterator, Sequence
from json import loads
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from folkmoot.agents import intake
from folkmoot.agents.contribution_file import Digests
from folkmoot.agents.intake import Finding
from folkmoot.agents.roster import Member
from folkmoot.eval.contribution.probes import PROBES
from folkmoot.records import ContributionError
from folkmoot.records.base import Frozen


class Evidence(Frozen, extra="ignore"):
    """What a file of findings says; its other fields are passed over."""

    name: str | None = None
    """Of the contribution."""
    digests: Digests | None = None
    """What the contribution was made of when it was asked."""
    findings: tuple[Finding, ...] = Field(min_length=1)


def read_evidence(files: Sequence[Path], member: Member) -> tuple[Finding, ...]:
    """The findings of some files, if they are of this contribution, as its files are, and none failed.

    Raises:
        ContributionError: one of that is not so, or a file is none of findings; one line per fault.
    """
    found = [(file, _read(file)) for file in files]
    faults = [f"{file}: {fault}" for file, each in found for fault in _faults(each, member)]
    if faults:
        raise ContributionError(
            "\n".join(faults),
            f"folkmoot contribution probe {member.offered.folder} --json asks it as it is now",
        )
    return tuple(finding for _, each in found for finding in each.findings)


def _read(file: Path) -> Evidence:
    try:
        return Evidence.model_validate(loads(file.read_text(encoding="utf-8")))
    except OSError as fault:
        raise ContributionError(f"cannot read {str(file)!r}: {fault.strerror or fault}") from fault
    except (ValueError, RecursionError, ValidationError) as fault:
        raise ContributionError(
            f"{file}: no findings: {str(fault).splitlines()[0]}",
            "give what `folkmoot contribution probe --json` or `folkmoot roster votes --json` wrote",
        ) from fault


def _faults(said: Evidence, member: Member) -> Iterator[str]:
    names = {said.name, *(_named(each.evidence) for each in said.findings)} - {None, member.name}
    for name in sorted(map(str, names)):
        yield f"it is about {name!r}, not {member.name!r}"
    asked = [each.check for each in said.findings if each.check in PROBES]
    if asked and said.digests is None:
        yield "it does not say which files were asked"
    if asked and set(asked) < set(PROBES):
        yield f"not all was asked: {', '.join(each for each in PROBES if each not in asked)}"
    if said.digests is not None and said.digests != intake.digests_of(member.offered):
        yield f"other files were asked than those of {member.name!r}"
    for each in said.findings:
        if each.verdict == "failed":
            yield f"{each.check} failed: {each.said}"


def _named(evidence: dict[str, Any]) -> str | None:
    """Whom a finding names, where it names somebody."""
    name = evidence.get("name")
    return name if isinstance(name, str) else None
