"""The findings of a check on the terminal: what was found, and how to mend it."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from folkmoot.agents.intake import Finding
from folkmoot.visible import visible

_MARKS = {
    "passed": ("ok", "green"),
    "warned": ("warning", "yellow"),
    "failed": ("FAILED", "bold red"),
    "not_asked": ("-", "dim"),
}
"""Verdict → its word and its colour."""


def report(found: Sequence[Finding]) -> Iterator[RenderableType]:
    """A line for each finding, one more for how to mend it, and the sum."""
    for each in found:
        word, style = _MARKS[each.verdict]
        line = Text(f"{word:>8}  ", style)
        line.append(f"{each.check}: ", "bold")
        line.append(visible(each.said))
        yield line
        if each.verdict in ("failed", "warned"):
            where = "" if each.where is None else f"{visible(each.where)}: "
            yield Text(f"{'':>10}{where}{visible(each.mend)}")
    counted = {verdict: sum(each.verdict == verdict for each in found) for verdict in _MARKS}
    yield Text("")
    yield Text(
        f"{counted['failed']} failed, {counted['warned']} to look at, {counted['passed']} passed"
    )
