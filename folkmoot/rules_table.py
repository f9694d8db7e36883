"""What ballots come to under every rule, as tables: one run's, and those of a folder."""

from collections.abc import Iterable
from string import ascii_uppercase

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.eval.every_rule import EveryRule, Ruled
from folkmoot.eval.every_rule_of import EveryRuleOf
from folkmoot.header import labelled
from folkmoot.ledger_table import ABSENT
from folkmoot.visible import shortened, visible

_RUNS = 40
"""Runs of a folder that are shown in a line each; the JSON object has all."""


def every_rule_lines(found: EveryRule) -> list[RenderableType]:
    """The decision on record, a row for each rule, and those that cannot count."""
    recorded = found.recorded
    lines: list[RenderableType] = [
        labelled("Recorded", Text(f"{_came(Ruled.of(recorded))} by {visible(recorded.rule)}")),
        labelled("Again", _reproduced(found)),
    ]
    if found.without:
        lines.append(labelled("Without", Text(visible(" · ".join(found.without)))))
    lines += [Text(), _rules(found), Text()]
    share = f"{len(found.agree)} of {found.counted} rules agree with {visible(recorded.rule)}"
    if found.held is None:
        share = f"{visible(recorded.rule)} cannot count these ballots: nothing to agree with"
    lines.append(labelled("Agree", Text(share)))
    if found.cannot:
        said = [Text(f"{name}: {visible(why)}", "dim") for name, why in found.cannot.items()]
        lines.append(labelled("Cannot", *said))
    return lines


def _reproduced(found: EveryRule) -> Text:
    if found.reproduced is None:
        return Text("a rule of somebody's own, which cannot be counted here")
    if found.reproduced:
        return Text("the rule on record comes to the decision on record")
    return Text(f"NOT REPRODUCED: {visible(found.why)}", "bold")


def _rules(found: EveryRule) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for title in ("rule", "comes to", "margin", "pivotal"):
        table.add_column(
            no_wrap=title != "pivotal", justify="right" if title == "margin" else "left"
        )
    table.add_row(*(Text(title, "dim") for title in ("rule", "comes to", "margin", "pivotal")))
    for name, ruled in found.rules.items():
        differs = found.held is not None and ruled.compared and ruled.winner != found.held.winner
        table.add_row(
            Text(visible(name), "bold" if differs else ""),
            Text(shortened(_came(ruled), 30)),
            ABSENT if ruled.margin is None else f"{ruled.margin:.4g}",
            Text(_pivotal(ruled)),
        )
    return table


def _came(ruled: Ruled) -> str:
    came = ruled.winner or ", ".join(ruled.views or ())
    return visible(came) if came else ruled.status.replace("_", " ")


def _pivotal(ruled: Ruled) -> str:
    if ruled.pivotal is None:
        return ABSENT
    return shortened(" · ".join(ruled.pivotal), 40) or "no seat alone"


def every_rule_of_lines(found: EveryRuleOf) -> list[RenderableType]:
    """Whether each decision comes out again, a line for each run, the rules, and who agrees with whom."""
    known = [run for run in found.runs if run.reproduced is not None]
    wrong = found.irreproducible
    head = f"{len(found.runs)} runs; {len(known) - len(wrong)} of {len(known)} decisions come out again"
    lines: list[RenderableType] = [Text(head, "bold")]
    lines += [Text(f"NOT REPRODUCED  {_name(run)}: {visible(run.why)}", "bold") for run in wrong]
    lines += [
        Text(f"BROKEN  {visible(name)}: {visible(why)}", "bold")
        for name, why in found.broken.items()
    ]
    lines += [
        Text(f"left out  {visible(name)}: {visible(why)}", "dim")
        for name, why in found.left_out.items()
    ]
    lines += [Text(), _runs(found.runs[:_RUNS])]
    if len(found.runs) > _RUNS:
        lines.append(Text(f"and {len(found.runs) - _RUNS} more runs", "dim"))
    return [*lines, Text(), _rows(found), Text(), *_matrix(found)]


def _name(run: EveryRule) -> str:
    return visible(run.record or run.run_id)


def _runs(runs: Iterable[EveryRule]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for title in ("run", "decided", "by", "agree"):
        table.add_column(no_wrap=True, justify="right" if title == "agree" else "left")
    table.add_row(*(Text(title, "dim") for title in ("run", "decided", "by", "agree")))
    for run in runs:
        table.add_row(
            Text(shortened(_name(run), 34)),
            Text(shortened(_came(Ruled.of(run.recorded)), 18)),
            Text(shortened(run.recorded.rule, 12)),
            f"{len(run.agree)}/{run.counted}",
        )
    return table


def _rows(found: EveryRuleOf) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    titles = ("rule", "can count", "agrees", "no winner")
    for title in titles:
        table.add_column(no_wrap=True, justify="left" if title == "rule" else "right")
    table.add_row(*(Text(title, "dim") for title in titles))
    for row in found.rules:
        agrees = f"{row.agree}/{row.counted}" if row.compared else ABSENT
        table.add_row(Text(visible(row.rule)), str(row.counted), agrees, str(row.without_winner))
    return table


def _matrix(found: EveryRuleOf) -> list[RenderableType]:
    """How often rules come to the same, in hundredths; those that always do are one row."""
    groups = found.alike[: len(ascii_uppercase)]
    same = {(each.first, each.second): each for each in found.pairs}
    table = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(len(groups) + 1):
        table.add_column(no_wrap=True, justify="right")
    letters = ascii_uppercase[: len(groups)]
    table.add_row("", *(Text(letter, "dim") for letter in letters))
    for letter, ours in zip(letters, groups, strict=True):
        cells: list[str] = []
        for theirs in groups:
            pair = same.get((ours[0], theirs[0])) or same.get((theirs[0], ours[0]))
            own = "100" if ours is theirs else ABSENT
            cells.append(f"{100 * pair.same / pair.both:.0f}" if pair and pair.both else own)
        table.add_row(Text(letter, "bold"), *cells)
    named = [
        Text.assemble((letter, "bold"), f" {visible(', '.join(rules))}")
        for letter, rules in zip(letters, groups, strict=True)
    ]
    return [Text("Same winner, of 100 runs that both can count", "bold"), table, *named]
