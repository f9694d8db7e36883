"""What a check holds against a contribution, and how that becomes a finding."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from folkmoot.agents.contribution_file import FILE, Offered
from folkmoot.agents.intake.finding import Finding
from folkmoot.records import scrub

_LISTED = 20
"""Faults that a finding lists."""


class Unreadable(Exception):
    """A file cannot be read, or holds nothing that can be used; the text says why."""


class Fault(NamedTuple):
    """One thing that is wrong."""

    said: str
    mend: str
    where: str | None = None
    fatal: bool = True
    """Whether it keeps the contribution out; else a steward should look at it."""


def finding(
    check: str,
    faults: Sequence[Fault],
    passed: str,
    evidence: Mapping[str, Any] | None = None,
    threshold: str | None = None,
) -> Finding:
    """The finding of a check: its gravest fault is said, all that must be mended is named.

    Args:
        check: its name.
        faults: what it holds against the contribution, in the order in which it was found.
        passed: what is said where there is none.
        evidence: what the verdict rests on, as JSON values.
        threshold: from where on it fails or warns.
    """
    rests_on = dict(evidence or {})
    if not faults:
        return Finding(
            check=check,
            verdict="passed",
            said=scrub(passed),
            evidence=_scrubbed(rests_on),
            threshold=threshold,
        )
    ranked = sorted(faults, key=lambda fault: not fault.fatal)
    first = ranked[0]
    if len(ranked) > 1:
        rests_on["faults"] = [fault._asdict() for fault in ranked[:_LISTED]]
        rests_on["count"] = len(ranked)
    mends = dict.fromkeys(fault.mend for fault in ranked[:_LISTED])
    return Finding(
        check=check,
        verdict="failed" if first.fatal else "warned",
        said=scrub(first.said) + (f" (and {len(ranked) - 1} more)" if len(ranked) > 1 else ""),
        mend=scrub("; ".join(mends)),
        where=first.where,
        evidence=_scrubbed(rests_on),
        threshold=threshold,
    )


def not_asked(check: str, said: str, **evidence: Any) -> Finding:
    """The finding of a check that had nothing to look at."""
    return Finding(check=check, verdict="not_asked", said=scrub(said), evidence=_scrubbed(evidence))


def shown(text: object, most: int = 60) -> str:
    """A stranger's text in quotes, cut short; what would hide or move is spelled out."""
    letters = scrub(str(text))
    return repr(letters if len(letters) <= most else letters[:most] + "…")


def plain(path: str) -> str:
    """A stranger's path without quotes, otherwise as `shown`."""
    return shown(path, 200)[1:-1]


def many(count: int, what: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def words(text: str) -> frozenset[str]:
    """The words of a text, for long lists of short names."""
    return frozenset(text.split())


def field(offered: Offered, *path: str | int) -> str:
    """Where a field stands: `contribution.yaml:12`."""
    return f"{FILE}:{offered.located.line(path)}"


def _scrubbed(value: Any) -> Any:
    """JSON values without lone surrogates, which names of files may hold and no record can."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {scrub(key): _scrubbed(each) for key, each in cast(dict[str, Any], value).items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(each) for each in cast(list[Any], value)]
    return value
