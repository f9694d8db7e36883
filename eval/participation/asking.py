"""Everybody of a study is asked: the members as one panel, each control alone."""

from pathlib import Path

from folkmoot.eval.participation.plan import Study
from folkmoot.eval.participation.sealed import Sealed, collect, together
from folkmoot.graphs import Watch
from folkmoot.pool import Pool


async def ask(
    study: Study, pool: Pool, to: Path, *, at_once: int = 64, watch: Watch | None = None
) -> Sealed:
    """Ask every member and every control every item; what is on record in the folder is not asked again.

    Args:
        to: folder of the study: `records` of the members, `controls/NAME` of a control.
        at_once: models that are asked side by side, over all items.

    Raises:
        RecordError: a record there is of another panel.
    """
    parts = [
        await collect(
            study.items,
            panel,
            pool,
            to / folder,
            at_once=max(1, at_once // len(panel)),
            watch=watch,
            seed=study.plan.seed,
        )
        for folder, panel in study.panels().items()
    ]
    return together(parts)
