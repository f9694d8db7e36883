"""What a check of a contribution found."""

from typing import Any, Literal

from pydantic import Field

from folkmoot.records.base import Frozen

Verdict = Literal["passed", "warned", "failed", "not_asked"]
"""failed: it cannot be admitted as it is. warned: a steward should look at it. not_asked: there was
nothing to check, or nobody to ask."""


class Finding(Frozen):
    """One check of a contribution: what was looked for, what was found, how to mend it."""

    check: str
    """Its name, such as `pickled-weights`."""
    verdict: Verdict
    said: str
    """What was found, in one sentence."""
    mend: str = ""
    """What to do about it; empty where it passed."""
    where: str | None = None
    """The file that it is about, relative to the folder, with its line where it has one."""
    evidence: dict[str, Any] = Field(default_factory=dict)
    """What the verdict rests on, as JSON values."""
    threshold: str | None = None
    """From where on it fails or warns, where that is a number."""
