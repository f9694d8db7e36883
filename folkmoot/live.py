"""A run as it happens: a screen that moves on a terminal, plain lines in a pipe."""

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from folkmoot.graphs import events
from folkmoot.header import header
from folkmoot.screen import WIDTH, emit
from folkmoot.visible import shortened, visible
from folkmoot.watch import StageWatch, Voice, Watch

_BAR = 16
_VOICES = 6
"""Seats whose text is shown at once."""
_INDENT = " " * 10
_ENOUGH = 400
"""Characters of a growing text that are looked at: only its end is shown."""


class View(Protocol):
    """Something that shows a run while it happens; a context manager."""

    watch: Watch

    def __call__(self, event: events.Event) -> None:
        """Take an event in and show what it changed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None
    ) -> None: ...


def view(console: Console, quiet: bool = False) -> "Plain | Moving":
    """The view that suits a console."""
    if quiet:
        return Plain(None)
    return (
        Moving(console) if console.is_terminal and not console.is_dumb_terminal else Plain(console)
    )


class Plain:
    """One line for each thing that came to its end; nothing at all without a console."""

    def __init__(self, console: Console | None) -> None:
        self.watch = Watch()
        self._console = console
        self._said: str | None = None

    def __call__(self, event: events.Event) -> None:
        """Print what the event brought to its end."""
        ended = self.watch.hear(event)
        if isinstance(event, events.Loading) and event.progress.what != self._said:
            self._said = event.progress.what
            self._emit(Text(f"{visible(event.progress.what)} …"))
        if isinstance(event, events.Opened):
            self._emit(*header(event.opening, event.record), Text())
        if ended is not None:
            self._emit(stage_line(ended, ended.ended or 0.0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            self._emit(Text())

    def _emit(self, *parts: RenderableType) -> None:
        if self._console is not None:
            emit(self._console, parts)


class Moving:
    """A screen that moves: what has ended stays, what is under way is redrawn beneath it."""

    def __init__(self, console: Console) -> None:
        self.watch = Watch()
        self._console = console
        self._live = Live(
            console=console,
            get_renderable=self._under_way,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __call__(self, event: events.Event) -> None:
        """Take the event in; the screen is redrawn by its own clock."""
        ended = self.watch.hear(event)
        if isinstance(event, events.Opened):
            emit(self._console, [*header(event.opening, event.record), Text()])
        if ended is not None:
            emit(self._console, [stage_line(ended, ended.ended or 0.0)])

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None
    ) -> None:
        self._live.stop()
        if kind is None:
            emit(self._console, [Text()])

    def _under_way(self) -> RenderableType:
        now, stage = self.watch.clock(), self.watch.current
        if stage is None:
            return loading_line(self.watch, now)
        voices = list(self.watch.voices.values())
        lines = [stage_line(stage, now), *voice_lines(voices, self._console.width)]
        return Group(*lines)


def stage_line(stage: StageWatch, now: float) -> Text:
    """`round 0  stand     ████████░░░░░░░░    2/4    3.1 s   about 3 s left`, in 80 columns."""
    done = round(_BAR * stage.answered / stage.calls)
    line = Text.assemble(
        (f"round {stage.round}  ", "bold"),
        f"{stage.name:<9} ",
        ("█" * done, "cyan"),
        ("░" * (_BAR - done), "dim"),
        f" {f'{stage.answered}/{stage.calls}':>6} {stage.seconds(now):>6.1f} s",
    )
    notes = [note for note in (stage.stood(), _left(stage, now), _from_record(stage)) if note]
    if notes:
        room = WIDTH - line.cell_len - 3
        line.append(
            "   " + shortened(" · ".join(notes), room), "dim" if stage.ended is None else ""
        )
    return line


def _from_record(stage: StageWatch) -> str:
    return f"{stage.replayed} on record" if stage.replayed else ""


def _left(stage: StageWatch, now: float) -> str:
    left = stage.left(now)
    return "" if left is None else f"about {max(left, 1):.0f} s left"


def loading_line(watch: Watch, now: float) -> Text:
    """`loading smollm2   ████████░░░░░░░░   4.2 s`; how far only where the pool knows it."""
    seconds = f"{now - watch.began:.1f} s"
    if watch.opening is not None:
        return Text("…", "dim")
    if watch.loading is None:
        return Text(f"getting ready   {seconds}", "dim")
    line = Text(f"{visible(watch.loading.what)}   ")
    if watch.loading.done is not None:
        done = round(_BAR * min(max(watch.loading.done, 0.0), 1.0))
        line.append("█" * done, "cyan").append("░" * (_BAR - done), "dim").append("   ")
    return line.append(seconds)


def voice_lines(voices: list[Voice], width: int) -> list[Text]:
    """Who is speaking, with the end of the provisional text; the rest are counted."""
    speaking = [voice for voice in voices if voice.text]
    waiting = [voice for voice in voices if not voice.text]
    lines = [_voice_line(voice, width) for voice in speaking[:_VOICES]]
    more = len(speaking) - _VOICES
    if more > 0:
        lines.append(Text(f"{_INDENT}and {more} more", "dim"))
    if speaking:
        lines.append(Text(f"{_INDENT}(provisional until it is recorded)", "dim italic"))
    elif waiting:
        seats = " · ".join(dict.fromkeys(visible(voice.call.seat) for voice in waiting))
        lines.append(Text(shortened(f"{seats}: thinking", width - 12), "dim"))
        lines[-1].pad_left(10)
    return lines


def _voice_line(voice: Voice, width: int) -> Text:
    seat = shortened(voice.call.seat, 14)
    room = max(width - len(_INDENT) - 18, 20)
    text = visible(voice.text[-_ENOUGH:])
    shown = text if len(text) <= room else "…" + text[-(room - 1) :]
    line = Text(f"{_INDENT}{seat:<14}  ", no_wrap=True, overflow="crop")
    return line.append(shown, "dim italic")
