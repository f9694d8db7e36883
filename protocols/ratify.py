"""Ratify and correct: each dissenter says whether the statement of its dissent is its own.

    decide ─► ratify ─► correct ─► reopen ─► conclude

Whoever sums a disagreement up may bend it. Here nobody but the dissenter changes a word: the
statement is verbatim, the dissenter confirms it or writes another, and where it can do neither the
verbatim words stand.
"""

from pydantic import Field

from folkmoot.agents import reading, voice
from folkmoot.protocols.dissents import Asked, Shown, dissents, prompt, shown, widest
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.turns import turn
from folkmoot.records import (
    Call,
    Party,
    Ratification,
    Record,
    Reply,
    Segment,
    Span,
    Transcript,
    Turn,
)
from folkmoot.records.base import Frozen
from folkmoot.records.spans import sentences, span
from folkmoot.records.terms import Ratified

RATIFY, CORRECT = "ratify", "correct"
"""Purposes of the calls."""

YES_NO = ("yes", "no")

_RATIFY = "This is on record as your dissent, in your own words:"
_CORRECT = "This is on record as your dissent, and you said that it does not state it:"
_STATE = "State your dissent in your own words. One sentence."


class Ratify(Frozen):
    """Every dissenter says of the statement of its dissent whether that states it, in both orders.

    Who has no words on record has nothing to ratify: `Correct` asks for a statement.
    """

    most: int = Field(default=3, ge=1, le=99)
    """Dissents that one seat is asked about at most, those of the worst conflicts."""
    name: str = "ratify"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """Two `choose` calls for each dissent that has words on record."""
        calls = Calls(seen)
        for asked in dissents(seen, self.most):
            if asked.dissent.span is not None:
                _weigh(calls, seen, asked.party, shown(seen, asked), asked.conflict.id)
        return calls.done()

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every seat dissented from so much, in the longest words."""
        calls, what = Calls(seen), widest(seen)
        for party in seen.opening.parties:
            for place in range(self.most):
                _weigh(calls, seen, party, what, f"cf{place + 1}")
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """A ratification of each dissent but those that were refused: `Correct` tells of these.

        confirmed: yes. unreadable: neither yes nor no could be read, or they were as likely.
        unavailable: no reply came.
        """
        told: list[Record] = []
        for asked in dissents(seen, self.most):
            state = _ratified(asked, replies)
            if state is not None:
                told.append(_ratification(seen, asked, len(told), state, asked.dissent.span))
        return tuple(told)


class Correct(Frozen):
    """Every dissenter whose dissent is stated wrongly, or not at all, states it in its own words."""

    most: int = Field(default=3, ge=1, le=99)
    """Dissents that one seat is asked about at most, those of the worst conflicts."""
    name: str = "correct"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call for each dissent whose statement was refused, or is missing."""
        calls = Calls(seen)
        for asked in self._refused(seen):
            segments = prompt(seen, asked.party, shown(seen, asked), _CORRECT, _STATE)
            calls.generate(asked.party, CORRECT, segments, about=asked.conflict.id)
        return calls.done()

    def at_most(self, seen: Transcript) -> tuple[Call, ...]:
        """The calls if every seat dissented from so much, and refused every statement."""
        return all_dissent(seen, self.most, CORRECT, _CORRECT, _STATE)

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The corrections as messages, and a ratification of each.

        corrected: its own words stand. unreadable: it wrote nothing that can be quoted.
        unavailable: no reply came. Of these two the verbatim words stand.
        """
        turns: list[Turn] = []
        told: list[Record] = []
        for asked in self._refused(seen):
            for reply in asked.among(replies, CORRECT)[:1]:
                quoted = asked.dissent.span
                answers = () if quoted is None else (quoted.message,)
                turns.append(turn(seen, reply, len(turns), "dissent", replies_to=answers))
                state, stands = _corrected(turns[-1], quoted)
                told.append(_ratification(seen, asked, len(told), state, stands))
        return (*turns, *told)

    def _refused(self, seen: Transcript) -> tuple[Asked, ...]:
        """The dissents that were refused, and those without words on record."""
        return tuple(
            asked
            for asked in dissents(seen, self.most)
            if asked.dissent.span is None or _said(asked, seen.replies) == "no"
        )


def all_dissent(
    seen: Transcript, most: int, purpose: str, before: str, task: str
) -> tuple[Call, ...]:
    """One `generate` call for each seat and each dissent that it is asked about at most."""
    calls, what = Calls(seen), widest(seen)
    for party in seen.opening.parties:
        for place in range(most):
            segments = prompt(seen, party, what, before, task)
            calls.generate(party, purpose, segments, about=f"cf{place + 1}")
    return calls.done()


def _weigh(calls: Calls, seen: Transcript, party: Party, what: Shown, about: str) -> None:
    for reverse in (False, True):
        laid_out = voice.choice(YES_NO, reverse=reverse)
        calls.choose(
            party, RATIFY, _question(seen, party, what, laid_out), laid_out.continuations, about
        )


def _question(
    seen: Transcript, party: Party, what: Shown, laid_out: voice.Choice
) -> tuple[Segment, ...]:
    task = f"{voice.options_block(laid_out)}\nDoes this state your dissent?"
    return prompt(seen, party, what, _RATIFY, task)


def _read(asked: Asked, replies: tuple[Reply, ...]) -> reading.Weighed | None:
    """What the seat said of the statement; None where it was not asked."""
    mine = asked.among(replies, RATIFY)
    orders = (voice.choice(YES_NO), voice.choice(YES_NO, reverse=True))
    if len(mine) != len(orders):
        return None
    return reading.weigh(YES_NO, list(zip(orders, mine, strict=True)))


def _said(asked: Asked, replies: tuple[Reply, ...]) -> str | None:
    read = _read(asked, replies)
    return None if read is None else read.choice


def _ratified(asked: Asked, replies: tuple[Reply, ...]) -> Ratified | None:
    """None: it was not asked, or said no."""
    read = _read(asked, replies)
    if read is None or read.choice == "no" or asked.dissent.span is None:
        return None
    if read.choice == "yes":
        return "confirmed"
    return "unavailable" if read.state == "unavailable" else "unreadable"


def _corrected(said: Turn, verbatim: Span | None) -> tuple[Ratified, Span | None]:
    """All of a correction stands: to cut it would be to state the dissent for the seat again."""
    if said.state == "unavailable":
        return "unavailable", verbatim
    pieces = sentences(said.text) if said.heard else ()
    if not pieces:
        return "unreadable", verbatim
    return "corrected", span(said, pieces[0][0], pieces[-1][1])


def _ratification(
    seen: Transcript, asked: Asked, order: int, state: Ratified, stands: Span | None
) -> Ratification:
    return Ratification(
        step=seen.place.step,
        order=order,
        conflict=asked.conflict.id,
        seat=asked.dissent.seat,
        position=asked.dissent.position,
        state=state,
        span=stands,
    )
