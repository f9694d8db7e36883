"""A stopping rule for studies: the panel's answer gets worse, as a key says that is known."""

from pydantic import Field

from folkmoot.protocols.condition import Finding
from folkmoot.protocols.stopping.agreed import OPEN
from folkmoot.records import Transcript
from folkmoot.records.agreement import modes
from folkmoot.records.base import Frozen
from folkmoot.records.rounds import standings


class Drifting(Frozen):
    """Problem drift in the last round: FOCUS(r) = P(y(r)) - P(y(r-1)) < 0 (Becker et al., arXiv
    2502.19559), P being the performance of the panel's answer after a round.

    Here the answer is the mode of the valid stances, and P is 1 where it is the key, 1/m where the
    key is one of m modes that tie, 0 otherwise. The key, the answer that is known to be right, is a
    parameter: no seat sees it, and a run that is stopped by it is a study and no deliberation.
    """

    key: str
    bar: float = Field(default=0.0, le=0)
    name: str = "drifting"

    def look(self, seen: Transcript) -> Finding:
        """The figure is FOCUS of the last round; None before there are two."""
        options = seen.opening.options
        if options is None:
            return Finding(False, bar=self.bar, says=OPEN)
        if self.key not in options:
            return Finding(False, bar=self.bar, says=f"the key {self.key!r} is none of the options")
        stood = standings(seen)
        last = [modes(each.choices.values()) for each in stood[-2:]]
        if len(last) < 2 or not all(last):
            return Finding(False, bar=self.bar, says="there are no two rounds with an answer")
        before, now = ((self.key in answer) / len(answer) for answer in last)
        focus = now - before
        return Finding(focus < self.bar, focus, self.bar, f"performance {before:g}, then {now:g}")
