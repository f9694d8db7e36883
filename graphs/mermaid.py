"""A protocol as a Mermaid flowchart, as it is written: loops as loops, gates as diamonds."""

from collections.abc import Sequence
from itertools import count

from folkmoot.graphs.sketch import Box, Fork, Frame, Node

_ESCAPED = str.maketrans(
    {each: f"#{ord(each)};" for each in "\"'`<>[](){}|\\&#;%"} | {"\n": " ", "\r": " "}
)
"""Mermaid takes a character by its number, between # and ;."""


def mermaid(boxes: Sequence[Box]) -> str:
    """The flowchart."""
    drawing = _Drawing()
    drawing.line('start(["question"])')
    last = drawing.body(boxes, ["start"])
    drawing.line('done(["answer"])')
    drawing.join(last, "done")
    return "flowchart TD\n" + "\n".join(drawing.lines) + "\n"


class _Drawing:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._numbers = count()
        self._depth = 1

    def line(self, text: str) -> None:
        self.lines.append("    " * self._depth + text)

    def join(self, sources: Sequence[str], target: str) -> None:
        """Lines to a target; a source may say on the line how it was left: `g1|no`."""
        for source in sources:
            name, _, label = source.partition("|")
            self.line(f"{name} -->{f'|{label}|' if label else ''} {target}")

    def body(self, boxes: Sequence[Box], before: list[str]) -> list[str]:
        """Draw one after the other; returns what the next is to be joined to."""
        for box in boxes:
            match box:
                case Node():
                    name = self._name("s")
                    detail = f"<br/>{_text(box.detail)}" if box.detail else ""
                    self.line(f'{name}["{_text(box.name)}{detail}"]')
                    self.join(before, name)
                    before = [name]
                case Frame():
                    before = self._frame(box, before)
                case Fork():
                    before = self._fork(box, before)
        return before

    def _frame(self, box: Frame, before: list[str]) -> list[str]:
        name = self._name("f")
        self.line(f'subgraph {name}["{_text(box.title)}"]')
        self._depth += 1
        entry = f"{name}_in"
        self.line(f'{entry}(("·"))')
        after = self.body(box.body, [entry])
        if box.kind == "loop":
            self.join([f"{each.partition('|')[0]}|again" for each in after], entry)
        self._depth -= 1
        self.line("end")
        self.join(before, entry)
        return after

    def _fork(self, box: Fork, before: list[str]) -> list[str]:
        sources = before
        if box.title:
            gate = self._name("g")
            self.line(f'{gate}{{"{_text(box.title)}"}}')
            self.join(before, gate)
            sources = [gate]
        after: list[str] = []
        for label, boxes in box.ways:
            start = [f"{each}|{label}" for each in sources] if label else sources
            after += self.body(boxes, start)
        return list(dict.fromkeys(after))

    def _name(self, letter: str) -> str:
        return f"{letter}{next(self._numbers)}"


def _text(text: str) -> str:
    shown = "".join(each if each.isprintable() else "�" for each in text)
    return shown.translate(_ESCAPED)
