"""Subject: a record as a scanner reads it."""

import re
from functools import cached_property
from pathlib import Path
from typing import Final

from folkmoot.records import JournalView, Opening, Outcome, Stance, Transcript, Turn, outcome_of

QUOTED: Final = re.compile(
    '\u201c[^\u201d]{0,4000}\u201d|"[^"\n]{0,4000}"|\u00ab[^\u00bb]{0,4000}\u00bb|^>.*$',
    re.MULTILINE,
)
"""What a message sets off as others' words."""

_SHOWN: Final = re.compile(r'\s*<message id="([^"]+)"( seat=")?')
_IN_TASK: Final = re.compile(r'<message id="([^"]+)"')


class Subject:
    """A record, read. What costs time is worked out when it is first asked for, and once.

    Attributes:
        folder: where it is.
        view: its journal.
    """

    def __init__(self, folder: Path, view: JournalView) -> None:
        self.folder = folder
        self.view = view

    @property
    def opening(self) -> Opening:
        """How the run began."""
        return self.view.opening

    @cached_property
    def transcript(self) -> Transcript:
        """All that was said and decided."""
        return Transcript(self.view.opening, self.view.records)

    @cached_property
    def outcome(self) -> Outcome:
        """All that the run came to."""
        return outcome_of(self.view, self.folder)

    @property
    def said(self) -> tuple[Turn, ...]:
        """The messages that have text."""
        return self.transcript.spoken()

    @cached_property
    def rounds(self) -> dict[int, dict[str, Stance]]:
        """Round → seat → its last stance on the question in that round, whatever its state."""
        found: dict[int, dict[str, Stance]] = {}
        for stance in self.transcript.stands():
            found.setdefault(stance.round, {})[stance.seat] = stance
        return dict(sorted(found.items()))

    @cached_property
    def heard(self) -> dict[str, frozenset[str]]:
        """Call id → ids of the messages that its prompt showed."""
        known = {turn.id for turn in self.transcript.turns}
        found: dict[str, frozenset[str]] = {}
        for call in self.view.calls:
            shown = {segment.label for segment in call.segments} & known
            for segment in call.segments:
                if segment.label == "task":
                    shown.update(known.intersection(_IN_TASK.findall(segment.text)))
            found[call.id] = frozenset(shown)
        return found

    @cached_property
    def anonymous(self) -> bool:
        """Whether messages were shown to seats, and none with the name of who said it."""
        shown = False
        for call in self.view.calls:
            for segment in call.segments:
                mark = _SHOWN.match(segment.text) if segment.label else None
                marks = [mark] if mark is not None and mark[1] == segment.label else []
                marks += _SHOWN.finditer(segment.text) if segment.label == "task" else []
                shown = shown or bool(marks)
                if any(each[2] is not None for each in marks):
                    return False
        return shown
