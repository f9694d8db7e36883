"""Imported: a transcript of something else takes its place in a record; nobody is asked.

The messages come into the journal as replies before the run begins. What this stage knows of each is
numbers alone, so that no text of a stranger's file is ever read as the name of anything.
"""

from folkmoot.protocols.stage import WEIGHING
from folkmoot.records import Call, Move, Record, Reply, Stance, Transcript, Turn
from folkmoot.records.base import Frozen

MESSAGE = "message"
"""Purpose of the calls."""


class Imported(Frozen):
    """Messages that were said elsewhere, in their order, with the option that each argues for.

    Only `folkmoot import` makes a record with it. In a run it asks nobody and says nothing.
    """

    seats: tuple[int, ...]
    """Of each message: its seat, counted from 0."""
    rounds: tuple[int, ...]
    """Of each message: its round."""
    choices: tuple[int, ...] = ()
    """Of each message: the option that it argues for, counted from 1; 0 where it names none. () for all."""
    replies_to: tuple[tuple[int, ...], ...] = ()
    """Of each message: the messages that it answers, counted from 1. () for all."""
    name: str = "imported"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """A call for each message. Each has its reply on record already."""
        if seen.opening.imported is None:
            return ()
        parties = seen.opening.parties
        return tuple(
            Call(
                step=seen.place.step,
                order=order,
                round=self.rounds[order],
                stage=seen.place.stage,
                seat=parties[seat].seat,
                model=parties[seat].model,
                op="generate",
                purpose=MESSAGE,
                segments=(),
                sampling=WEIGHING,
            )
            for order, seat in enumerate(self.seats)
        )

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A message for each reply, a stance for each that argues for an option, and a move where that
        is another than its seat held: why it moved nobody asked, so it is unexplained."""
        turns: list[Record] = []
        stances: list[Record] = []
        moves: list[Record] = []
        held: dict[str, str] = {}
        for order, reply in enumerate(replies):
            choice = self._choice(seen, order)
            turns.append(self._turn(seen, reply, order, choice))
            if choice is None:
                continue
            step, round = seen.place.step, self.rounds[order]
            stances.append(
                Stance(
                    step=step,
                    order=len(stances),
                    seat=reply.seat,
                    round=round,
                    stage=seen.place.stage,
                    options=seen.opening.options or (),
                    state="valid",
                    choice=choice,
                    source="stated",
                )
            )
            before = held.get(reply.seat, choice)
            held[reply.seat] = choice
            if before != choice:
                moves.append(
                    Move(
                        step=step,
                        order=len(moves),
                        seat=reply.seat,
                        round=round,
                        from_choice=before,
                        to_choice=choice,
                        because="unexplained",
                    )
                )
        return (*turns, *stances, *moves)

    def _turn(self, seen: Transcript, reply: Reply, order: int, choice: str | None) -> Turn:
        answers = self.replies_to[order] if self.replies_to else ()
        return Turn(
            step=seen.place.step,
            order=order,
            id=seen.next_id("M", order),
            seat=reply.seat,
            round=self.rounds[order],
            stage=seen.place.stage,
            role="statement",
            state="valid" if reply.state == "ok" else "empty",
            text=reply.text,
            answer=choice,
            replies_to=tuple(f"M{number}" for number in answers),
            call=reply.call,
        )

    def _choice(self, seen: Transcript, order: int) -> str | None:
        number = self.choices[order] if self.choices else 0
        return seen.opening.options[number - 1] if number and seen.opening.options else None
