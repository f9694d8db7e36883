"""Gold: which option is the right one, question by question."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from folkmoot.records import InputError, Opening
from folkmoot.records.base import Frozen


class Gold(Frozen, extra="ignore"):
    """A question and its right answer: `{"question": "…", "answer": "yes"}`.

    Other fields of a file are passed over.
    """

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    """One of the options, as the question was asked with them."""
    options: tuple[str, ...] | None = None
    """Of the runs that it is the answer for; None: of any with this question."""
    task: str | None = None
    """The set that it is from; contributions name these as their priorities."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.options is not None and self.answer not in self.options:
            raise ValueError(f"the answer {self.answer!r} is none of the options")
        return self

    def is_of(self, opening: Opening) -> bool:
        """Whether it is the answer of a run."""
        if opening.question != self.question:
            return False
        return self.options is None or set(self.options) == set(opening.options or ())


def read_gold(path: Path) -> tuple[Gold, ...]:
    """Read a JSONL file of right answers; empty lines are skipped.

    Raises:
        InputError: it cannot be read or holds none; a line is none, or says otherwise than one before
            it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", None) or fault
        raise InputError(f"cannot read {str(path)!r}: {why}", "name a JSONL file") from fault
    found: dict[tuple[str, frozenset[str] | None], Gold] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        each = _parsed(line, f"{path}:{number}")
        key = each.question, None if each.options is None else frozenset(each.options)
        if found.setdefault(key, each).answer != each.answer:
            raise InputError(
                f"{path}:{number}: the question has another right answer further up",
                "keep one of the two",
            )
    if not found:
        raise InputError(f"{str(path)!r} holds no right answer", _FORM)
    return tuple(found.values())


def gold_of(opening: Opening, gold: Sequence[Gold]) -> Gold | None:
    """The right answer of a run; None where it is not known."""
    return next((each for each in gold if each.is_of(opening)), None)


_FORM = 'a line is {"question": …, "answer": …}, with a "task" or without one'


def _parsed(line: str, where: str) -> Gold:
    try:
        return Gold.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{where}: {f'{field}: ' if field else ''}{reason}", _FORM) from error
