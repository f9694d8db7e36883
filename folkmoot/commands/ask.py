"""`folkmoot ask`: a panel deliberates on a question, live."""

import json as json_text
import sys
from pathlib import Path
from typing import Any

from folkmoot.agents import Panel
from folkmoot.commands.options import (
    Json,
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
from folkmoot.commands.showing import RECORD_DIR, show_outcome
from folkmoot.graphs import deliberate
from folkmoot.graphs.files import protocol_of
from folkmoot.live import view
from folkmoot.pool import Pool
from folkmoot.records import Budget, InputError, Outcome, PoolError
from folkmoot.screen import console
from folkmoot.stopping import until_stopped


def ask(
    question: Question,
    panel: PanelFile = None,
    protocol: Protocol = "debate",
    option: Options = None,
    of_values: OfValues = False,
    rounds: Rounds = None,
    param: Params = None,
    seed: Seed = 0,
    max_tokens: MaxTokens = None,
    budget: TokenBudget = None,
    pool: PoolFile = None,
    record_dir: RecordDir = RECORD_DIR,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Let a panel deliberate on a question.

    It ends in one answer and a log of the conflicts, and leaves a record.
    """
    seats = read_panel(panel, max_tokens)
    asked = protocol_of(protocol, parameters(param or [], rounds)).protocol
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
                watch=shown,
            )
        except PoolError as fault:
            if fault.model is None:
                raise
            where = seats.located(fault.model, fault.message)
            raise PoolError(where, fault.hint, fault.model) from fault

    with shown:
        outcome = until_stopped(work(), lambda: shown.watch.record, pool)
    show_outcome(outcome, json=json, headed=quiet)


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


def parameters(given: list[str], rounds: int | None) -> dict[str, Any]:
    """`key=value` pairs as parameters: a value is JSON where it reads as JSON, else a text.

    Raises:
        InputError: something without `=`, or a parameter given twice.
    """
    params: dict[str, Any] = {} if rounds is None else {"rounds": rounds}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise InputError(
                f"--param {pair!r} is not KEY=VALUE", "for example --param rule=plurality"
            )
        if key in params:
            raise InputError(f"the parameter {key!r} is given twice")
        try:
            params[key] = json_text.loads(value)
        except (ValueError, RecursionError):
            params[key] = value
    return params
