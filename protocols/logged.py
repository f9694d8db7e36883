"""A protocol with a log of its own: any protocol, its conflicts found and its dissents ratified so."""

from collections.abc import Sequence
from typing import Any

from folkmoot.protocols.claims import EmbedClaims
from folkmoot.protocols.clerk import CLERK, NAMED_CLERK, Clerk
from folkmoot.protocols.conclude import Conclude
from folkmoot.protocols.contest import Contest
from folkmoot.protocols.declare import Declare
from folkmoot.protocols.deliberation import Deliberation
from folkmoot.protocols.log import Log
from folkmoot.protocols.parts import FanIn, Gate, Group, Parallel, Part, Repeat
from folkmoot.protocols.ratify import Correct, Ratify
from folkmoot.protocols.reopen import Reopen
from folkmoot.protocols.same_point import SamePoint
from folkmoot.protocols.setting import Setting
from folkmoot.protocols.stage import Stage
from folkmoot.protocols.write import NAMED_WRITER, WRITER, Write
from folkmoot.records.base import Frozen


class Logged(Frozen, arbitrary_types_allowed=True):
    """A protocol whose conflicts are found, and whose dissents are ratified, as a log says.

    `Logged(protocol=Debate(), log=Log(clerk="smollm2-clerk", ratify=True))`. The protocol itself does
    not know of it: before each of its `contest` stages stand those that find conflicts, before each
    `conclude` those that ask the dissenters, and in its place a model that writes, if one is named.
    """

    protocol: Any
    """A `Deliberation`."""
    log: Log

    @property
    def inner(self) -> Deliberation:
        """The protocol without its log."""
        return self.protocol

    @property
    def name(self) -> str:
        """The protocol's."""
        return self.inner.name

    @property
    def version(self) -> str:
        """The protocol's."""
        return self.inner.version

    def params(self) -> dict[str, Any]:
        """The protocol's; the log stands beside them in the record."""
        return self.inner.params()

    def parts(self, setting: Setting) -> Sequence[Part]:
        """The protocol's parts with the stages of the log among them."""
        return _with(self.inner.parts(setting), self.log)

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """The protocol's; and a seat that goes by the name of the clerk, or of the writer."""
        taken = CLERK in seats and bool(self.log.clerk or self.log.llm)
        writes = WRITER in seats and self.log.writer is not None
        named = (*((NAMED_CLERK,) if taken else ()), *((NAMED_WRITER,) if writes else ()))
        return (*self.inner.faults(seats), *named)


def with_log(protocol: Deliberation, log: Log | None) -> Deliberation:
    """The protocol under a log, in place of the one that it was under; without any if it is the default
    one. None: as it is."""
    if log is None:
        return protocol
    inner = protocol.inner if isinstance(protocol, Logged) else protocol
    return inner if log == Log() else Logged(protocol=inner, log=log)


def log_of(protocol: Deliberation) -> Log:
    """Under which log a protocol runs."""
    return protocol.log if isinstance(protocol, Logged) else Log()


def _with(parts: Sequence[Part], log: Log) -> tuple[Part, ...]:
    return tuple(each for part in parts for each in _one(part, log))


def _one(part: Part, log: Log) -> tuple[Part, ...]:
    match part:
        case Repeat():
            return (part._replace(body=_with(part.body, log)),)
        case Gate():
            then, otherwise = _with(part.then, log), _with(part.otherwise, log)
            return (part._replace(then=then, otherwise=otherwise),)
        case Group():
            return (part._replace(body=_with(part.body, log)),)
        case Parallel():
            groups = tuple(group._replace(body=_with(group.body, log)) for group in part.groups)
            return (part._replace(groups=groups),)
        case FanIn():
            return (part,)
        case Contest():
            return (*_finding(log), part.model_copy(update={"layers": log.layers}))
        case Conclude():
            end = part if log.writer is None else Write(model=log.writer)
            return (*_asking(log), end)
        case _:
            return (part,)


def _finding(log: Log) -> tuple[Stage, ...]:
    """The stages that ask before conflicts are drawn up, cheapest first."""
    judged = log.clerk is not None or log.llm is not None
    embed = (EmbedClaims(model=log.embed),) if judged and log.embed is not None else ()
    clerk = () if log.clerk is None else _judging(log, log.clerk, 0)
    llm = () if log.llm is None else _judging(log, log.llm, log.votes)
    return (*((Declare(),) if log.declare else ()), *embed, *clerk, *llm)


def _judging(log: Log, model: str, votes: int) -> tuple[Stage, ...]:
    same = (SamePoint(model=model, pairs=log.pairs, votes=votes),) if log.same else ()
    return (Clerk(model=model, pairs=log.pairs, votes=votes), *same)


def _asking(log: Log) -> tuple[Stage, ...]:
    ratify: tuple[Stage, ...] = (Ratify(), Correct()) if log.ratify else ()
    return (*ratify, *((Reopen(),) if log.reopen else ()))
