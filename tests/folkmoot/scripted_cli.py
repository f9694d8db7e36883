"""The command line with a scripted pool where the embedded one would be. Run it like `folkmoot`.

The delay before each answer, in seconds, comes from SCRIPT_DELAY_S; with it, texts are streamed.
"""

import asyncio
import os
import sys
from typing import Any

import folkmoot.commands.ask
import folkmoot.commands.resume
from folkmoot.cli import main
from folkmoot.pool import Pool, Progress
from folkmoot.pool.scripted import Scripted
from folkmoot.records import Call, Reply

YES = {"nurse": 0.9, "researcher": 0.8, "patient": 0.2}
"""How likely a seat says yes; the others change their minds from 0.4 to 0.7 after the blind round."""

HOSTILE = "\x1b[31mred\x1b[0m [bold]loud[/bold] \u202edesrever\u202c \x07 :smile:"
REASON = f"As {{seat}} I weigh it so, {HOSTILE}. Then more follows."


def answer(call: Call) -> str | list[float]:
    """Stances by seat; every claim is agreed with; reasons hold what a terminal must never get."""
    if call.op == "generate":
        return REASON.format(seat=call.seat)
    likely = YES.get(call.seat, 0.4 if call.round == 0 else 0.7)
    if [option.strip() for option in call.options] == ["yes", "no"]:
        return [likely, 1 - likely]
    if [option.strip() for option in call.options] == ["no", "yes"]:
        return [1 - likely, likely]
    return [0.97, *[0.03 / (len(call.options) - 1)] * (len(call.options) - 1)]


class Streaming(Scripted):
    """A scripted engine that takes its time, word by word."""

    async def start(self, on_progress: Any = None) -> None:
        """A load that can be watched."""
        if on_progress is not None:
            for done in (0.0, 0.5, 1.0):
                on_progress(Progress("loading the script", done))
                await asyncio.sleep(self._delay_s)

    async def answer(self, call: Call, on_text: Any = None) -> Reply:
        """The whole reply, after its words."""
        reply = await super().answer(call)
        for word in reply.text.split(" ") if on_text is not None else ():
            on_text(word + " ")
            await asyncio.sleep(self._delay_s / 10)
        return reply


class ScriptedPools:
    """Stands where the commands look for `Pool`."""

    from_yaml = Pool.from_yaml

    @staticmethod
    def embedded() -> Pool:
        """A scripted pool."""
        return Pool([Streaming(answer, delay_s=float(os.environ.get("SCRIPT_DELAY_S", "0")))])


if __name__ == "__main__":
    folkmoot.commands.ask.Pool = ScriptedPools
    folkmoot.commands.resume.Pool = ScriptedPools
    sys.exit(main())
