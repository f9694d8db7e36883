"""The transcript: a read-only view of a run's records, and the folds that stages and studies use."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import Field, TypeAdapter

from folkmoot.records.acts import QUESTION, Act, Ballot, Issue, Move, Stance, Turn, TurnRole
from folkmoot.records.calls import Reply
from folkmoot.records.conflicts import Conflict, Ratification, ReopenIf, Settlement
from folkmoot.records.decisions import Answer, Decision
from folkmoot.records.flow import Check, Filtering
from folkmoot.records.opening import Opening
from folkmoot.records.relations import Relation, Restatement

Record = Annotated[
    Reply
    | Check
    | Filtering
    | Turn
    | Stance
    | Move
    | Issue
    | Act
    | Ballot
    | Relation
    | Restatement
    | Conflict
    | Settlement
    | Ratification
    | ReopenIf
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
            "act",
            "ballot",
            "relation",
            "restatement",
            "conflict",
            "decision",
            "settlement",
            "ratification",
            "reopen_if",
            "answer",
        )
    )
}


_By = TypeVar("_By", bound=Hashable)
_Item = TypeVar("_Item")


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
            (record for record in self.records if self._is_of(record, inside)),
            self._place,
            self.whole,
        )

    def _is_of(self, record: Record, seats: frozenset[str]) -> bool:
        """Whether a record is of some seats: theirs, or of a clerk about nothing but their messages."""
        if isinstance(record, Relation | Restatement):
            spans = (span for span in (record.first, record.second) if span is not None)
            return all(self.turn(span.message).seat in seats for span in spans)
        seat = getattr(record, "seat", None)
        if isinstance(record, Reply) and seat not in self.opening.seats and record.about:
            about = self._by_id.get(record.about.partition(":")[0])
            return about is not None and about.seat in seats
        return seat in seats

    def next_id(self, kind: Literal["M", "I", "A", "b", "r", "p"], offset: int = 0) -> str:
        """The next free id of a message (M), an issue (I), an act (A), a ballot (b), a relation
        (r) or a restatement (p), over the whole record.

        Args:
            kind: the letter.
            offset: how many of the kind the same stage has numbered already.
        """
        whole = self.whole
        taken = {
            "M": whole.turns,
            "I": whole.issues,
            "A": whole.acts,
            "b": whole.ballots,
            "r": whole.relations,
            "p": whole.restatements,
        }[kind]
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
    def acts(self) -> tuple[Act, ...]:
        """Every declared act."""
        return tuple(record for record in self.records if isinstance(record, Act))

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Every relation between claims that a clerk judged."""
        return tuple(record for record in self.records if isinstance(record, Relation))

    @cached_property
    def restatements(self) -> tuple[Restatement, ...]:
        """Every pair of claims of which a clerk judged whether they make the same point."""
        return tuple(record for record in self.records if isinstance(record, Restatement))

    def ballots_of(self, seat: str) -> tuple[Ballot, ...]:
        """A seat's ballots."""
        return self._ballots_of.get(seat, ())

    @cached_property
    def _ballots_of(self) -> dict[str, tuple[Ballot, ...]]:
        return _grouped(self.ballots, lambda ballot: ballot.seat)

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
    def ratifications(self) -> tuple[Ratification, ...]:
        """What dissenters said of the statements of their dissent."""
        return tuple(record for record in self.records if isinstance(record, Ratification))

    @cached_property
    def conditions(self) -> tuple[ReopenIf, ...]:
        """Under which conditions dissenters would take a conflict up again."""
        return tuple(record for record in self.records if isinstance(record, ReopenIf))

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
        return self._by_id[message]

    @cached_property
    def _by_id(self) -> dict[str, Turn]:
        return {turn.id: turn for turn in reversed(self.turns)}

    def spoken(self, round: int | None = None, role: TurnRole | None = None) -> tuple[Turn, ...]:
        """Messages that have text to hear, of one round or one role if given."""
        turns = self._heard if round is None else self._heard_in.get(round, ())
        return tuple(turn for turn in turns if role is None or turn.role == role)

    @cached_property
    def _heard(self) -> tuple[Turn, ...]:
        return tuple(turn for turn in self.turns if turn.heard)

    @cached_property
    def _heard_in(self) -> dict[int, tuple[Turn, ...]]:
        return _grouped(self._heard, lambda turn: turn.round)

    def stands(self, about: str = QUESTION, seat: str | None = None) -> tuple[Stance, ...]:
        """Stances on one thing, of one seat if given, oldest first."""
        if seat is not None:
            return self._stands_of.get((about, seat), ())
        return self._stands_on.get(about, ())

    @cached_property
    def _stands_on(self) -> dict[str, tuple[Stance, ...]]:
        return _grouped(self.stances, lambda stance: stance.about)

    @cached_property
    def _stands_of(self) -> dict[tuple[str, str], tuple[Stance, ...]]:
        return _grouped(self.stances, lambda stance: (stance.about, stance.seat))

    def last_stand(self, seat: str, about: str = QUESTION) -> Stance | None:
        """A seat's latest valid stance; None if it never took one."""
        valid = [stance for stance in self.stands(about, seat) if stance.state == "valid"]
        return valid[-1] if valid else None


def _grouped(items: Iterable[_Item], by: Callable[[_Item], _By]) -> dict[_By, tuple[_Item, ...]]:
    """Items by a key, in their order: what is asked for once a move must not be looked for anew."""
    found: dict[_By, list[_Item]] = {}
    for item in items:
        found.setdefault(by(item), []).append(item)
    return {each: tuple(those) for each, those in found.items()}
