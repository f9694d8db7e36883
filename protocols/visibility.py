"""Visibility: what of a message a reader is shown, whoever said it."""

from typing import Any, cast

from folkmoot.records import InputError
from folkmoot.records.base import Frozen


class Visibility(Frozen):
    """What a reader is shown of what it hears. `Visibility.of("answer", "confidence")`.

    By default the answer and the rationale, anonymously.
    """

    answer: bool = True
    """The option that a message argues for. Of an open question's answer, which has no option, the
    text."""
    rationale: bool = True
    """The text."""
    confidence: bool = False
    """The probability that the speaker's stance gave to its choice, where it was measured."""
    identity: bool = False
    """The seat's name."""
    tally: bool = False
    """How many of the seats that the reader reads held which option after the last round."""

    @classmethod
    def of(cls, *given: Any) -> "Visibility":
        """A visibility, from one, from a dict, or from the names of what is shown and nothing else.

        Raises:
            InputError: it is none of these, or a name is not known.
        """
        shown: Any = given[0] if len(given) == 1 else given
        if isinstance(shown, cls):
            return shown
        if isinstance(shown, dict):
            return cls.model_validate(shown)
        if not isinstance(shown, str | list | tuple | set | frozenset):
            raise InputError(f"{shown!r} is no visibility", f"name some of: {', '.join(_FIELDS)}")
        names = {shown} if isinstance(shown, str) else set(cast("list[str]", shown))
        if unknown := sorted(map(str, names - set(_FIELDS))):
            raise InputError(
                f"there is no {unknown[0]!r} to show", f"there are: {', '.join(_FIELDS)}"
            )
        return cls(**{field: field in names for field in _FIELDS})


_FIELDS = tuple(Visibility.model_fields)
