"""The experiment's result as a page of Markdown: figures first, then what they do not show."""

from collections.abc import Iterable, Sequence

from folkmoot.eval.participation.experiment import GROWN, Gain, Made, Result
from folkmoot.eval.statistics import Interval

_LIMITS = (
    "Whether a panel of other models, or of larger ones, would do the same: one family of small models was asked.",
    "What exchange adds: these are blind answers, recounted. Debate is not among the systems.",
    "How well anybody writes: every answer is a choice among options.",
    "That a member is worthless: a member that is outvoted on these tasks may be the only one right on others.",
)


def report(result: Result, command: str) -> str:
    """The page.

    Args:
        result: of the experiment.
        command: that makes it again.
    """
    count, tasks = sum(result.items.values()), len(result.items)
    parts = [
        "# Participation",
        f"{count} items of {tasks} tasks ({result.development} more for development), "
        f"{sum(each.role is None for each in result.models)} members. {_power(result.detectable)} "
        "Intervals are of 95 %, from items drawn anew within each task. Accuracies are means over tasks.",
        f"```\n{command}\n```",
        "## Systems",
        _systems(result),
        "## Gains, relative to one model",
        _gains(result.systems, equal=False),
        "At equal calls: as many draws of that model as there are members, by plurality.",
        _gains(result.systems, equal=True),
        "## What no member solves",
        _emergence(result.systems),
        "## What is lost",
        _regression(result.systems),
        "## Members and controls alone",
        _models(result),
        "## Each contributor's own priorities",
        _priorities(result),
        f"## With more members ({GROWN})",
        _growth(result),
        "## Different members against copies",
        _table(
            ("different", "copies of each", "accuracy"),
            ((f"{m.distinct}", f"{m.copies}", f"{m.accuracy:.3f}") for m in result.diversity),
        ),
        f"## Malicious members ({GROWN})",
        _attacks(result),
        "## What this does not show",
        "\n".join(f"- {each}" for each in _limits(result)),
    ]
    return "\n\n".join(parts) + "\n"


def _power(difference: float | None) -> str:
    if difference is None:
        return "These are too few items to find any difference with a power of 0.8."
    return (
        "Where two systems part on a third of the items, a difference of "
        f"{difference:.3f} is found with a power of 0.8."
    )


def _systems(result: Result) -> str:
    rows = (
        (each.name, each.what, shown(each.accuracy), _figure(each.tokens, "{:.0f}"))
        for each in result.systems
    )
    return _table(("system", "what counts", "accuracy", "tokens an item"), rows)


def _gains(systems: Sequence[Made], *, equal: bool) -> str:
    def of(made: Made) -> Sequence[Gain]:
        return made.at_equal_tokens if equal else made.gains

    rivals = [each.over for each in of(systems[0])]
    rows = ((made.name, *(_percent(each.relative) for each in of(made))) for made in systems)
    return _table(("system", *(f"over {name}" for name in rivals)), rows)


def _emergence(systems: Sequence[Made]) -> str:
    head = (
        "system",
        "items",
        "solved",
        "a guess",
        "a guess among the rest",
        "the best member's draws",
        "less the guess",
        "less the draws",
        "solved where all fail in every draw",
    )
    rows = (
        (
            made.name,
            f"{made.emergence.items}",
            shown(made.emergence.solved),
            _figure(made.emergence.guess),
            _figure(made.emergence.guess_of_the_rest),
            _figure(made.emergence.resampled),
            shown(made.emergence.over_guess),
            shown(made.emergence.over_resampled),
            f"{shown(made.emergence.strict_solved)} of {made.emergence.strict_items}",
        )
        for made in systems
    )
    return _table(head, rows)


def _regression(systems: Sequence[Made]) -> str:
    head = (
        "system",
        "wrong where all are right",
        "wrong where most are right",
        "some member is right",
        "gap to that",
        "over the mean member",
    )
    rows = (
        (
            made.name,
            _figure(made.regression.lost_of_all_right),
            _figure(made.regression.lost_of_majority_right),
            _figure(made.regression.any_right),
            _figure(made.regression.oracle_gap),
            _figure(made.regression.gain, "{:+.3f}"),
        )
        for made in systems
    )
    return _table(head, rows)


def _models(result: Result) -> str:
    tasks = list(result.items)
    rows = (
        (
            each.name,
            each.role or "",
            shown(each.accuracy),
            *(f"{each.tasks[task]:.2f}" for task in tasks),
        )
        for each in result.models
    )
    return _table(("model", "control", "accuracy", *tasks), rows)


def _priorities(result: Result) -> str:
    names = list(result.systems[0].priorities)
    rows = (
        (name, *(_figure(made.priorities[name], "{:+.3f}") for made in result.systems))
        for name in names
    )
    return _table(("member", *(made.name for made in result.systems)), rows)


def _growth(result: Result) -> str:
    rows = (
        (
            f"{each.members}",
            f"{each.panels}",
            f"{each.accuracy:.3f}",
            f"{each.low:.3f} to {each.high:.3f}",
            f"{each.beats_best_member:.2f}",
        )
        for each in result.growth
    )
    return _table(
        ("members", "panels", "accuracy", "nine panels in ten", "beat their best member"), rows
    )


def _attacks(result: Result) -> str:
    rows = (
        (
            f"{each.malicious} of {each.of}",
            f"{each.accuracy:.3f}",
            _figure(each.masked),
            _figure(each.recovered, "{:.0%}"),
            _figure(each.found, "{:.0%}"),
            _figure(each.wrongly, "{:.0%}"),
        )
        for each in result.attacks
    )
    head = ("malicious", "accuracy", "suspects masked", "recovered", "found", "honest ones masked")
    return _table(head, rows)


def _limits(result: Result) -> list[str]:
    found: list[str] = [*_LIMITS]
    if small := [task for task, n in result.items.items() if n < 100]:
        found.append(
            f"Small differences on one task: {', '.join(small)} have fewer than 100 items."
        )
    missing = {"base", "monolith", "larger monolith"} - {each.role for each in result.models}
    found += [
        f"How it compares with a {role}: none was among the controls." for role in sorted(missing)
    ]
    return found


def shown(interval: Interval | None) -> str:
    """A figure with its interval."""
    if interval is None:
        return ""
    return f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def _percent(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"{interval.value:+.1%} ({interval.low:+.1%} to {interval.high:+.1%})"


def _figure(value: float | None, form: str = "{:.3f}") -> str:
    return "" if value is None else form.format(value)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_plain(each) for each in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Names are contributors' own: none of them ends a cell."""
    return text.replace("|", "\\|").replace("\n", " ")
