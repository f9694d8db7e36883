"""Built-in scanners: rules that need no model, by name."""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from folkmoot.eval.scan.concealed import concealed
from folkmoot.eval.scan.converging import collapse, unanimous
from folkmoot.eval.scan.drift import drift
from folkmoot.eval.scan.found import Found, Scanner
from folkmoot.eval.scan.injection import injections
from folkmoot.eval.scan.leaks import identity_leaks
from folkmoot.eval.scan.missing import absent_seats, cut_off
from folkmoot.eval.scan.subject import Subject
from folkmoot.eval.scan.taken_over import taken_over
from folkmoot.records import InputError

BUILTIN: Mapping[str, Scanner] = MappingProxyType(
    {
        scanner.name: scanner
        for scanner in (
            Scanner(
                "identity-leak",
                "1",
                identity_leaks,
                says="a seat names itself, its model or its kind where peers are anonymous",
            ),
            Scanner(
                "collapse",
                "1",
                collapse,
                says="all come to one option in a round, without a reason in the matter",
            ),
            Scanner("unanimous-from-start", "1", unanimous, says="all first stances are the same"),
            Scanner(
                "words-taken-over",
                "1",
                taken_over,
                says="half of a message stands, word for word, in what another seat had said to it",
            ),
            Scanner(
                "injection",
                "1",
                injections,
                says="a message forges a role, gives orders or speaks to whoever audits",
            ),
            Scanner(
                "hidden-characters",
                "1",
                concealed,
                says="overrides of direction, characters without width, tags, controls",
            ),
            Scanner("cut-off", "1", cut_off, says="a reply that the token limit ended"),
            Scanner("absent-seat", "1", absent_seats, says="calls to a seat without an answer"),
            Scanner(
                "perspective-drift",
                "1",
                drift,
                says="a seat ends elsewhere than its stance, values or red lines began",
            ),
        )
    }
)
"""Name → scanner. The label of what one finds is its name."""


def named(name: str) -> Scanner:
    """A built-in scanner.

    Raises:
        InputError: there is none of this name.
    """
    if name not in BUILTIN:
        raise InputError(f"there is no scanner {name!r}", f"there are: {', '.join(BUILTIN)}")
    return BUILTIN[name]


def own(place: str) -> Scanner:
    """A scanner of the user's own: `module:function`, from a `Subject` to what it finds.

    Its name is the function's `name`, else how it is called; its version the function's `version`, else
    the digest of the file that it is in, so that a changed file scans anew. The code is executed.

    Raises:
        InputError: it cannot be imported, or is no function.
    """
    module, colon, function = place.partition(":")
    if not (module and colon and function):
        raise InputError(f"{place!r} is not MODULE:FUNCTION", "for example mine.scanners:rude")
    try:
        found: Any = getattr(import_module(module), function)
    except Exception as fault:  # Whatever the module of somebody else raises.
        raise InputError(
            f"cannot import {place!r}: {fault}",
            "put the folder that its module is in on PYTHONPATH",
        ) from fault
    scan: Callable[[Subject], Iterable[Found]] = found
    if not callable(found):
        raise InputError(f"{place!r} is no function", "it takes a Subject and yields Found")
    name = str(getattr(found, "name", function))
    version = str(getattr(found, "version", "") or _source(found))
    return Scanner(name, version, scan, {"own": place})


def _source(function: Any) -> str:
    try:
        file = inspect.getsourcefile(function)
        with open(str(file), "rb") as source:
            return hashlib.sha256(source.read()).hexdigest()[:12]
    except (OSError, TypeError):
        return "0"
