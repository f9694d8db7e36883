"""Every error that Folkmoot raises on purpose. One tree, drawn in one place.

FolkmootError
├── InputError            what the user gave cannot be used (exit code 2)
│   ├── PanelError        a panel, an agent or a perspective
│   ├── ContributionError a contribution, a roster or a step of admission
│   ├── PoolError         a pool file, a model reference, an engine that cannot start
│   └── GraphError        a protocol that cannot run as asked: every fault in `findings`
├── RecordError           a record cannot be written, read or trusted
│   ├── JournalError      a journal is broken, at a line
│   └── MergeError        two different records under one key
├── Waiting               a run waits for people, with all else on disk (exit code 3)
└── EngineError           an engine failed to answer (never a property of the call's text)
    ├── EngineUnavailable the engine is gone or does not answer: may come back
    └── CallRefused       the engine says that this call can never be answered as it is
        └── EngineRefused …and no other either: not what is asked is at fault, but who or where
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


class ContributionError(InputError):
    """A contribution, a roster or a step of admission is not usable."""


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


class Waiting(FolkmootError):
    """A run waits for people. Everything else is on record; it goes on once they have answered.

    `record` is its folder, `calls` are the ids of the calls that wait.
    """

    def __init__(self, message: str, hint: str, record: str, calls: Sequence[str]) -> None:
        super().__init__(message, hint)
        self.record = record
        self.calls = tuple(calls)


class EngineError(FolkmootError):
    """An engine failed to answer."""


class EngineUnavailable(EngineError):
    """The engine is gone or does not answer; it may come back.

    `alive`: whether it said so itself, and so has lost nothing that it held. `wait_s`: seconds for
    which it asks to be left alone; None where it does not ask. `late`: whether it was given up for
    taking too long.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        alive: bool = False,
        wait_s: float | None = None,
        late: bool = False,
    ) -> None:
        super().__init__(message, hint)
        self.late = late
        self.alive = alive
        self.wait_s = wait_s


class CallRefused(EngineError):
    """The engine says that this call can never be answered as it is."""


class EngineRefused(CallRefused):
    """The engine refuses whatever it is asked: the key is not accepted, or nothing is served there.

    Another engine with the same model may well answer."""
