"""The card of a trained clerk: what it learned from, how, what it scores, and where it fails."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from folkmoot.eval.clerk.scores import Scores
from folkmoot.eval.clerk.split import Split
from folkmoot.pool.training import TrainingReport

_FIGURES = ("macro_f1", "accuracy", "auc", "precision", "recall", "conflict_f1", "same_f1", "ece")

_LIMITS = """\
## What it cannot do

- It sees two texts and nothing else: a conflict that shows only in context is none to it.
- Irony, quotations of what is rejected, and claims of more than 700 letters (cut at their end).
- It learned from English alone, most of it about public policy in the United States and Britain.
- One judgement is unsure: conflicts are drawn from all judgements of a run together.
"""


def card(
    name: str,
    base: str,
    files: Sequence[Path],
    found: Split,
    report: TrainingReport,
    scores: Mapping[str, Scores],
    licence: str,
) -> str:
    """The card as Markdown.

    Args:
        name: of the clerk.
        base: the model that it is an adapter of.
        files: the sets that were given.
        found: how they were split.
        report: of the training.
        scores: file name → scores on its held-out topics; none where it was not measured.
        licence: of the weights, as the data's terms ask; "" where nobody said.
    """
    settings = report.settings.model_dump(exclude_defaults=True)
    parts = [
        f"# {name}",
        f"A clerk: a LoRA adapter of {base} that judges how a second claim stands to a first one "
        "(attack, support, neither) and whether both make the same point.",
        f"Licence of the weights: {licence or 'not stated'}",
        "## Trained on",
        _data(files, found),
        f"{report.examples} examples (SHA-256 `{report.examples_sha256}`), {report.examples_seen} "
        f"seen in {report.steps} steps, {report.elapsed_s:.0f} s. {report.parameters} parameters, "
        f"stored as {report.settings.stored_as}. Settings: `{settings}`. "
        f"Versions: {', '.join(f'{k} {v}' for k, v in report.versions.items())}.",
        "Topics are held out by a digest of their text, about one in so many as was asked for; no "
        "text of a held-out row was learned from in any set.",
        "## Scores on held-out topics",
        _scores(scores),
        _LIMITS,
    ]
    return "\n\n".join(parts)


def _data(files: Sequence[Path], found: Split) -> str:
    lines = [
        "| set | learned from, pairs | held out, rows | dropped, pairs | SHA-256 |",
        "|---|---|---|---|---|",
    ]
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        name = file.stem
        lines.append(
            f"| {name} | {len(found.learned.get(name, ()))} | {len(found.held_out.get(name, ()))} "
            f"| {found.dropped.get(name, 0)} | `{digest[:16]}…` |"
        )
    return "\n".join(lines)


def _scores(scores: Mapping[str, Scores]) -> str:
    if not scores:
        return "Not measured: `folkmoot clerk eval` on the folder `held-out` does."
    lines = [
        f"| set | n | {' | '.join(_FIGURES)} | always attack, macro-F1 |",
        f"|---|---|{'---|' * 9}",
    ]
    for name, each in scores.items():
        shown = (getattr(each, figure) for figure in _FIGURES)
        figures = " | ".join("" if value is None else f"{value:.3f}" for value in shown)
        always = each.baselines.get("always", {}).get("macro_f1")
        trivial = "" if always is None else f"{always:.3f}"
        lines.append(f"| {name} | {each.n} | {figures} | {trivial} |")
    return "\n".join(lines)
