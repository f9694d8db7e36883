"""What can be checked of an offered contribution by reading it: no model is asked, no code is run.

`examine` gives one finding for every check. `digests_of` says what `contribution.yaml` should pin,
`fingerprint` what a seated contribution is recognised by. These bring numpy and jinja2 with them when they
are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.agents.intake, not its folder")

from folkmoot.agents.intake.finding import Finding, Verdict
from folkmoot.agents.intake.limits import Fingerprint, Limits, Seated

if TYPE_CHECKING:
    from folkmoot.agents.intake.digests import digests_of
    from folkmoot.agents.intake.duplicate import TOO_ALIKE, fingerprint
    from folkmoot.agents.intake.examination import CHECKS, examine

__all__ = [
    "CHECKS",
    "TOO_ALIKE",
    "Finding",
    "Fingerprint",
    "Limits",
    "Seated",
    "Verdict",
    "digests_of",
    "examine",
    "fingerprint",
]

_LATER = {
    "CHECKS": "examination",
    "TOO_ALIKE": "duplicate",
    "digests_of": "digests",
    "examine": "examination",
    "fingerprint": "duplicate",
}


def __getattr__(name: str) -> Any:
    """What needs more than the standard library, when it is asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
