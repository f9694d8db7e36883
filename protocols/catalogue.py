"""The named protocols: what can be asked for by name, on the command line or in a record."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from folkmoot.protocols.compose import Deliberation
from folkmoot.protocols.consensus import Consensus
from folkmoot.protocols.controls import BlindVote, SelfConsistency, Single
from folkmoot.protocols.critique_revise import CritiqueRevise
from folkmoot.protocols.debate import Debate
from folkmoot.records import InputError
from folkmoot.records.base import Frozen

_NAMED: Mapping[str, type[Frozen]] = {
    "debate": Debate,
    "critique-revise": CritiqueRevise,
    "consensus": Consensus,
    "single": Single,
    "blind-vote": BlindVote,
    "self-consistency": SelfConsistency,
}


class Entry(NamedTuple):
    """A named protocol."""

    name: str
    summary: str
    params: dict[str, str]
    """Parameter → its default, as text."""


def catalogue() -> tuple[Entry, ...]:
    """Every named protocol, with its parameters."""
    return tuple(
        Entry(
            name=name,
            summary=(kind.__doc__ or "").strip().split(". ")[0].rstrip("."),
            params={
                field: "needed"
                if info.is_required()
                else _shown(info.get_default(call_default_factory=True))
                for field, info in kind.model_fields.items()
                if field not in ("name", "version")
            },
        )
        for name, kind in _NAMED.items()
    )


def _shown(default: Any) -> str:
    """A default as it would be written: a rule or a topology by its name, what is not set as `-`."""
    return "-" if default is None else str(getattr(default, "name", default))


def named(name: str, /, **params: Any) -> Deliberation:
    """Build a protocol by its name.

    Raises:
        InputError: no protocol has that name, or a parameter is unknown or of the wrong form.
    """
    kind = _NAMED.get(name)
    if kind is None:
        raise InputError(f"no protocol is named {name!r}", f"there are: {', '.join(_NAMED)}")
    if reserved := {"name", "version"} & set(params):
        raise InputError(
            f"protocol {name!r} has no parameter {min(reserved)!r}",
            "its name and version are its own",
        )
    try:
        built = kind(**params)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "parameters"
        known = ", ".join(field for field in kind.model_fields if field not in ("name", "version"))
        raise InputError(
            f"protocol {name!r}: {field}: {first['msg']}", f"its parameters are: {known}"
        ) from error
    assert isinstance(built, Deliberation)
    return built
