"""`folkmoot ask`: a panel deliberates on a question, live."""

import json as json_text
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from folkmoot.agents import Panel
from folkmoot.commands.options import (
    Gate,
    Json,
    LogParams,
    MaxTokens,
    OfValues,
    Options,
    PanelFile,
    Params,
    PoolFile,
    Protocol,
    Question,
    Quiet,
    RecordDir,
    Rounds,
    Seed,
    TokenBudget,
)
from folkmoot.commands.showing import RECORD_DIR
from folkmoot.graphs import deliberate, planning
from folkmoot.graphs.files import protocol_of
from folkmoot.live import view
from folkmoot.pool import Pool
from folkmoot.probation import show_with_shadows
from folkmoot.protocols import Deliberation, Log, log_of, with_log
from folkmoot.records import Budget, InputError, Outcome, PoolError
from folkmoot.screen import console
from folkmoot.stopping import until_stopped

_FOR_EXAMPLE = {"--param": "rule=plurality", "--log": "clerk=smollm2-clerk"}


def ask(
    question: Question,
    panel: PanelFile = None,
    protocol: Protocol = "debate",
    option: Options = None,
    of_values: OfValues = False,
    rounds: Rounds = None,
    param: Params = None,
    log: LogParams = None,
    seed: Seed = 0,
    max_tokens: MaxTokens = None,
    budget: TokenBudget = None,
    pool: PoolFile = None,
    record_dir: RecordDir = RECORD_DIR,
    gate: Gate = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Let a panel deliberate on a question.

    It ends in one answer and a log of the conflicts, and leaves a record. Those that the panel file has on
    probation are asked afterwards; what they say is on record and counts for nothing.
    """
    seats = read_panel(panel, max_tokens)
    asked = protocol_of(protocol, parameters(param or [], rounds)).protocol
    asked = logged(asked, log or [])
    answering = Pool.from_yaml(pool) if pool is not None else Pool.embedded()
    shown = view(console(sys.stderr if json else sys.stdout), quiet)

    async def work() -> Outcome:
        try:
            return await deliberate(
                question,
                seats,
                asked,
                answering,
                options=option or None,
                of_values=of_values,
                seed=seed,
                budget=Budget(tokens=budget) if budget is not None else None,
                record_dir=record_dir,
                watch=planning(seats, shown),
            )
        except PoolError as fault:
            if fault.model is None:
                raise
            where = seats.located(fault.model, fault.message)
            raise PoolError(where, fault.hint, fault.model) from fault

    with shown:
        outcome = until_stopped(work(), lambda: shown.watch.record, pool)
    on_probation = (seats.shadows, seats.vocabulary)
    return show_with_shadows(
        outcome, *on_probation, answering, pool, json=json, headed=quiet, gate=gate
    )


def read_panel(path: Path | None, max_tokens: int | None) -> Panel:
    """The panel of a file, with another limit for every seat's replies if one is given.

    Raises:
        InputError: no file is named, or it cannot be used.
    """
    if path is None:
        raise InputError(
            "who deliberates? --panel FILE is missing", "folkmoot init makes one to start from"
        )
    panel = Panel.from_yaml(path)
    return panel if max_tokens is None else panel.with_max_tokens(max_tokens)


def logged(protocol: Deliberation, given: list[str]) -> Deliberation:
    """The protocol under its log, changed by what is given.

    Raises:
        InputError: it is no setting of a log.
    """
    if not given:
        return protocol
    said = {**log_of(protocol).params(), **parameters(given, None, "--log")}
    try:
        return with_log(protocol, Log.model_validate(said))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        what = first["msg"].removeprefix("Value error, ")
        raise InputError(
            f"--log {field}: {what}" if field else f"--log: {what}",
            f"there are {', '.join(Log.model_fields)}",
        ) from error


def parameters(given: list[str], rounds: int | None, option: str = "--param") -> dict[str, Any]:
    """`key=value` pairs as parameters: a value is JSON where it reads as JSON, else a text.

    Raises:
        InputError: something without `=`, or a parameter given twice.
    """
    params: dict[str, Any] = {} if rounds is None else {"rounds": rounds}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise InputError(
                f"{option} {pair!r} is not KEY=VALUE",
                f"for example {option} {_FOR_EXAMPLE[option]}",
            )
        if key in params:
            raise InputError(f"the parameter {key!r} is given twice")
        try:
            params[key] = json_text.loads(value)
        except (ValueError, RecursionError):
            params[key] = value
    return params
