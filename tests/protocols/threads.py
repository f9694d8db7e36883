"""Records of acts, written by hand: messages, and what seats declare to do with them."""

from folkmoot.records import Act, Party, Place, Record, Transcript, Turn
from folkmoot.records.terms import ActName, ConflictKind
from tests.protocols.conftest import opening_of


class Threads:
    """A record that grows line by line: `m = said.say("ann", "It helps.")`, then
    `said.act("bo", "attack", m, "It does not.")`. Every line is a step of its own."""

    def __init__(self, *seats: str | Party) -> None:
        self.opening = opening_of(seats, None)
        self.records: list[Record] = []
        self.messages = self.acts = 0

    def say(self, seat: str, text: str) -> str:
        """A message; its id."""
        self.messages += 1
        self.records.append(
            Turn(
                step=self.messages,
                order=0,
                id=f"M{self.messages}",
                seat=seat,
                round=self.messages,
                stage="speak",
                role="statement",
                state="valid",
                text=text,
                call=f"c{self.messages}.0",
            )
        )
        return f"M{self.messages}"

    def act(
        self,
        seat: str,
        act: ActName,
        about: str | None,
        text: str,
        kind: ConflictKind | None = None,
        by: str | None = None,
    ) -> str:
        """An act and its message; the id of the message. `by`: whose message it is, if not the seat's."""
        message = self.say(by or seat, text)
        self.acts += 1
        self.records.append(
            Act(
                step=self.messages,
                order=0,
                id=f"A{self.acts}",
                seat=seat,
                round=self.messages,
                act=act,
                message=message,
                about=about,
                kind=kind,
            )
        )
        return message

    @property
    def seen(self) -> Transcript:
        """The record as a stage after everything reads it."""
        return Transcript(self.opening, self.records, Place(10**6, 0, "contest"))
