"""What can be run: a name, a version, parameters and parts."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from folkmoot.protocols.parts import Part
from folkmoot.protocols.setting import Setting


@runtime_checkable
class Deliberation(Protocol):
    """What can be run: a name, a version, parameters, and its parts for either kind of question."""

    @property
    def name(self) -> str:
        """As the command line and the record know it."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same parameters would ask or decide differently."""
        ...

    def params(self) -> dict[str, Any]:
        """Its parameters as JSON values."""
        ...

    def parts(self, setting: Setting) -> Sequence[Part]:
        """Its parts, for these seats and options."""
        ...

    def faults(self, seats: tuple[str, ...]) -> tuple[str, ...]:
        """What of its parameters does not fit these seats; () if nothing."""
        ...
