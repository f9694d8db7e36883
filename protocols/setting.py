"""What a protocol is put together for: the seats of the panel, and the options of the question."""

from typing import NamedTuple

from folkmoot.records import Opening


class Setting(NamedTuple):
    """Seats and options. Which steps there are follows from these and from the parameters alone."""

    seats: tuple[str, ...]
    options: tuple[str, ...] | None = None
    """The answers to choose from; None for an open question."""

    @classmethod
    def of(cls, opening: Opening) -> "Setting":
        """That of a run."""
        return cls(opening.seats, opening.options)

    @property
    def open_question(self) -> bool:
        """Whether there are no options."""
        return self.options is None
