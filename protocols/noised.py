"""A protocol's parts with noise in the place of what peers say: its noise-peer control."""

from collections.abc import Sequence
from typing import Any

from folkmoot.protocols.changed import changed
from folkmoot.protocols.filters import Everything, Filter, Noise, Successive
from folkmoot.protocols.hearing import Hearing
from folkmoot.protocols.parts import Part
from folkmoot.protocols.program import unroll
from folkmoot.protocols.stage import Stage
from folkmoot.records.base import Frozen


def noised(parts: Sequence[Part], noise: Noise) -> tuple[Part, ...]:
    """The same parts, in which whoever hears others hears noise (arXiv 2605.00914).

    Every stage with a `hearing` hears the same messages of the same seats in the same rounds, with
    their number of words. What peers argue for, how sure they are and how many hold what is not
    shown, since that says more than noise. Stages that read messages in another way (judging claims,
    ranking answers, a judge's verdict) are left as they are.
    """
    return changed(parts, stage=lambda stage: _hearing_noise(stage, noise))


def deaf(parts: Sequence[Part]) -> bool:
    """Whether nobody hears anybody: no stage that hears stands after the first round, or hears what was
    said in its own. Then noise would change nothing."""
    return not any(
        isinstance(hearing := getattr(step.stage, "hearing", None), Hearing)
        and (step.round > 0 or hearing.same_round)
        for step in unroll(parts)
    )


def _hearing_noise(stage: Stage, noise: Noise) -> Stage:
    given: Any = stage
    hearing = getattr(given, "hearing", None)
    if not isinstance(given, Frozen) or not isinstance(hearing, Hearing):
        return stage
    first: Filter = hearing.filter
    both = noise if isinstance(first, Everything) else Successive(filters=(first, noise))
    bare = {"answer": False, "confidence": False, "tally": False}
    visibility = hearing.visibility.model_copy(update=bare)
    heard = hearing.model_copy(update={"filter": both, "visibility": visibility})
    changed: Any = given.model_copy(update={"hearing": heard})
    return changed
