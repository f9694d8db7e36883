"""What can be run: a name, parameters, and parts; and what can be seen to be wrong with it."""

from collections.abc import Sequence

from folkmoot.protocols import faults
from folkmoot.protocols.deliberation import Deliberation
from folkmoot.protocols.description import description
from folkmoot.protocols.logged import Logged
from folkmoot.protocols.parts import Part
from folkmoot.protocols.program import unroll
from folkmoot.protocols.setting import Setting
from folkmoot.records import ProtocolRef, canonical, digest


def unbounded(parts: Sequence[Part]) -> tuple[str, ...]:
    """Faults that keep a protocol from being unrolled; () if there are none."""
    return _said(faults.unbounded(parts))


def ungrouped(parts: Sequence[Part], seats: Sequence[str]) -> tuple[str, ...]:
    """Faults of groups: seats that are not there, none, or in two groups side by side."""
    return _said(faults.ungrouped(parts, seats))


def unoffered(parts: Sequence[Part], options: Sequence[str] | None) -> tuple[str, ...]:
    """Faults of what names options: those that the question does not have."""
    return _said(faults.unoffered(parts, options))


def unmet(parts: Sequence[Part], seats: Sequence[str]) -> tuple[str, ...]:
    """Faults of fan-ins: more seats needed than there are, or none."""
    return _said(faults.unmet(parts, seats))


def unseated(parts: Sequence[Part], seats: Sequence[str]) -> tuple[str, ...]:
    """Faults of stages that name a seat which is not on the panel, or not in their group."""
    return _said(faults.unseated(parts, seats))


def _said(found: Sequence[faults.Fault]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.what for each in found))


def kind_of(protocol: Deliberation) -> str | None:
    """`module:Class` of a protocol of somebody's own; None of the library's, and of a class inside a
    function or a script, which cannot be imported."""
    kind = type(protocol.inner if isinstance(protocol, Logged) else protocol)
    library = kind.__module__.partition(".")[0] == __name__.partition(".")[0]
    if library or kind.__module__ == "__main__" or "<" in kind.__qualname__:
        return None
    return f"{kind.__module__}:{kind.__qualname__}"


def reference(protocol: Deliberation, setting: Setting) -> ProtocolRef:
    """The protocol as the record names it, with the digest of its unrolled steps.

    Raises:
        TypeError: a stage or a condition is a plain object, which has no lasting description.
    """
    steps = [
        [
            step.number,
            step.wave,
            step.round,
            description(step.stage),
            [list(guard) for guard in step.guards],
            step.begins,
            None if step.seats is None else list(step.seats),
            step.need,
        ]
        for step in unroll(protocol.parts(setting))
    ]
    return ProtocolRef(
        name=protocol.name,
        version=protocol.version,
        params=protocol.params(),
        kind=kind_of(protocol),
        log=protocol.log.params() if isinstance(protocol, Logged) else None,
        graph_sha256=digest(canonical(steps)),
    )
