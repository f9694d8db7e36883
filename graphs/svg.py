"""Pieces of SVG: text that is safe and fits, boxes, lines. No element but what is written here."""

import unicodedata
from collections.abc import Sequence
from html import escape

STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1d2733 }
.head { font-size: 15px; font-weight: 600 }
.small { font-size: 10.5px; fill: #526071 }
.stage { fill: #eef3fb; stroke: #4a6fa5 }
.gate { fill: #fff6e0; stroke: #b7862c }
.loop { fill: #f3faf4; stroke: #4d8f5b }
.group { fill: #fbf5fb; stroke: #8c5a93; stroke-dasharray: 5 3 }
.end { fill: #1d2733 }
.line { fill: none; stroke: #526071; stroke-width: 1.3 }
.cell { fill: #ffffff; stroke: #c3ccd8 }
.hears { fill: #4a6fa5; stroke: #4a6fa5 }
.self { fill: #dfe5ee; stroke: #c3ccd8 }
.page { fill: #ffffff }"""

_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0,0L8,4L0,8z" class="end"/></marker></defs>'
)


def page(width: float, height: float, title: str, pieces: Sequence[str]) -> str:
    """A whole drawing."""
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" role="img">',
            f"<title>{safe(title)}</title>",
            f"<style>{STYLE}</style>",
            _ARROW,
            f'<rect class="page" width="{width:g}" height="{height:g}"/>',
            *pieces,
            "</svg>\n",
        )
    )


def safe(text: str) -> str:
    """Text that can stand in SVG, whatever it holds: escaped, what is not printable replaced."""
    return escape("".join(each if each.isprintable() else "\ufffd" for each in text))


def cut(text: str, width: float, size: float = 12) -> str:
    """The text, cut to a width in pixels."""
    if measure(text, size) <= width:
        return text
    while text and measure(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def measure(text: str, size: float = 12) -> float:
    """How wide a text is at most, in pixels: about, as no font is at hand."""
    wide = sum(1.0 if unicodedata.east_asian_width(each) in "WF" else 0.58 for each in text)
    return wide * size


def text(x: float, y: float, said: str, kind: str = "", anchor: str = "middle") -> str:
    """A line of text."""
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{style} text-anchor="{anchor}">{safe(said)}</text>'


def rect(x: float, y: float, width: float, height: float, kind: str, radius: float = 6) -> str:
    """A box."""
    return (
        f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'rx="{radius:g}"/>'
    )


def path(points: Sequence[tuple[float, float]], *, arrow: bool = True) -> str:
    """A line through points, with a head at its end."""
    way = " ".join(f"{'L' if at else 'M'}{x:g},{y:g}" for at, (x, y) in enumerate(points))
    head = ' marker-end="url(#arrow)"' if arrow else ""
    return f'<path class="line" d="{way}"{head}/>'


def diamond(x: float, y: float, width: float, height: float) -> str:
    """A gate, around its middle."""
    points = ((x, y - height / 2), (x + width / 2, y), (x, y + height / 2), (x - width / 2, y))
    return f'<polygon class="gate" points="{" ".join(f"{a:g},{b:g}" for a, b in points)}"/>'
