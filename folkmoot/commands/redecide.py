"""`folkmoot redecide`: the ballots of a run counted otherwise, without a model."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.commands.ask import parameters
from folkmoot.commands.options import Json
from folkmoot.eval.every_rule import every_rule
from folkmoot.eval.every_rule_of import every_rule_of
from folkmoot.eval.redecide import Redecision, redecision
from folkmoot.header import labelled
from folkmoot.records import Decision, InputError
from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.rules_table import every_rule_lines, every_rule_of_lines
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

RecordOrFolder = Annotated[
    Path,
    typer.Argument(help="The folder of a run; with --all, or of several.", metavar="RECORD"),
]
Without = Annotated[
    list[str] | None,
    typer.Option(help="A seat that is left out; once for each.", metavar="SEAT"),
]
RuleName = Annotated[
    str | None, typer.Option("--rule", help="Another decision rule.", metavar="NAME")
]
RuleParams = Annotated[
    list[str] | None,
    typer.Option(help="A parameter of the rule, such as quorum=0.8.", metavar="KEY=VALUE"),
]
Weights = Annotated[
    list[str] | None,
    typer.Option(
        "--weight",
        help="How much a seat's first choice counts, in place of a rule; once for each.",
        metavar="SEAT=NUMBER",
    ),
]

All = Annotated[
    bool,
    typer.Option("--all", help="Under every rule that can read them; of a folder, in every run."),
]


def redecide(
    record: RecordOrFolder,
    every: All = False,
    without: Without = None,
    rule: RuleName = None,
    param: RuleParams = None,
    weight: Weights = None,
    json: Json = False,
) -> int:
    """Count the ballots of a run again: without a seat, under another rule, under all. No model is asked.

    What was said stays said. The record is not changed. With --all, exit code 1 where a decision on
    record is not what its own rule comes to, or a record cannot be read.
    """
    if every:
        return _all(record, without or (), rule, param or [], weight or [], json)
    found = redecision(
        record,
        without=without or (),
        rule=rule,
        params=parameters(param or [], None) or None,
        weights=_weights(weight) if weight else None,
    )
    if json:
        print_json({**found.plain(), "changed": found.changed})
        return 0
    emit(console(sys.stdout), _shown(found))
    return 0


def _all(
    record: Path,
    without: Sequence[str],
    rule: str | None,
    param: list[str],
    weight: Sequence[str],
    json: bool,
) -> int:
    """Under every rule: one run, or every run of a folder."""
    if rule is not None:
        raise InputError("--rule does not go with --all, which counts under every rule")
    params = parameters(param, None)
    weights = _weights(weight) if weight else None
    if (record / JOURNAL_FILE).exists():
        one = every_rule(record, without=without, params=params, weights=weights)
        plain, lines, fine = one.plain(), every_rule_lines(one), one.reproduced is not False
    else:
        many = every_rule_of(record, without=without, params=params, weights=weights)
        plain, lines, fine = many.plain(), every_rule_of_lines(many), not many.wrong
    if json:
        print_json(plain)
    else:
        emit(console(sys.stdout), lines)
    return 0 if fine else 1


def _weights(given: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for pair in given:
        seat, equals, number = pair.rpartition("=")
        try:
            found[seat] = float(number)
        except ValueError:
            equals = ""
        if not equals or not seat:
            raise InputError(
                f"--weight {pair!r} is not SEAT=NUMBER", "for example --weight nurse=2"
            )
    return found


def _shown(found: Redecision) -> list[RenderableType]:
    parts: list[RenderableType] = [labelled("Recorded", *_lines(found.recorded))]
    said = "Again" if found.changed else "The same"
    parts.append(labelled(said, *_lines(found.decision)))
    if found.without:
        parts.append(labelled("Without", Text(visible(" · ".join(found.without)))))
    pivotal = found.decision.pivotal
    if pivotal is not None:
        seats = " · ".join(map(visible, pivotal)) or "no seat alone"
        parts.append(labelled("Pivotal", Text(seats)))
    return [*parts, _agreement(found)]


def _lines(decision: Decision) -> list[Text]:
    came = decision.winner or ", ".join(decision.views or ())
    head = f"{visible(came)}, " if came else ""
    head += f"{decision.status.replace('_', ' ')} by {visible(decision.rule)}"
    counts = sorted(decision.tally.items(), key=lambda each: -each[1])
    tally = " · ".join(f"{visible(option)} {count:g}" for option, count in counts)
    return [Text(head, "bold"), *([Text(tally)] if tally else [])]


def _agreement(found: Redecision) -> Table:
    held = found.agreement
    lines = [Text(f"{len(held.agree)} of {held.counted} rules that can count these ballots")]
    by_winner: dict[str, list[str]] = {}
    for rule, winner in held.differ.items():
        by_winner.setdefault("no winner" if winner is None else visible(winner), []).append(rule)
    lines += [Text(f"{winner}: {', '.join(rules)}") for winner, rules in by_winner.items()]
    lines += [Text(f"{rule} cannot: {visible(why)}", "dim") for rule, why in held.cannot.items()]
    return labelled("Agree", *lines)
