"""Page: a statement in Markdown. Names in it were written by others, and can mark nothing up."""

import re

from folkmoot.eval.statistics import Interval
from folkmoot.eval.worth.statement import Axis, Priority, Quality, Statement
from folkmoot.records.accounts import Account

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|&~:@])")


def markdown(statement: Statement) -> str:
    """The statement as a page."""
    parts = [
        f"# {plain_text(statement.name)}",
        _who(statement),
        "## What it cost",
        _cost(statement.cost),
        "## What it was worth",
        "Quality and plurality are two things, and are never added.",
        _worth(statement),
    ]
    if statement.priorities:
        parts += ["## How its priorities fared", _priorities(statement.priorities)]
    return "\n\n".join(parts) + "\n"


def plain_text(text: str) -> str:
    """A text of somebody else on one line, as text: what would mark it up or hide is escaped."""
    seen = "".join(each if each.isprintable() else " " for each in text)
    return _MARKS.sub(r"\\\1", " ".join(seen.split()))


def _who(statement: Statement) -> str:
    seats, models = (
        ", ".join(map(plain_text, each)) for each in (statement.seats, statement.models)
    )
    line = f"{_several(statement.runs, 'run')}. Seats: {seats}. Models: {models}."
    if statement.same_as:
        others = ", ".join(map(plain_text, statement.same_as))
        line += f" One with: {others}; what they were worth is split evenly between them."
    return line


def _cost(cost: Account) -> str:
    rows = [("calls", f"{cost.calls:,}"), ("asked again", f"{cost.retries:,}")]
    figures = {
        "prompt tokens, as sent": cost.prompt,
        "of these from a prefix cache": cost.cached,
        "computed, where the first to read a prefix pays": cost.computed,
        "computed, where all who read it pay in equal parts": cost.split,
        "tokens written": cost.completion,
    }
    rows += [(name, f"{value:,.0f}") for name, value in figures.items() if value is not None]
    if cost.engine_s is not None:
        rows.append(
            ("seconds of the engine, of a GPU where it runs on one", f"{cost.engine_s:,.3f}")
        )
    return _table(("", ""), rows)


def _worth(statement: Statement) -> str:
    rows: list[tuple[str, ...]] = []
    if statement.quality is not None:
        rows.append(("quality: accuracy above a guess", *_axis(statement.quality)))
    rows.append(("plurality: elements of the conflict log", *_axis(statement.plurality)))
    table = _table(
        ("", "Shapley value", "95%", "without it", "for an engine second", "questions", "verdict"),
        rows,
    )
    lines = [table]
    if statement.quality is None:
        lines.append("Quality was not measured: no right answer is known.")
    else:
        lines.append(_alone(statement.quality))
    kinds = (f"{kind} {value:.3g}" for kind, value in statement.plurality.kinds.items())
    lines.append(f"Of the log: {', '.join(kinds)}.")
    return "\n\n".join(lines)


def _axis(axis: "Axis | Quality") -> tuple[str, ...]:
    verdict: str = getattr(axis, "verdict", "")
    return (
        f"{axis.value:+.4f}",
        _interval(axis.interval),
        f"{-axis.leave_one_out + 0.0:+.4f}",
        "not on record"
        if axis.per_engine_s is None
        else _with_interval(axis.per_engine_s, axis.per_engine_s_interval),
        str(axis.questions),
        verdict,
    )


def _alone(quality: Quality) -> str:
    if quality.alone is None:
        return "How often it is right alone is not known: it was not asked blind."
    return f"Its own blind first answers are right in {quality.alone:.3f} of the questions."


def _priorities(priorities: tuple[Priority, ...]) -> str:
    rows = [
        (
            plain_text(each.task),
            "" if each.system is None else f"{each.system:.3f}",
            "" if each.alone is None else f"{each.alone:.3f}",
            "" if each.difference is None else _with_interval(each.difference, each.interval),
            str(each.questions),
            each.verdict,
        )
        for each in priorities
    ]
    head = ("task set", "the panel", "its model alone", "difference", "questions", "verdict")
    return _table(head, rows)


def _with_interval(value: float, interval: Interval | None) -> str:
    return f"{value:+.4g} {f'({_interval(interval)})' if interval else ''}".rstrip()


def _interval(interval: Interval | None) -> str:
    return "" if interval is None else f"{interval.low:+.4g} to {interval.high:+.4g}"


def _several(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]] | list[tuple[str, str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
