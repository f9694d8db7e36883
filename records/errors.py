"""Every error that Folkmoot raises on purpose. One tree, drawn in one place.

FolkmootError
├── InputError            what the user gave cannot be used (exit code 2)
│   ├── PanelError        a panel, an agent or a perspective
│   ├── PoolError         a pool file, a model reference, an engine that cannot start
│   └── GraphError        a protocol that cannot run as asked: every fault in `findings`
├── RecordError           a record cannot be written, read or trusted
│   ├── JournalError      a journal is broken, at a line
│   └── MergeError        two different records under one key
└── EngineError           an engine failed to answer (never a property of the call's text)
    ├── EngineUnavailable the engine is gone or does not answer: may come back
    └── CallRefused       the engine says that this call can never be answered as it is
"""

from collections.abc import Sequence


class FolkmootError(Exception):
    """The root: `hint` says what to do about it, in one line."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n       {self.hint}" if self.hint else self.message


class InputError(FolkmootError):
    """What the user gave cannot be used."""


class PanelError(InputError):
    """A panel, an agent or a perspective is not usable."""


class PoolError(InputError):
    """A pool file or a model reference is not usable, or an engine cannot be started.

    `model` is the name of the model that is at fault, where it is one.
    """

    def __init__(self, message: str, hint: str = "", model: str | None = None) -> None:
        super().__init__(message, hint)
        self.model = model


class GraphError(InputError):
    """A protocol cannot run as asked; `findings` lists every fault that was found."""

    def __init__(self, findings: Sequence[str], hint: str = "") -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(self.findings), hint)


class RecordError(FolkmootError):
    """A record cannot be written, read or trusted."""


class JournalError(RecordError):
    """A journal is broken; `line` is the number of the line, from 1, or None."""

    def __init__(self, message: str, line: int | None = None, hint: str = "") -> None:
        self.line = line
        super().__init__(message if line is None else f"line {line}: {message}", hint)


class MergeError(RecordError):
    """Two different records stand under one key."""


class EngineError(FolkmootError):
    """An engine failed to answer."""


class EngineUnavailable(EngineError):
    """The engine is gone or does not answer; it may come back."""


class CallRefused(EngineError):
    """The engine says that this call can never be answered as it is."""
