"""`licence`: the weights' licence is an SPDX expression, and it goes with those of the data.

Whether trained weights are a derived work of their data is not settled; what does not go together is
therefore a matter for a steward, never a refusal. Names and grammar: SPDX specification 2.3, annex D.
"""

import re
from collections.abc import Iterator

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from folkmoot.agents.intake.case import Case
from folkmoot.agents.intake.faults import Fault, field, finding, many, shown
from folkmoot.agents.intake.finding import Finding

_LONGEST = 200
_SHARE_ALIKE = re.compile(
    r"(?<![A-Za-z])(CC-BY-(NC-)?SA|CDLA-Sharing|ODbL|[AL]?GPL|GFDL|EUPL|OSL|CECILL|SSPL|CAL)-",
    re.IGNORECASE,
)
_RESTRICTED = re.compile(r"-(NC|ND)(-|$)|noncommercial|non-commercial|academic", re.IGNORECASE)


def check_licence(case: Case) -> Finding:
    """The licences of the weights and of what they learned from are known, and go together."""
    offered = case.offered
    file = offered.file
    own = _canonical(file.licence)
    faults: list[Fault] = []
    if own is None:
        faults.append(
            Fault(
                f"the licence {shown(file.licence)} is no SPDX expression",
                f"write one from https://spdx.org/licenses/, {_example(file.licence)}",
                field(offered, "licence"),
            )
        )
    else:
        faults += _restricted(own, field(offered, "licence"))
    for at, learned in enumerate(file.data):
        faults += _learned(case, at, learned.name, _canonical(learned.licence), own)
    if not file.data and file.adapter is not None:
        faults.append(
            Fault(
                "it does not say what the adapter learned from",
                "list each collection under `data:` with its name and licence",
                field(offered, "data"),
                fatal=False,
            )
        )
    known = {each.name[:200]: _canonical(each.licence) for each in file.data}
    return finding(
        "licence",
        faults,
        f"{own}, which goes with what it learned from ({many(len(known), 'collection')})",
        {"weights": own, "data": known},
    )


def _canonical(said: str) -> str | None:
    """The expression as SPDX writes it; None if it is none."""
    if len(said) > _LONGEST:
        return None
    try:
        return str(canonicalize_license_expression(said))
    except (InvalidLicenseExpression, ValueError, RecursionError, MemoryError):
        return None


def _example(said: str) -> str:
    guess = _canonical(re.sub(r"\s+", "-", re.sub(r"(?i)\s+licen[cs]e$", "", said.strip())))
    return f"perhaps {guess}" if guess is not None else "such as Apache-2.0 or CC-BY-SA-4.0"


def _restricted(own: str, where: str) -> Iterator[Fault]:
    if _binds(own, _RESTRICTED):
        yield Fault(
            f"the licence {own} forbids commercial use or changes",
            "nothing, where every user of the pool may accept that; else choose a licence without NC or ND",
            where,
            fatal=False,
        )
    if "LicenseRef-" in own:
        yield Fault(
            f"the licence {own} is not of SPDX's list, so nothing is known of its terms",
            "put its text into the folder as LICENSE.md for the steward to read",
            where,
            fatal=False,
        )


def _learned(
    case: Case, at: int, name: str, theirs: str | None, own: str | None
) -> Iterator[Fault]:
    where = field(case.offered, "data", at, "licence")
    if theirs is None:
        said = case.offered.file.data[at].licence
        yield Fault(
            f"the licence {shown(said)} of {shown(name)} is no SPDX expression",
            f"write one from https://spdx.org/licenses/, {_example(said)}; LicenseRef-… where it is "
            "not in the list",
            where,
            fatal=False,
        )
        return
    if _binds(theirs, _RESTRICTED) and not (own is not None and _RESTRICTED.search(own)):
        yield Fault(
            f"{shown(name)} is under {theirs}, which forbids commercial use or changes, and the "
            f"weights are under {own}",
            f"train without it, or put the weights under {theirs}",
            where,
            fatal=False,
        )
    elif _binds(theirs, _SHARE_ALIKE) and not (own is not None and _SHARE_ALIKE.search(own)):
        yield Fault(
            f"{shown(name)} is under {theirs}, which asks for the same terms, and the weights are "
            f"under {own}",
            f"put the weights under {theirs}, or train without it",
            where,
            fatal=False,
        )


def _binds(expression: str, kind: re.Pattern[str]) -> bool:
    """Whether every way to satisfy the expression holds a licence of the kind."""
    return all(kind.search(choice) for choice in expression.split(" OR "))
