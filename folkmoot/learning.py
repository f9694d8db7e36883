"""A training run on the terminal: a bar with the loss."""

import sys
from pathlib import Path

from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from folkmoot.pool import training
from folkmoot.pool.training import Example, LoraSettings, Step, TrainingReport
from folkmoot.screen import console


def learned(
    base: Path,
    made: tuple[Example, ...],
    settings: LoraSettings,
    to: Path,
    start: Path | None = None,
) -> TrainingReport:
    """Train an adapter, its progress drawn on a terminal alone. Arguments as for `training.train`."""
    err = console(sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task(f"{len(made)} examples", total=1.0)

        def heard(step: Step) -> None:
            bar.update(task, completed=step.done, description=f"loss {step.loss:.3f}")

        return training.train(base, made, settings, to, heard, start)
