"""`folkmoot contribution train`: an adapter of one's own, from lessons."""

import sys
from collections.abc import Iterator, Sequence
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from folkmoot.agents import intake
from folkmoot.agents.contribution_file import FILE, Offered, read_contribution
from folkmoot.commands.options import Json, Seed
from folkmoot.commands.training_options import (
    Cores,
    First,
    Half,
    Rank,
    Rate,
    Seconds,
    Tokens,
)
from folkmoot.eval.contribution.card import card
from folkmoot.eval.contribution.lessons import examples, read_lessons
from folkmoot.eval.contribution.scores import LessonScores, held_out, score
from folkmoot.learning import learned
from folkmoot.pinning import pin
from folkmoot.pool.models.adapter import WEIGHTS
from folkmoot.pool.models.resolve import locate
from folkmoot.pool.models.torch_import import import_torch
from folkmoot.pool.training import LoraSettings, TrainingReport
from folkmoot.records import ContributionError, InputError
from folkmoot.screen import console, emit
from folkmoot.visible import visible

Folder = Annotated[
    Path, typer.Argument(help="The contribution's folder.", metavar="DIR", show_default=False)
]
Lessons = Annotated[
    list[Path] | None,
    typer.Option(
        "--lessons", help="What it learns from; DIR/lessons.jsonl if not given.", metavar="FILE"
    ),
]
OneIn = Annotated[
    int,
    typer.Option(
        help="One in so many questions is held out to measure on; 0: none.", min=0, metavar="N"
    ),
]
Passes = Annotated[
    float,
    typer.Option(
        help="How often every lesson is shown; 1.5: half of them twice.", min=0.01, metavar="N"
    ),
]


def train(
    folder: Folder,
    lessons: Lessons = None,
    one_in: OneIn = 8,
    passes: Passes = 3,
    budget: Seconds = None,
    rank: Rank = 4,
    first_layer: First = 12,
    rate: Rate = 1e-3,
    tokens: Tokens = 200,
    cores: Cores = 2,
    half: Half = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Train the adapter of a contribution from lessons, measure it, write its card and its digests.

    A lesson is a line of JSON: {"question": …, "options": […], "answer": …}, with a "reason" or
    without one; or {"question": …, "answer": …}.
    """
    offered = read_contribution(folder)
    to = _empty(offered)
    every = [each for path in lessons or [folder / "lessons.jsonl"] for each in read_lessons(path)]
    learning, measured = held_out(every, one_in)
    if not learning:
        raise ContributionError("nothing is left to learn from", "more lessons, or --one-in 0")
    import_torch()
    located = locate(_base(offered))
    before = score(located.folder, None, measured, offered.file)
    settings = LoraSettings(
        rank=rank,
        alpha=2 * rank,
        first_layer=first_layer,
        learning_rate=rate,
        passes=passes,
        nodes_per_step=tokens,
        lanes=cores,
        budget_s=budget,
        computed_in="bfloat16" if half else "float32",
        seed=seed,
        base_name=offered.file.base,
    )
    made = examples(learning, offered.file, seed)
    report = learned(located.folder, made, settings, to)
    after = score(located.folder, to, measured, offered.file)
    size = (to / WEIGHTS).stat().st_size
    line = [*_line(settings, lessons or (), one_in), str(folder)]
    written = card(offered.file, report, len(learning), before, after, line, size)
    (folder / "README.md").write_text(written, encoding="utf-8")
    pin(folder / FILE, intake.digests_of(offered))
    if json:
        sys.stdout.write(dumps(_as_json(report, before, after, size)) + "\n")
    else:
        emit(console(sys.stdout), map(visible, _said(report, before, after, size, folder)))


def _line(settings: LoraSettings, lessons: Sequence[Path], one_in: int) -> Iterator[str]:
    """The command that trains it again."""
    yield from ("folkmoot", "contribution", "train")
    for path in lessons:
        yield from ("--lessons", str(path))
    yield from ("--one-in", str(one_in), "--passes", f"{settings.passes:g}")
    yield from ("--rank", str(settings.rank), "--first-layer", str(settings.first_layer))
    yield from ("--rate", str(settings.learning_rate), "--tokens", str(settings.nodes_per_step))
    yield from ("--cores", str(settings.lanes), "--seed", str(settings.seed))
    if settings.budget_s is not None:
        yield from ("--budget", f"{settings.budget_s:g}")
    if settings.computed_in == "bfloat16":
        yield "--bf16"


def _base(offered: Offered) -> str:
    inside = offered.folder / offered.file.base
    return str(inside) if inside.is_dir() else offered.file.base


def _empty(offered: Offered) -> Path:
    if offered.file.adapter is None:
        raise offered.located.fault(
            ("base",), "the contribution has no adapter to train", "add a line: adapter: adapter"
        )
    to = offered.folder / offered.file.adapter
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputError(
            f"{str(to)!r} is not empty",
            "remove it, or name another adapter: nothing is overwritten",
        )
    return to


def _as_json(
    report: TrainingReport, before: LessonScores, after: LessonScores, size: int
) -> dict[str, Any]:
    return {
        "training": report.model_dump(mode="json", exclude={"curve"}),
        "base": before.plain(),
        "adapter": after.plain(),
        "bytes": size,
    }


def _said(
    report: TrainingReport, before: LessonScores, after: LessonScores, size: int, folder: Path
) -> Iterator[str]:
    yield f"{report.examples_seen} examples in {report.elapsed_s:.0f} s, {size / 1e6:.2f} MB"
    if after.accuracy is not None and before.accuracy is not None:
        yield (
            f"right on {after.accuracy:.0%} of {after.choices} choices that were held out; "
            f"its base on {before.accuracy:.0%}, a blind guess on {after.chance or 0:.0%}"
        )
    if after.nats is not None:
        yield f"texts that were held out: {after.nats:.1f} nats each; its base {before.nats:.1f}"
    yield f"the card is {folder / 'README.md'}; check the whole: folkmoot contribution check {folder}"
