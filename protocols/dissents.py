"""Dissents as dissenters are asked about them: which, how many of a seat, and in which words."""

from typing import NamedTuple

from folkmoot.agents import voice
from folkmoot.records import Conflict, Dissent, Party, Reply, Segment, Span, Transcript, Turn


class Asked(NamedTuple):
    """A dissent that its seat is asked about."""

    conflict: Conflict
    dissent: Dissent
    party: Party

    def among(self, replies: tuple[Reply, ...], purpose: str) -> tuple[Reply, ...]:
        """The replies of this seat about this conflict, given for one purpose, in their order."""
        return tuple(
            each
            for each in replies
            if each.purpose == purpose
            and (each.seat, each.about) == (self.party.seat, self.conflict.id)
        )

    def statement(self, seen: Transcript) -> Span | None:
        """What stands as the statement of the dissent: as its seat ratified it, else its own last
        words; None where it has no words on record."""
        for each in seen.ratifications:
            if (each.conflict, each.seat) == (self.conflict.id, self.dissent.seat):
                return each.span
        return self.dissent.span


def dissents(seen: Transcript, most: int) -> tuple[Asked, ...]:
    """The dissents on record, those of the worst conflicts first, `most` of a seat at most."""
    conflicts = {each.id: each for each in seen.conflicts}
    parties = {each.seat: each for each in seen.opening.parties}
    count = dict.fromkeys(parties, 0)
    found: list[Asked] = []
    for settlement in seen.settlements:
        conflict = conflicts.get(settlement.conflict)
        for dissent in settlement.dissent:
            if conflict is None or dissent.seat not in parties or count[dissent.seat] >= most:
                continue
            count[dissent.seat] += 1
            found.append(Asked(conflict, dissent, parties[dissent.seat]))
    return tuple(found)


class Shown(NamedTuple):
    """What a dissenter is shown of its dissent."""

    messages: tuple[Turn, ...]
    """What was decided for, what is contested and the side, where they are messages."""
    issue: str
    side: str
    decided: str
    """What was decided for: an option, or the id of a message."""
    statement: str | None
    """None where the seat has no words on record."""
    quoted: str = ""
    """The id of the message that the statement is in."""


def shown(seen: Transcript, asked: Asked) -> Shown:
    """What the seat is shown of this dissent."""
    conflict, said = asked.conflict, asked.statement(seen)
    side = next((p.summary for p in conflict.positions if p.id == asked.dissent.position), "")
    winner = (seen.decision.winner if seen.decision else None) or ""
    named = {conflict.about, side, winner}
    return Shown(
        tuple(turn for turn in seen.spoken() if turn.id in named),
        conflict.issue,
        side,
        winner,
        None if said is None else said.exact,
        "" if said is None else said.message,
    )


def widest(seen: Transcript) -> Shown:
    """What a seat may be shown at most, whatever was said and decided: for the worst case."""
    turns = sorted(seen.spoken(), key=lambda turn: -len(turn.text))[:3]
    text = turns[0].text if turns else ""
    issues = [each.issue for each in seen.conflicts]
    sides = [p.summary for each in seen.conflicts for p in each.positions]
    options = seen.opening.options or ()
    return Shown(
        tuple(turns),
        max((seen.opening.question, f"Do both hold: “{text}” and “{text}”?", *issues), key=len),
        max((*options, *sides, "reasoning objection", *seen.opening.seats), key=len),
        max((*options, "M1000"), key=len),
        text,
        "M1000",
    )


def prompt(
    seen: Transcript, party: Party, what: Shown, before: str, task: str
) -> tuple[Segment, ...]:
    """The prompt about one dissent; what all dissenters of a conflict are shown comes first.

    Args:
        seen: where the stage stands.
        party: the dissenter.
        what: what it is shown.
        before: a line ahead of the statement of its dissent; not said where there is none.
        task: what it is asked to do.
    """
    lines = [f"The panel decided for this: {_line(what.decided)}", "You do not hold it. The issue:"]
    lines += [_fenced("issue", what.issue), f"Your side: {_line(what.side)}"]
    if what.statement is not None:
        lines += [before, _fenced(what.quoted, what.statement)]
    return (
        *voice.common(seen.opening.question, what.messages),
        voice.own(party),
        voice.task("\n".join([*lines, task])),
        voice.opened("Answer:"),
    )


def _line(text: str) -> str:
    return voice.fenced(" ".join(text.split()))


def _fenced(name: str, text: str) -> str:
    return f'<message id="{name}">\n{voice.fenced(text)}\n</message>'
