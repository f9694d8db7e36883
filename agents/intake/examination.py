"""All that can be checked of an offered contribution by reading, in one order and never an exception."""

from collections.abc import Callable, Sequence

from folkmoot.agents.contribution_file import Offered
from folkmoot.agents.intake.adapter import check_adapter
from folkmoot.agents.intake.case import Case, open_case
from folkmoot.agents.intake.digests import check_digests
from folkmoot.agents.intake.duplicate import check_duplicate
from folkmoot.agents.intake.faults import shown
from folkmoot.agents.intake.finding import Finding
from folkmoot.agents.intake.folder import check_folder
from folkmoot.agents.intake.licence import check_licence
from folkmoot.agents.intake.limits import Limits, Seated
from folkmoot.agents.intake.numeric import check_numbers
from folkmoot.agents.intake.perspective import check_perspective
from folkmoot.agents.intake.pickled import check_pickled
from folkmoot.agents.intake.remote_code import check_remote_code
from folkmoot.agents.intake.template import check_template
from folkmoot.agents.intake.weights import check_safetensors

_CHECKS: dict[str, Callable[[Case], Finding]] = {
    "folder": check_folder,
    "pickled-weights": check_pickled,
    "remote-code": check_remote_code,
    "safetensors": check_safetensors,
    "adapter": check_adapter,
    "numbers": check_numbers,
    "digests": check_digests,
    "template": check_template,
    "licence": check_licence,
    "perspective": check_perspective,
    "duplicate": check_duplicate,
}

_USUAL = Limits()

CHECKS = tuple(_CHECKS)
"""Names of the checks, in the order in which they are reported."""


def examine(
    offered: Offered, *, limits: Limits = _USUAL, seated: Sequence[Seated] = ()
) -> tuple[Finding, ...]:
    """Check an offered contribution by reading it. Blocks: every file is read, some twice.

    Nothing in the folder is imported, unpickled or obeyed, and nothing in it makes this raise. The
    folder should not change meanwhile.

    Args:
        offered: the contribution, its `contribution.yaml` read.
        limits: from where on it is too much.
        seated: contributions that it must not be a copy of.

    Returns:
        One finding for every check of `CHECKS`, in that order.
    """
    case = open_case(offered, limits, tuple(seated))
    return tuple(_checked(name, check, case) for name, check in _CHECKS.items())


def _checked(name: str, check: Callable[[Case], Finding], case: Case) -> Finding:
    try:
        return check(case)
    except Exception as fault:  # What a check did not foresee must not let a contribution pass.
        return Finding(
            check=name,
            verdict="failed",
            said=f"the check broke off: {type(fault).__name__} {shown(fault, 160)}",
            mend="report this to Folkmoot with the folder; it is admitted when the check can end",
            evidence={"broke_off": True},
        )
