"""`folkmoot clerk train`: a clerk of one's own, from labelled pairs of claims."""

import shlex
import sys
from collections.abc import Iterator
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from folkmoot.commands.options import Json, Seed
from folkmoot.commands.training_options import First, Half, Rank, Rate, Seconds, Tokens
from folkmoot.eval.clerk.card import card
from folkmoot.eval.clerk.split import split, write_held_out
from folkmoot.eval.clerk.teach import examples
from folkmoot.learning import learned
from folkmoot.pool import training
from folkmoot.pool.models.adapter import read_adapter
from folkmoot.pool.models.resolve import locate
from folkmoot.pool.models.torch_import import import_torch
from folkmoot.pool.training import LoraSettings, TrainingReport
from folkmoot.records import InputError
from folkmoot.screen import console, emit
from folkmoot.visible import visible

Sets = Annotated[
    list[Path],
    typer.Argument(
        help="Relation sets, as `folkmoot clerk eval` takes them.", metavar="FILE.jsonl…"
    ),
]
To = Annotated[
    Path, typer.Option("--to", help="Folder for the adapter and its card.", metavar="DIR")
]
Base = Annotated[str, typer.Option(help="The model that it becomes an adapter of.", metavar="NAME")]
Most = Annotated[int, typer.Option(help="Pairs of a set at most.", min=1, metavar="N")]
OneIn = Annotated[
    int,
    typer.Option(
        help="One in so many topics is held out to measure on; 0: none.", min=0, metavar="N"
    ),
]
Topics = Annotated[
    list[str] | None, typer.Option("--hold-out", help="A topic to hold out, too.", metavar="TOPIC")
]
Passes = Annotated[
    float,
    typer.Option(
        help="How often every pair is shown; 1.5: half of them twice.", min=0.01, metavar="N"
    ),
]
Start = Annotated[
    Path | None,
    typer.Option("--from", help="An adapter of that shape to go on from.", metavar="DIR"),
]
Licence = Annotated[str, typer.Option(help="Of the weights, for the card.", metavar="TEXT")]


def trained(
    files: Sets,
    to: To,
    base: Base = "smollm2-base",
    most: Most = 4000,
    one_in: OneIn = 8,
    hold_out: Topics = None,
    passes: Passes = 2,
    budget: Seconds = None,
    rank: Rank = 16,
    first_layer: First = 10,
    rate: Rate = 1e-3,
    tokens: Tokens = 1280,
    half: Half = False,
    start: Start = None,
    licence: Licence = "",
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Train a clerk: a LoRA adapter of a small model that judges pairs of claims.

    The rows of held-out topics are written beside it, for `folkmoot clerk eval`.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        what = "is not empty" if to.is_dir() else "is a file"
        raise InputError(f"{str(to)!r} {what}", "name a new folder: nothing is overwritten")
    if start is not None and (before := read_adapter(start).rank) != rank:
        raise InputError(f"the adapter in {str(start)!r} has rank {before}", f"--rank {before}")
    found = split(files, one_in, hold_out or ())
    made = examples(found.learned, most, seed)
    if not made:
        raise InputError("nothing is left to learn from", "lower --one-in's share, or add sets")
    import_torch()
    located = locate(base)
    settings = LoraSettings(
        rank=rank,
        alpha=2 * rank,
        first_layer=first_layer,
        learning_rate=rate,
        passes=passes,
        nodes_per_step=tokens,
        lanes=4,
        budget_s=budget,
        computed_in="bfloat16" if half else "float32",
        seed=seed,
        base_name=base,
    )
    held = write_held_out(to / "held-out", found)
    report = learned(located.folder, made, settings, to, start)
    written = card(to.name, base, files, found, report, {}, licence)
    (to / "README.md").write_text(written, encoding="utf-8")
    if json:
        sys.stdout.write(dumps(report.model_dump(mode="json", exclude={"curve"})) + "\n")
    else:
        emit(console(sys.stdout), _said(report, to, measurable=bool(held)))


def _said(report: TrainingReport, to: Path, *, measurable: bool) -> Iterator[str]:
    yield visible(f"{report.examples_seen} examples in {report.elapsed_s:.0f} s: {to}")
    if measurable:
        where = shlex.quote(str(to))
        yield visible(f"measure it: folkmoot clerk eval {where}/held-out/*.jsonl --adapter {where}")


def averaged(
    adapters: Annotated[
        list[Path], typer.Argument(help="Adapters that went on from one.", metavar="DIR…")
    ],
    to: To,
) -> None:
    """Average clerks that went on from one adapter: steadier than each of them."""
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputError(f"{str(to)!r} is not empty", "name a new folder: nothing is overwritten")
    import_torch()
    try:
        training.mean(adapters, to)
    except ValueError as fault:
        raise InputError(str(fault), "all must have gone on from one adapter (--from)") from fault
    emit(console(sys.stdout), [visible(f"the mean of {len(adapters)} adapters: {to}")])
