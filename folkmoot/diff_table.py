"""What two runs, or two arms, come to otherwise, as lines: the first's beside the second's."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.header import labelled
from folkmoot.ledger_table import ABSENT
from folkmoot.records.diff import Difference, Side
from folkmoot.records.diff_arms import ArmsDifference
from folkmoot.records.diff_conflicts import Changed, ConflictChange, Conflicts, Named
from folkmoot.visible import shortened

_WIDE, _SHORT = 400, 60
"""Characters of an answer, and of a name, an issue or a position."""

_COUNTS = {
    "answer": "another answer",
    "winner": "another winner",
    "status": "another status of the decision",
    "tally": "another tally",
    "ballots": "other ballots",
}
_OF_CONFLICTS = {
    "appeared": "appeared",
    "vanished": "vanished",
    "kind": "of another kind",
    "sides": "with other sides",
    "resolution": "that ended otherwise",
}


def diff_lines(found: Difference) -> list[RenderableType]:
    """All that differs between two runs."""
    head = [
        labelled("first", _named(found.first)),
        labelled("second", _named(found.second)),
        Text(),
    ]
    if found.empty:
        return [*head, Text("They come to the same in everything.")]
    parts: list[RenderableType] = [*head]
    parts += _part("Begun", found.begun)
    parts += _part("Seats", {name: _seat(each) for name, each in found.seats.items()})
    if found.answer is not None:
        parts += [
            labelled("Answer", _text(found.answer.first, _WIDE, "- ")),
            labelled("", _text(found.answer.second, _WIDE, "+ ")),
        ]
    parts += _part("Decision", found.decision)
    parts += _part("Tally", found.tally)
    parts += _part("Ballots", {name: _ballots(each) for name, each in found.ballots.items()})
    parts += _part("Stances", found.stances)
    parts += _conflicts(found.conflicts)
    parts += _part("Figures", found.figures)
    return [*parts, *_part("Cost", found.cost)]


def arms_lines(found: ArmsDifference) -> list[RenderableType]:
    """How many pairs of two arms differ in what, and a line for each pair that differs."""
    counts = found.counts
    lines = [
        labelled("first", shortened(found.first, _SHORT)),
        labelled("second", shortened(found.second, _SHORT)),
        Text(f"{counts['pairs']} questions in both, {counts['differing']} come to something else"),
        Text(),
    ]
    if counts["differing"]:
        rows = [f"{counts[name]:>4}  {says}" for name, says in _COUNTS.items()]
        lines.append(labelled("Runs", *rows))
        rows = [f"{counts[name]:>4}  {says}" for name, says in _OF_CONFLICTS.items()]
        lines.append(labelled("Conflicts", *rows))
    for name, sides in (("1st only", found.only_first), ("2nd only", found.only_second)):
        if sides:
            lines.append(labelled(name, *(shortened(each.question, _SHORT) for each in sides)))
    pairs = [_pair(each) for each in found.pairs if not each.same_outcome]
    return [*lines, *_part("Cost", found.cost), Text(), *pairs]


def _pair(found: Difference) -> Text:
    line = Text(shortened(found.first.run_id, 40), no_wrap=True)
    said: list[str] = []
    if "winner" in found.decision:
        winner = found.decision["winner"]
        said.append(f"{_shown(winner.first)} → {_shown(winner.second)}")
    elif "status" in found.decision:
        said.append(f"{found.decision['status'].first} → {found.decision['status'].second}")
    conflicts = found.conflicts
    for sign, of in (("+", conflicts.appeared), ("-", conflicts.vanished)):
        said += [f"{sign}{len(of)} conflicts"] if of else []
    said += [f"{len(conflicts.changed)} changed"] if conflicts.changed else []
    return line.append("  " + (", ".join(said) or "in its words or ballots"), "dim")


def _named(side: Side) -> str:
    name = side.run_id if side.record is None else side.record
    question = shortened(side.question, _SHORT)
    return f"{shortened(name, _SHORT)}  {question} ({shortened(side.protocol, 24)})"


def _part(label: str, changed: Mapping[str, Changed]) -> list[Table]:
    """A row for each thing that differs."""
    rows = [_row(name, each) for name, each in changed.items()]
    return [labelled(label, *rows)] if rows else []


def _row(name: str, changed: Changed) -> Text:
    said = f"{_shown(changed.first)} → {_shown(changed.second)}"
    return Text.assemble((f"{shortened(name, 32)}  ", "dim"), said)


def _conflicts(found: Conflicts) -> list[Table]:
    rows = [_one(each, "+") for each in found.appeared]
    rows += [_one(each, "-") for each in found.vanished]
    for each in found.changed:
        rows += _change(each)
    return [labelled("Conflicts", *rows)] if rows else []


def _one(conflict: Named, sign: str) -> Text:
    kind = conflict.kind or "of no kind"
    end = conflict.status if conflict.resolution is None else conflict.resolution
    line = Text(f"{sign} {shortened(conflict.id, 8)} {shortened(conflict.issue, _SHORT)}")
    return line.append(f"  {kind}, {end.replace('_', ' ')}, level {conflict.level}", "dim")


def _change(change: ConflictChange) -> list[Text]:
    ids = f"{shortened(change.first, 8)} = {shortened(change.second, 8)}"
    same = "" if change.by == "content" else f"  (by {change.by}, {change.likeness:.2f})"
    lines = [Text.assemble(f"~ {ids} {shortened(change.issue, _SHORT)}", (same, "dim"))]
    lines += [_row(f"    {name}", each) for name, each in change.changed.items()]
    return [*lines, *(_row(f"    {seat}", each) for seat, each in change.sides.items())]


def _seat(changed: Changed) -> Changed:
    """Of parties that are in both, what differs in them."""
    first, second = changed.first, changed.second
    if first is None or second is None:
        return Changed(first=None if first is None else "there", second=second and "there")
    names = [name for name in {**first, **second} if first.get(name) != second.get(name)]
    return Changed(
        first={name: first.get(name) for name in names},
        second={name: second.get(name) for name in names},
    )


def _ballots(changed: Changed) -> Changed:
    return Changed(first=_cast(changed.first), second=_cast(changed.second))


def _cast(ballots: Sequence[Mapping[str, Any]] | None) -> str | None:
    """First choices alone where that tells; the whole of it is in the JSON object."""
    if ballots is None:
        return None
    return "; ".join(" > ".join(each["ranking"]) or str(each["state"]) for each in ballots)


def _shown(value: Any) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return shortened(", ".join(f"{k} {_shown(v)}" for k, v in value.items()), _SHORT) or "none"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple):
        return shortened(", ".join(map(_shown, value)), _SHORT) or "none"  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shortened(str(value), _SHORT) or "nothing"


def _text(value: Any, width: int, sign: str) -> Text:
    return Text(sign + (ABSENT if value is None else shortened(str(value), width)))
