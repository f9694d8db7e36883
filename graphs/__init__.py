"""How it runs: static checks, compilation to LangGraph, the run, many runs, resuming.

The only room that knows LangGraph. `run` is the way in; `build` turns a protocol into a graph that
a user can draw, stream or put into one of their own; `events` is what a watcher hears.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.graphs, not the folder it lives in")

from folkmoot.graphs.blocking import deliberate_many_sync, deliberate_sync, resume_sync
from folkmoot.graphs.build import build
from folkmoot.graphs.check import check
from folkmoot.graphs.checkpoint import serializer
from folkmoot.graphs.conduct import Conduct, Watch
from folkmoot.graphs.dry import WorstCase, worst_case
from folkmoot.graphs.events import (
    Answered,
    Asked,
    Event,
    Finished,
    Loading,
    Opened,
    Recorded,
    StageStarted,
    Text,
)
from folkmoot.graphs.many import Question, deliberate_many
from folkmoot.graphs.run import deliberate, resume, resume_as

__all__ = [
    "Answered",
    "Asked",
    "Conduct",
    "Event",
    "Finished",
    "Loading",
    "Opened",
    "Question",
    "Recorded",
    "StageStarted",
    "Text",
    "Watch",
    "WorstCase",
    "build",
    "check",
    "deliberate",
    "deliberate_many",
    "deliberate_many_sync",
    "deliberate_sync",
    "resume",
    "resume_as",
    "resume_sync",
    "serializer",
    "worst_case",
]
