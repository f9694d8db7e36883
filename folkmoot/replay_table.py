"""What a replay came to, as lines: each part built again, and how far models replied the same."""

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.eval.partings import Group, Parting
from folkmoot.eval.reask import ModelNow, Reasked
from folkmoot.graphs.replay import At, Part, Replayed
from folkmoot.header import labelled
from folkmoot.ledger_table import ABSENT
from folkmoot.visible import shortened, visible

_PARTINGS = 12
"""Replies that differ, as many as are shown; the JSON report has all."""


def replayed_lines(found: Replayed) -> list[RenderableType]:
    """The verdict, a line for each part, and where those that differ do."""
    verdict = "the same" if found.same else "NOT THE SAME"
    lines: list[RenderableType] = [Text(f"{verdict}  {visible(found.record)}", "bold")]
    for part in found.parts:
        lines += _part(part)
    if found.head is not None:
        lines.append(Text(f"  head {found.head}", "dim"))
    return lines


def _part(part: Part) -> list[Text]:
    why = (
        f"line {part.line}: {part.why.removeprefix(f'line {part.line}: ')}"
        if part.line
        else part.why
    )
    said = f"  {part.part:<16} {part.state}" + (f": {visible(why)}" if why else "")
    lines = [Text(said, "" if part.state in ("same", "not rebuilt") else "bold")]
    lines += [Text(f"    {_place(each)}") for each in part.places]
    return [*lines, *([Text(f"    and {part.more} more places")] if part.more else [])]


def _place(at: At) -> str:
    found = "nothing" if at.found is None else shortened(at.found, 60)
    rebuilt = "nothing" if at.rebuilt is None else shortened(at.rebuilt, 60)
    return f"{visible(at.pointer) or '/'}  is {found}, rebuilt {rebuilt}"


def models_lines(models: Sequence[ModelNow]) -> list[Text]:
    """A line for each model whose weights are not known to be those of the record."""
    lines: list[Text] = []
    for each in models:
        if each.weights == "other":
            was = each.recorded.weights_sha256 if each.recorded else None
            lines.append(
                Text(
                    f"OTHER WEIGHTS: {visible(each.name)} was {_short(was)} on record, and is "
                    f"{_short(each.now.weights_sha256)} here",
                    "bold",
                )
            )
        elif each.weights == "not known":
            lines.append(
                Text(
                    f"{visible(each.name)}: whether its weights are those of the record is not known"
                )
            )
    return lines


def _short(digest: str | None) -> str:
    return "none" if digest is None else f"{visible(digest[:16])}…"


def reasked_lines(found: Reasked) -> list[RenderableType]:
    """The verdict with what was promised, the shares by stage and seat, and where replies part."""
    total = found.total
    head = f"Replies are {found.verdict}" if found.verdict != "not told" else "No reply came"
    head += f": {total.equal} of {total.answered} are equal"
    lines: list[RenderableType] = [
        Text(head, "bold"),
        Text(f"  the record promised {found.promised}, this pool promises {found.promises}", "dim"),
    ]
    if found.equal_share is not None and found.verdict == "statistical":
        share = found.equal_share
        lines.append(Text(f"  equal share {share.value:.3f} ({share.low:.3f}..{share.high:.3f})"))
    for what, counts in (("not asked", found.skipped), ("no reply", found.unanswered)):
        lines += [Text(f"  {what}: {count} {visible(why)}") for why, count in counts.items()]
    lines += [Text(), _groups("stage", found.by_stage), Text(), _groups("seat", found.by_seat)]
    if found.partings:
        shown = [_parting(each) for each in found.partings[:_PARTINGS]]
        rest = len(found.partings) - len(shown)
        shown += [Text(f"and {rest} more", "dim")] if rest else []
        lines += [Text(), labelled("Parted", *shown)]
    return lines


def _groups(title: str, groups: Mapping[str, Group]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=14, no_wrap=True)
    names = ("asked", "answered", "equal", "share", "mean diff", "largest")
    for name in names:
        table.add_column(justify="right", no_wrap=True, min_width=len(name))
    table.add_row(*(Text(name, "dim") for name in (title, *names)))
    for name, group in groups.items():
        figures = (group.share, group.mean_difference, group.largest_difference)
        table.add_row(
            Text(shortened(name, 24)),
            *(f"{n:,}" for n in (group.asked, group.answered, group.equal)),
            *(ABSENT if each is None else f"{each:.4g}" for each in figures),
        )
    return table


def _parting(parting: Parting) -> Text:
    where = f"{visible(parting.call)} {visible(parting.stage)}, {visible(parting.seat)}: "
    if parting.recorded_state != parting.state:
        where += f"{parting.recorded_state} → {parting.state}, "
    if parting.at is not None:
        was, now = shortened(parting.recorded, 24), shortened(parting.now, 24)
        return Text(f"{where}from character {parting.at}: “{was}” → “{now}”")
    if parting.largest_difference is not None:
        return Text(f"{where}probabilities by up to {parting.largest_difference:.4g}")
    return Text(f"{where}in its figures")
