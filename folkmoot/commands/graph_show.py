"""`folkmoot graph show`: a protocol's graph, who hears whom in it, and what it costs at most."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from folkmoot.commands.graph_options import (
    Asked,
    Named,
    Options,
    PanelFile,
    Params,
    PoolFile,
    Seats,
    asked,
)
from folkmoot.graphs.check import asked_models
from folkmoot.graphs.drawing import drawing
from folkmoot.graphs.dry import worst_case
from folkmoot.graphs.listening import Listening, listenings
from folkmoot.graphs.mermaid import mermaid
from folkmoot.graphs.outline import Cost, counted, estimated, hearing, outline
from folkmoot.graphs.rehearsal import dry_opening, rehearse
from folkmoot.graphs.sketch import Box, sketch
from folkmoot.graphs.soundness import required
from folkmoot.pool import Pool
from folkmoot.protocols import Setting, reference
from folkmoot.records import InputError, Opening
from folkmoot.visible import visible


class Format(StrEnum):
    """How a graph is shown."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"


def show(
    protocol: Named,
    param: Params = None,
    panel: PanelFile = None,
    seats: Seats = None,
    option: Options = None,
    pool: PoolFile = None,
    format: Annotated[Format, typer.Option(help="text, mermaid or svg.")] = Format.TEXT,
    out: Annotated[Path | None, typer.Option(help="Write it to this file.", metavar="FILE")] = None,
) -> None:
    """Show a protocol's graph: its parts, who hears whom, calls and tokens at most."""
    about = asked(protocol, param, panel, seats, option)
    opening = dry_opening(about.panel, about.options)
    required(about.given.protocol, opening)
    text = _shown(about, opening, pool, format)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputError(f"cannot write {str(out)!r}: {fault.strerror or fault}") from fault


def _shown(about: Asked, opening: Opening, pool: Path | None, format: Format) -> str:
    protocol = about.given.protocol
    setting = Setting.of(opening)
    parts = protocol.parts(setting)
    boxes = sketch(parts)
    if format is Format.MERMAID:
        return mermaid(boxes)
    longest = max(rehearse(parts, opening), key=lambda way: len(way.calls))
    heard = listenings(longest)
    kind = "open question" if setting.options is None else f"{len(setting.options)} options"
    title = f"{protocol.name}, version {protocol.version}: {len(setting.seats)} seats, {kind}"
    cost = _cost(about, opening, pool).line()
    digest = f"graph {reference(protocol, setting).graph_sha256}"
    if format is Format.SVG:
        return drawing(title, boxes, heard, setting.seats, (cost, digest))
    return _text(title, boxes, heard, setting, (cost, digest))


def _text(
    title: str,
    boxes: tuple[Box, ...],
    heard: tuple[Listening, ...],
    setting: Setting,
    lines: tuple[str, ...],
) -> str:
    said = [title, ""]
    said += [f"  {line}" for line in outline(boxes)]
    said += ["", "who hears whom"]
    said += [f"  {line}" for line in hearing(heard, setting.seats)]
    said += ["", *lines]
    return "".join(_line(each) + "\n" for each in said)


def _line(text: str) -> str:
    indent = text[: len(text) - len(text.lstrip())]
    return indent + visible(text)


def _cost(about: Asked, opening: Opening, pool: Path | None) -> Cost:
    worst = worst_case(about.given.protocol, opening)
    if pool is None:
        return estimated(worst)
    answering = Pool.from_yaml(pool)

    asked = asked_models(about.panel, about.given.protocol, opening.options)

    async def count() -> Cost:
        async with answering.held(asked):
            return await counted(worst, answering)

    return asyncio.run(count())
