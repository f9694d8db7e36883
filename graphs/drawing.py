"""A protocol as a picture: SVG, self-contained, drawn from its parts as they are written."""

from collections.abc import Sequence
from typing import NamedTuple

from folkmoot.graphs import svg
from folkmoot.graphs.listening import Listening
from folkmoot.graphs.sketch import Box, Fork, Frame, Node

_GAP = 24.0
_PAD = 16.0
_TITLE = 20.0
_BACK = 22.0
"""Room for the line that leads back, on the right of a loop."""
_SMALL = 10.5
_MOST = 260.0
"""The width of a stage's text at most."""
_MARGIN = 28.0
_CELL = 15.0
_LOOKS = {"loop": "loop", "once": "loop", "group": "group"}


class Size(NamedTuple):
    """Pixels."""

    width: float
    height: float


def drawing(
    title: str,
    boxes: Sequence[Box],
    heard: Sequence[Listening],
    seats: Sequence[str],
    lines: Sequence[str],
) -> str:
    """The picture: the parts, under them who hears whom, under that some lines of text."""
    flow = _sequence(boxes)
    tables = _Tables(heard, seats)
    words = max([svg.measure(each, 13) for each in (title, *lines)])
    width = max(flow.width, tables.size.width, words, 380) + 2 * _MARGIN
    middle = width / 2
    pieces = [svg.text(_MARGIN, 34, title, "head", "start")]
    top = 64.0
    pieces += [_dot(middle, top), svg.path([(middle, top + 5), (middle, top + _GAP)])]
    pieces += _draw_sequence(boxes, middle, top + _GAP)
    bottom = top + _GAP + flow.height
    pieces += [
        svg.path([(middle, bottom), (middle, bottom + _GAP - 5)]),
        _dot(middle, bottom + _GAP),
    ]
    top = bottom + _GAP + 36
    pieces += tables.draw(_MARGIN, top)
    top += tables.size.height + 8
    for line in lines:
        pieces.append(svg.text(_MARGIN, top, line, "", "start"))
        top += 18
    return svg.page(width, top + 8, title, pieces)


def _dot(x: float, y: float) -> str:
    return f'<circle class="end" cx="{x:g}" cy="{y:g}" r="5"/>'


def _size(box: Box) -> Size:
    match box:
        case Node():
            said = max(svg.measure(svg.cut(each, _MOST)) for each in (box.name, box.detail))
            return Size(max(said + 28, 110), 48 if box.detail else 34)
        case Frame():
            inner = _sequence(box.body)
            side = 2 * _PAD + (2 * _BACK if box.kind == "loop" else 0)
            title = svg.measure(svg.cut(box.title, _MOST, _SMALL), _SMALL) + 2 * _PAD
            return Size(max(inner.width + side, title), inner.height + _TITLE + 2 * _PAD)
        case Fork():
            ways = [_way(each) for _, each in box.ways]
            across = sum(each.width for each in ways) + _GAP * max(0, len(ways) - 1)
            head = _diamond(box).width if box.title else 0
            tall = max([each.height for each in ways], default=0.0)
            return Size(max(across, head), _diamond(box).height + tall + 2 * _GAP)


def _sequence(boxes: Sequence[Box]) -> Size:
    sizes = [_size(each) for each in boxes]
    height = sum(each.height for each in sizes) + _GAP * max(0, len(sizes) - 1)
    return Size(max([each.width for each in sizes], default=90.0), height)


def _way(boxes: Sequence[Box]) -> Size:
    size = _sequence(boxes)
    return Size(max(size.width, 90), size.height)


def _diamond(box: Fork) -> Size:
    if not box.title:
        return Size(0, 4)
    return Size(svg.measure(svg.cut(box.title, _MOST)) * 1.25 + 60, 54)


def _draw_sequence(boxes: Sequence[Box], middle: float, top: float) -> list[str]:
    pieces: list[str] = []
    for at, box in enumerate(boxes):
        if at:
            pieces.append(svg.path([(middle, top), (middle, top + _GAP)]))
            top += _GAP
        pieces += _draw(box, middle, top)
        top += _size(box).height
    return pieces


def _draw(box: Box, middle: float, top: float) -> list[str]:
    size = _size(box)
    left = middle - size.width / 2
    match box:
        case Node():
            pieces = [
                svg.rect(left, top, size.width, size.height, "stage"),
                svg.text(middle, top + 21, svg.cut(box.name, _MOST)),
            ]
            if box.detail:
                pieces.append(svg.text(middle, top + 38, svg.cut(box.detail, _MOST), "small"))
            return pieces
        case Frame():
            return _draw_frame(box, middle, top, size)
        case Fork():
            return _draw_fork(box, middle, top, size)


