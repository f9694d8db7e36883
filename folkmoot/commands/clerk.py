"""`folkmoot clerk`: how well a model tells how two claims stand to each other."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from folkmoot.commands.clerk_train import averaged, trained
from folkmoot.commands.options import PoolFile
from folkmoot.eval.clerk import Clerk, Pair, Scores, evaluate, read_set
from folkmoot.pool import Pool
from folkmoot.pool.embedded.engine import Embedded
from folkmoot.pool.placement.placed import Source
from folkmoot.records import InputError
from folkmoot.screen import console, emit
from folkmoot.stopping import until_stopped
from folkmoot.visible import visible

Sets = Annotated[
    list[Path],
    typer.Argument(
        help="Relation sets (text_a, text_b, label or conflict) or statement sets (statements, "
        "opposed_pairs), one JSON object a line.",
        metavar="FILE.jsonl…",
    ),
]
Model = Annotated[str, typer.Option(help="The clerk: a model of the pool.", metavar="NAME")]
Adapter = Annotated[
    Path | None,
    typer.Option(
        help="A LoRA adapter on the model, such as one that `folkmoot clerk train` made.",
        metavar="DIR",
    ),
]
Votes = Annotated[
    int,
    typer.Option(
        help="The model writes its answer so many times, in guided JSON; 0: relations are weighed.",
        min=0,
        max=99,
        metavar="K",
    ),
]
BothWays = Annotated[
    bool, typer.Option("--both-ways", help="Ask about each pair in either order: twice the calls.")
]
Limit = Annotated[
    int | None, typer.Option(help="Only so many pairs, the first.", min=1, metavar="N")
]


JsonLines = Annotated[
    bool, typer.Option("--json", help="Print one JSON object a line for each file, nothing else.")
]


def clerk_commands() -> typer.Typer:
    """The commands of `folkmoot clerk`."""
    app = typer.Typer(help="The clerk: how two claims stand to each other.", rich_markup_mode=None)
    app.command(name="eval")(evaluated)
    app.command(name="train")(trained)
    app.command(name="mean")(averaged)
    return app


def evaluated(
    files: Sets,
    model: Model = "smollm2-clerk",
    pool: PoolFile = None,
    adapter: Adapter = None,
    votes: Votes = 0,
    both_ways: BothWays = False,
    limit: Limit = None,
    json: JsonLines = False,
) -> None:
    """Hold a clerk's answers against what people said: a line of figures for each file.

    A pair is called a conflict where "attack" is the likeliest relation. Nothing is fitted on the file.
    """
    sets = {file: read_set(file)[:limit] for file in files}
    if adapter is not None and pool is not None:
        raise InputError("--adapter goes with the embedded model", "name it in the pool file")
    answering = Pool.from_yaml(pool) if pool is not None else _embedded(model, adapter)
    with _bar() as bar:
        scores = until_stopped(
            _every(sets, answering, Clerk(model, votes, both_ways), bar), pool=pool
        )
    for file, each in scores.items():
        if json:
            sys.stdout.write(dumps({"file": str(file), "model": model, **each.line()}) + "\n")
        else:
            emit(console(sys.stdout), _shown(file, each))


def _embedded(model: str, adapter: Path | None) -> Pool:
    if adapter is None:
        return Pool.embedded()
    source = Source(base=model, adapter=str(adapter))
    return Pool([Embedded({model: source})])


async def _every(
    sets: Mapping[Path, Sequence[Pair]], pool: Pool, clerk: Clerk, bar: Progress
) -> dict[Path, Scores]:
    found: dict[Path, Scores] = {}
    async with pool.held([clerk.model]):
        for file, pairs in sets.items():
            task = bar.add_task(visible(file.name), total=len(pairs))

            def heard(done: int, _: int, task: TaskID = task) -> None:
                bar.update(task, completed=done)

            found[file] = await evaluate(pairs, pool, clerk, heard)
    return found


def _bar() -> Progress:
    """Drawn on a terminal alone."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    err = console(sys.stderr)
    return Progress(*columns, TimeRemainingColumn(), console=err, disable=not err.is_terminal)


_FIGURES = {
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "auc": "AUC",
    "precision": "precision",
    "recall": "recall",
    "specificity": "specificity",
    "conflict_f1": "F1",
    "same_f1": "same point, F1",
    "same_auc": "same point, AUC",
    "ece": "calibration error",
    "brier": "Brier",
}


def _shown(file: Path, scores: Scores) -> Iterator[Text]:
    """The figures of a file, those of trivial rules beside them."""
    speed = "" if scores.pairs_per_s is None else f", {scores.pairs_per_s:.1f} a second"
    yield Text(f"{visible(str(file))}: {scores.n} pairs{speed}")
    for name, words in _FIGURES.items():
        value: float | None = getattr(scores, name)
        if value is not None:
            others = [
                f"{rule} {each[name]:.2f}"
                for rule, each in scores.baselines.items()
                if name in each
            ]
            beside = f"   ({', '.join(others)})" if others else ""
            yield Text(f"  {words:18}{value:6.3f}{beside}")
    if scores.unanswered:
        yield Text(f"  without an answer   {scores.unanswered}")
