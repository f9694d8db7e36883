"""Yoked: parts that take the way of another run, so that a control lasts as long as what it controls."""

from collections.abc import Sequence

from folkmoot.protocols.changed import changed
from folkmoot.protocols.condition import Finding
from folkmoot.protocols.parts import Part
from folkmoot.records import Transcript
from folkmoot.records.base import Frozen


class AsBefore(Frozen):
    """Holds where the condition in its place held in another run of the same steps."""

    held: tuple[tuple[int, bool], ...] = ()
    """The number of each step that looked, and whether it held."""
    name: str = "as-before"

    def look(self, seen: Transcript) -> Finding:
        """What was found at this step; where that run did not come by, it holds."""
        found = dict(self.held).get(seen.place.step)
        if found is None:
            return Finding(True, says="the other run did not look here")
        return Finding(found, says="as in the other run")


def yoked(parts: Sequence[Part], run: Transcript) -> tuple[Part, ...]:
    """The same parts, whose repetitions end and whose gates lead where those of a run did.

    A yoked control has as many rounds as the run that it is a control of, whether its seats agree
    earlier, later or never. Otherwise what ends early would be cheaper.

    Args:
        parts: of the protocol of the run, or others with the same steps.
        run: a run of the protocol.
    """
    as_before = AsBefore(held=tuple((check.step, check.holds) for check in run.checks))
    return changed(parts, condition=lambda _: as_before)
