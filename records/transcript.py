"""The transcript: a read-only view of a run's records, and the folds that stages and studies use."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, TypeAdapter

from folkmoot.records.acts import QUESTION, Ballot, Issue, Move, Stance, Turn, TurnRole
from folkmoot.records.calls import Reply
from folkmoot.records.conflicts import Conflict, Settlement
from folkmoot.records.decisions import Answer, Decision
from folkmoot.records.flow import Check, Filtering
from folkmoot.records.opening import Opening

Record = Annotated[
    Reply
    | Check
    | Filtering
    | Turn
    | Stance
    | Move
    | Issue
    | Ballot
    | Conflict
    | Settlement
    | Decision
    | Answer,
    Field(discriminator="record"),
]
RecordAdapter: TypeAdapter[Record] = TypeAdapter(Record)

_RANK = {
    name: rank
    for rank, name in enumerate(
        (
            "reply",
            "check",
            "filtering",
            "stance",
            "move",
            "turn",
            "issue",
            "ballot",
            "conflict",
            "decision",
            "settlement",
            "answer",
        )
    )
}


class Key(NamedTuple):
    """Where a record stands. Unique in a run; records sort by it, whatever the order of arrival."""

    step: int
    rank: int
    order: int


def key(record: Record) -> Key:
    """The key of a record: its step, its kind, its place in the step."""
    return Key(record.step, _RANK[record.record], record.order)


class Place(NamedTuple):
    """Where in the protocol a stage is asked: which step, in which round."""

    step: int
    round: int
    stage: str


class Transcript:
    """What has been said and decided so far, in the order of the record.

    Args:
        opening: how the run began.
        records: any records of the run, in any order.
        place: where the stage that reads it stands; None outside a run.
        whole: where this is what a group sees of it: everything on record. None: this is all.
    """

    def __init__(
        self,
        opening: Opening,
        records: Iterable[Record] = (),
        place: Place | None = None,
        whole: "Transcript | None" = None,
    ) -> None:
        self.opening = opening
        self.records: tuple[Record, ...] = tuple(sorted(records, key=key))
        self.whole = self if whole is None else whole
        self._place = place

    @property
    def place(self) -> Place:
        """Where the reading stage stands; RuntimeError outside a run."""
        if self._place is None:
            raise RuntimeError("this transcript is not being read by a stage")
        return self._place

    def at(self, place: Place) -> "Transcript":
        """The same records, read from another place."""
        return Transcript(self.opening, self.records, place, self._larger)

    def within(self, seats: Iterable[str]) -> "Transcript":
        """What a group has said and done, as if it were the whole panel: its seats, their records."""
        inside = frozenset(seats)
        parties = tuple(party for party in self.opening.parties if party.seat in inside)
        return Transcript(
            self.opening.model_copy(update={"parties": parties}),
            (record for record in self.records if getattr(record, "seat", None) in inside),
            self._place,
            self.whole,
        )

    def next_id(self, kind: Literal["M", "I", "b"], offset: int = 0) -> str:
        """The next free id of a message (M), an issue (I) or a ballot (b), over the whole record.

        Args:
            kind: the letter.
            offset: how many of the kind the same stage has numbered already.
        """
        taken = {"M": self.whole.turns, "I": self.whole.issues, "b": self.whole.ballots}[kind]
        return f"{kind}{len(taken) + offset + 1}"

    @property
    def _larger(self) -> "Transcript | None":
        return None if self.whole is self else self.whole

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def replies(self) -> tuple[Reply, ...]:
        """Every reply, in the order of the calls."""
        return tuple(record for record in self.records if isinstance(record, Reply))

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every condition that was looked at."""
        return tuple(record for record in self.records if isinstance(record, Check))

    @cached_property
    def filterings(self) -> tuple[Filtering, ...]:
        """What filters showed to whom."""
        return tuple(record for record in self.records if isinstance(record, Filtering))

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """Every message."""
        return tuple(record for record in self.records if isinstance(record, Turn))

    @cached_property
    def stances(self) -> tuple[Stance, ...]:
        """Every stance, on the question and on claims."""
        return tuple(record for record in self.records if isinstance(record, Stance))

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Every change of a stance."""
        return tuple(record for record in self.records if isinstance(record, Move))

    @cached_property
    def issues(self) -> tuple[Issue, ...]:
        """Every typed objection."""
        return tuple(record for record in self.records if isinstance(record, Issue))

    @cached_property
    def ballots(self) -> tuple[Ballot, ...]:
        """Every ballot."""
        return tuple(record for record in self.records if isinstance(record, Ballot))

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Every conflict, as drawn up before the decision."""
        return tuple(record for record in self.records if isinstance(record, Conflict))

    @cached_property
    def settlements(self) -> tuple[Settlement, ...]:
        """What the decision did to each conflict."""
        return tuple(record for record in self.records if isinstance(record, Settlement))

    @cached_property
    def decision(self) -> Decision | None:
        """The last decision; None before there is one."""
        found = [record for record in self.records if isinstance(record, Decision)]
        return found[-1] if found else None

    @cached_property
    def answer(self) -> Answer | None:
        """The answer; None before there is one."""
        found = [record for record in self.records if isinstance(record, Answer)]
        return found[-1] if found else None

    def turn(self, message: str) -> Turn:
        """The message with that id; KeyError if there is none."""
        for turn in self.turns:
            if turn.id == message:
                return turn
        raise KeyError(message)

    def spoken(self, round: int | None = None, role: TurnRole | None = None) -> tuple[Turn, ...]:
        """Messages that have text to hear, of one round or one role if given."""
        return tuple(
            turn
            for turn in self.turns
            if turn.heard
            and (round is None or turn.round == round)
            and (role is None or turn.role == role)
        )

    def stands(self, about: str = QUESTION, seat: str | None = None) -> tuple[Stance, ...]:
        """Stances on one thing, of one seat if given, oldest first."""
        return tuple(
            stance
            for stance in self.stances
            if stance.about == about and (seat is None or stance.seat == seat)
        )

    def last_stand(self, seat: str, about: str = QUESTION) -> Stance | None:
        """A seat's latest valid stance; None if it never took one."""
        valid = [stance for stance in self.stands(about, seat) if stance.state == "valid"]
        return valid[-1] if valid else None
