"""Candidate: seats write group statements that all could accept, from what everyone has said."""

from typing import Literal

from folkmoot.agents import voice
from folkmoot.protocols.stage import Calls
from folkmoot.protocols.table import leading
from folkmoot.protocols.turns import in_order, turn
from folkmoot.records import Call, Record, Reply, Transcript, Turn
from folkmoot.records.base import Frozen

_WRITE = (
    "Write one statement on the question that all who wrote these messages could accept. "
    "One or two sentences."
)
_REWRITE = (
    "{winner} is the group's statement so far; the other messages say what is wrong with it. "
    "Write it anew so that all could accept it. One or two sentences."
)


class Candidate(Frozen):
    """Each of some seats writes a candidate for the group.

    The writer speaks for the group: its own perspective is not in the prompt. `of` says what it
    writes from: the opinions, or the leading candidate with its critiques (the Habermas Machine's
    second phase; Tessler et al., Science 2024).
    """

    of: Literal["opinions", "critiques"] = "opinions"
    count: int = 4
    """Candidates at most: one a seat, in the panel's order."""
    name: str = "candidate"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call for each writer; none where there is nothing to write from."""
        calls = Calls(seen)
        sources, task = self._sources(seen)
        if not sources:
            return ()
        for party in seen.opening.parties[: self.count]:
            segments = (
                *voice.common(seen.opening.question, sources),
                voice.task(task),
                voice.opened("Answer:"),
            )
            calls.generate(party, "candidate", segments)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The candidates."""
        said = {reply.seat: reply for reply in replies}
        return tuple(
            turn(seen, reply, place, "candidate")
            for place, reply in enumerate(in_order(seen, said))
        )

    def _sources(self, seen: Transcript) -> tuple[tuple[Turn, ...], str]:
        if self.of == "opinions":
            return seen.spoken(role="statement"), _WRITE
        winner = leading(seen)
        if winner is None:
            # The rankings tied: the second phase has nothing to build on but the opinions.
            return seen.spoken(role="statement"), _WRITE
        critiques = tuple(t for t in seen.spoken(role="critique") if winner.id in t.replies_to)
        return (winner, *critiques), _REWRITE.format(winner=winner.id)


class Comment(Frozen):
    """Every seat says what it would change in the leading candidate."""

    name: str = "comment"

    def ask(self, seen: Transcript) -> tuple[Call, ...]:
        """One `generate` call a seat; none where no candidate leads."""
        winner = leading(seen)
        calls = Calls(seen)
        if winner is None:
            return ()
        for party in seen.opening.parties:
            segments = (
                *voice.common(seen.opening.question, (winner,)),
                voice.own(party),
                voice.task(
                    f"{winner.id} is the group's statement. From your perspective, what is wrong "
                    "with it or missing? Answer in one sentence."
                ),
                voice.opened("Answer:"),
            )
            calls.generate(party, "comment", segments, about=winner.id)
        return calls.done()

    def tell(self, seen: Transcript, replies: tuple[Reply, ...]) -> tuple[Record, ...]:
        """The critiques of the leading candidate."""
        winner = leading(seen)
        said = {reply.seat: reply for reply in replies}
        return tuple(
            turn(seen, reply, place, "critique", replies_to=(winner.id,) if winner else ())
            for place, reply in enumerate(in_order(seen, said))
        )
