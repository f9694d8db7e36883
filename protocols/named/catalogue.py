"""The named protocols: what can be asked for by name, on the command line or in a record."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from folkmoot.protocols.deliberation import Deliberation
from folkmoot.protocols.named import exchanges, plural, trials
from folkmoot.protocols.named.angel_devil import AngelDevil
from folkmoot.protocols.named.anti_conformity import AntiConformity
from folkmoot.protocols.named.before_a_judge import BeforeAJudge
from folkmoot.protocols.named.consensus import Consensus
from folkmoot.protocols.named.controls import (
    BestOfN,
    BlindVote,
    NoisePeers,
    SelfConsistency,
    SelfCorrection,
    Single,
)
from folkmoot.protocols.named.council import Council
from folkmoot.protocols.named.critique_revise import CritiqueRevise
from folkmoot.protocols.named.debate import Debate
from folkmoot.protocols.named.delphi import Delphi
from folkmoot.protocols.named.group_debate import GroupDebate
from folkmoot.protocols.named.jury import Jury
from folkmoot.protocols.named.library import Library
from folkmoot.protocols.named.mixture import Mixture
from folkmoot.protocols.named.round_table import RoundTable
from folkmoot.records import InputError

_KINDS: tuple[type[Library], ...] = (
    Debate,
    CritiqueRevise,
    Consensus,
    AngelDevil,
    RoundTable,
    AntiConformity,
    GroupDebate,
    Mixture,
    Council,
    Delphi,
    Jury,
    BeforeAJudge,
    exchanges.SparseDebate,
    exchanges.Memory,
    exchanges.Report,
    exchanges.Relay,
    exchanges.TreeDebate,
    exchanges.TrustDebate,
    exchanges.GatedDebate,
    exchanges.RoundRobin,
    exchanges.SimultaneousTalk,
    exchanges.CollectiveRefinement,
    exchanges.DiverseMethods,
    trials.CrossExamination,
    trials.RefuteToSurvive,
    trials.DevilsAdvocate,
    trials.Blackboard,
    plural.Overton,
    plural.Steerable,
    plural.Distributional,
    Single,
    BlindVote,
    SelfConsistency,
    SelfCorrection,
    BestOfN,
    NoisePeers,
)
_NAMED: Mapping[str, type[Library]] = {
    str(kind.model_fields["name"].default): kind for kind in _KINDS
}


class Entry(NamedTuple):
    """A named protocol."""

    name: str
    summary: str
    params: dict[str, str]
    """Parameter → its default, as text."""


def catalogue() -> tuple[Entry, ...]:
    """Every named protocol, with its parameters."""
    return tuple(entry(name, kind) for name, kind in _NAMED.items())


def entry(name: str, kind: Any) -> Entry:
    """What there is to say about a kind of protocol; one that is no frozen class has no parameters."""
    fields = getattr(kind, "model_fields", {}) if isinstance(kind, type) else {}
    return Entry(
        name=name,
        summary=re.split(r"\.\s", (kind.__doc__ or "").strip())[0].rstrip("."),
        params={
            field: "needed"
            if info.is_required()
            else _shown(info.get_default(call_default_factory=True))
            for field, info in fields.items()
            if field not in ("name", "version")
        },
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
