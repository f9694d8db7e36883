"""`folkmoot redecide`: the ballots of a run counted otherwise, without a model."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.commands.ask import parameters
from folkmoot.commands.options import Json, Record
from folkmoot.eval.redecide import Redecision, redecision
from folkmoot.header import labelled
from folkmoot.records import Decision, InputError
from folkmoot.screen import console, emit, print_json
from folkmoot.visible import visible

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


def redecide(
    record: Record,
    without: Without = None,
    rule: RuleName = None,
    param: RuleParams = None,
    weight: Weights = None,
    json: Json = False,
) -> None:
    """Count the ballots of a run again: without a seat, under another rule. No model is asked.

    What was said stays said. The record is not changed.
    """
    found = redecision(
        record,
        without=without or (),
        rule=rule,
        params=parameters(param or [], None) or None,
        weights=_weights(weight) if weight else None,
    )
    if json:
        print_json({**found.plain(), "changed": found.changed})
        return
    emit(console(sys.stdout), _shown(found))


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
