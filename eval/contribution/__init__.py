"""Contributions: what they are taught with, what is asked of them before they are seated, what they
are worth.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.eval.contribution, not its folder")

from folkmoot.eval.contribution.lessons import Lesson, examples, read_lessons
from folkmoot.eval.contribution.scores import LessonScores, held_out, score

__all__ = ["Lesson", "LessonScores", "examples", "held_out", "read_lessons", "score"]
