"""How it runs: static checks, compilation to LangGraph, the run, many runs, resuming.

The only room that knows LangGraph. `run` is the way in; `build` turns a protocol into a graph that
a user can draw, stream or put into one of their own, `as_node` a deliberation into a node; `events` is
what a watcher hears, `human` how a person answers, `files` how a protocol is kept, `soundness` what is
wrong with one, `shadow` how seats on probation are asked beside a run.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.graphs, not the folder it lives in")

from folkmoot.graphs.blocking import (
    deliberate_many_sync,
    deliberate_sync,
    resume_sync,
    shadowed_sync,
)
from folkmoot.graphs.branch import resynthesize
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
from folkmoot.graphs.files import read_protocol, write_protocol
from folkmoot.graphs.human import Said, answer
from folkmoot.graphs.many import Question, deliberate_many
from folkmoot.graphs.nesting import as_node
from folkmoot.graphs.rehearsal import dry_opening
from folkmoot.graphs.replay import replay
from folkmoot.graphs.run import begin, conduct, deliberate, resume, resume_as
from folkmoot.graphs.shadow import shadowed
from folkmoot.graphs.shadow_plan import planned, planning
from folkmoot.graphs.soundness import unsound

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
    "Said",
    "StageStarted",
    "Text",
    "Watch",
    "WorstCase",
    "answer",
    "as_node",
    "begin",
    "build",
    "check",
    "conduct",
    "deliberate",
    "deliberate_many",
    "deliberate_many_sync",
    "deliberate_sync",
    "dry_opening",
    "planned",
    "planning",
    "read_protocol",
    "replay",
    "resume",
    "resume_as",
    "resume_sync",
    "resynthesize",
    "serializer",
    "shadowed",
    "shadowed_sync",
    "unsound",
    "worst_case",
    "write_protocol",
]