def _draw_frame(box: Frame, middle: float, top: float, size: Size) -> list[str]:
    left, inner = middle - size.width / 2, _sequence(box.body)
    start = top + _TITLE + _PAD
    end = start + inner.height
    pieces = [
        svg.rect(left, top, size.width, size.height, _LOOKS[box.kind], 10),
        svg.text(left + 10, top + 15, svg.cut(box.title, _MOST, _SMALL), "small", "start"),
        svg.path([(middle, top + _TITLE), (middle, start)]),
        *_draw_sequence(box.body, middle, start),
    ]
    pieces.append(svg.path([(middle, end), (middle, top + size.height)], arrow=False))
    if box.kind == "loop":
        right = left + size.width - 12
        low, high = end + _PAD / 2, start - _PAD / 2
        pieces.append(svg.path([(middle, low), (right, low), (right, high), (middle + 2, high)]))
    return pieces


def _draw_fork(box: Fork, middle: float, top: float, size: Size) -> list[str]:
    head = _diamond(box)
    pieces: list[str] = []
    if box.title:
        pieces.append(svg.diamond(middle, top + head.height / 2, head.width, head.height))
        pieces.append(svg.text(middle, top + head.height / 2 + 4, svg.cut(box.title, _MOST)))
    ways = [_way(each) for _, each in box.ways]
    across = sum(each.width for each in ways) + _GAP * max(0, len(ways) - 1)
    left, low = middle - across / 2, top + head.height
    bottom = top + size.height
    for (label, boxes), way in zip(box.ways, ways, strict=True):
        center, start = left + way.width / 2, low + _GAP
        bend = low + _GAP / 3
        pieces.append(
            svg.path(
                [(middle, low), (middle, bend), (center, bend), (center, start)], arrow=bool(boxes)
            )
        )
        if label:
            pieces.append(svg.text(center + 5, start - 3, label, "small", "start"))
        pieces += _draw_sequence(boxes, center, start)
        end = start + _sequence(boxes).height if boxes else start
        join = bottom - _GAP / 3
        pieces.append(
            svg.path([(center, end), (center, join), (middle, join), (middle, bottom)], arrow=False)
        )
        left += way.width + _GAP
    return pieces


class _Tables:
    """Who hears whom: a table for each kind of round, side by side as far as there is room."""

    def __init__(self, heard: Sequence[Listening], seats: Sequence[str]) -> None:
        self._heard, self._seats = heard, seats
        names = max([svg.measure(svg.cut(each, 120), 11) for each in seats], default=0)
        self._names = names + 24
        captions = [svg.measure(self._caption(each), 11) for each in heard]
        table = max([self._names + _CELL * len(seats), *[min(each, 240) for each in captions]])
        self._step = Size(table + 28, 46 + _CELL * len(seats))
        self._columns = max(1, min(len(heard), int(720 // self._step.width) or 1))
        rows = -(-len(heard) // self._columns)
        self.size = Size(self._step.width * self._columns, self._step.height * rows + 22)

    def draw(self, left: float, top: float) -> list[str]:
        pieces = [
            svg.text(left, top, "who hears whom: a row hears the filled columns", "", "start")
        ]
        for at, each in enumerate(self._heard):
            x = left + self._step.width * (at % self._columns)
            y = top + 22 + self._step.height * (at // self._columns)
            pieces += self._table(each, x, y)
        return pieces

    def _table(self, heard: Listening, left: float, top: float) -> list[str]:
        caption = svg.cut(self._caption(heard), self._step.width - 20, 10.5)
        pieces = [svg.text(left, top, caption, "small", "start")]
        for row, reader in enumerate(self._seats):
            y = top + 8 + _CELL * row
            name = svg.cut(f"{row + 1} {reader}", self._names - 6, 10.5)
            pieces.append(svg.text(left, y + 11, name, "small", "start"))
            for column, other in enumerate(self._seats):
                hears = other in heard.heard.get(reader, ())
                kind = "hears" if hears else "self" if other == reader else "cell"
                x = left + self._names + _CELL * column
                pieces.append(svg.rect(x, y, _CELL, _CELL, kind, 0))
        return pieces

    @staticmethod
    def _caption(heard: Listening) -> str:
        return f"{rounds(heard.rounds)}: {', '.join(heard.stages)}"


def rounds(numbers: Sequence[int]) -> str:
    """`round 0`, `rounds 1 to 3`, `rounds 1, 3`."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) == 1:
        return f"round {first}"
    if list(numbers) == list(range(first, last + 1)):
        return f"rounds {first} to {last}"
    return f"rounds {', '.join(map(str, numbers))}"
