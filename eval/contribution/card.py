"""The card of a contribution that was trained with the kit: what it is, learned from, scores, and is bad at."""

import shlex
from collections.abc import Sequence

from folkmoot.agents.contribution_file import ContributionFile
from folkmoot.eval.contribution.scores import LessonScores
from folkmoot.pool.training import TrainingReport

_SMALL = 30
"""Held-out lessons under which a score says little."""


def card(
    file: ContributionFile,
    report: TrainingReport,
    learned: int,
    before: LessonScores,
    after: LessonScores,
    command: Sequence[str],
    size: int,
) -> str:
    """The card as Markdown.

    Args:
        file: what the contribution says of itself.
        report: of the training.
        learned: lessons that it learned from.
        before: scores of the base on the held-out lessons.
        after: scores with the adapter.
        command: the command line that trained it.
        size: bytes of the adapter.
    """
    settings = report.settings.model_dump(exclude_defaults=True)
    parts = [
        f"# {file.name}",
        f"A LoRA adapter of {file.base}, {size / 1e6:.2f} MB, contributed by {file.contributor}. "
        f"Licence: {file.licence}.",
        f"> {file.perspective.statement}",
        "## Learned from",
        _data(file),
        f"{learned} lessons, {report.examples} examples (SHA-256 `{report.examples_sha256}`), "
        f"{report.examples_seen} seen in {report.steps} steps, {report.elapsed_s:.0f} s. "
        f"{report.parameters} parameters, stored as {report.settings.stored_as}. "
        f"Settings: `{settings}`. "
        f"Versions: {', '.join(f'{name} {version}' for name, version in report.versions.items())}.",
        f"```\n{shlex.join(command)}\n```",
        "## Scores on lessons that were held out",
        _scores(before, after),
        "## What it is bad at",
        "\n".join(f"- {each}" for each in _limits(file, before, after)),
    ]
    return "\n\n".join(parts) + "\n"


def _data(file: ContributionFile) -> str:
    if not file.data:
        return "Not stated."
    rows = [f"| {each.name} | {each.licence} | {each.source or ''} |" for each in file.data]
    return "\n".join(["| collection | licence | from |", "|---|---|---|", *rows])


def _scores(before: LessonScores, after: LessonScores) -> str:
    rows: list[str] = []
    if after.accuracy is not None:
        rows += [
            f"| right of {after.choices} choices | {_share(before.accuracy)} "
            f"| {_share(after.accuracy)} | {_share(after.chance)} | {_share(after.first)} |"
        ]
    if after.nats is not None:
        rows += [f"| nats of {after.texts} texts | {before.nats:.1f} | {after.nats:.1f} | | |"]
    if not rows:
        return "None were held out."
    head = "| | base | with the adapter | blind guess | commonest place |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def _limits(file: ContributionFile, before: LessonScores, after: LessonScores) -> list[str]:
    found: list[str] = []
    if 0 < after.choices < _SMALL:
        found.append(f"{after.choices} held-out choices are too few to tell it from chance.")
    if after.accuracy is not None and after.first is not None and after.accuracy <= after.first:
        found.append("On the held-out choices it is no better than always naming one place.")
    if (
        after.accuracy is not None
        and before.accuracy is not None
        and after.accuracy <= before.accuracy
    ):
        found.append("On the held-out choices it is no better than its base.")
    where = ", ".join(file.priorities) or "its lessons"
    found.append(f"Anything but {where}: it was measured on nothing else.")
    found.append("Languages and forms of question that its lessons do not have.")
    return found


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
