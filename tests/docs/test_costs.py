"""The formulas of the protocols' pages: calls and tokens of runs are exactly what they say."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import formulas
import pages
import pytest
from costed import (
    LETTER,
    OPTIONS,
    TAGS,
    Kind,
    Ran,
    Script,
    Sums,
    counts,
    kind_of,
    predicted,
    seats_of,
)
from costed import tally_tokens as tally

from folkmoot.agents import Agent, Panel
from folkmoot.graphs import deliberate_sync
from folkmoot.pool import Pool
from folkmoot.protocols import catalogue, named
from folkmoot.records.ledger import ledger
from tests.protocols.conftest import Walk, opening_of

SIZES, ROUNDS = (3, 4, 7), (1, 2, 3, 4)
SHORT, LONG = 5, 12
KINDS = ("choice", "open")
FIELDS = ("calls", "shown", "listed", "tallies")
STEADY: Mapping[str, dict[str, Any]] = {"jury": {"bar": 1.0}, "delphi": {"stable": 1e-6}}
"""With these, rounds do not end early."""
ALSO = [
    ("consensus", {"candidates": 2}),
    ("group-debate", {"stages": 2}),
    ("group-debate", {"groups": 2, "rounds": 2, "stages": 3}),
    ("before-a-judge", {"form": "consultancy"}),
    ("before-a-judge", {"form": "open-debate"}),
    ("before-a-judge", {"form": "open-consultancy"}),
    ("self-consistency", {"draws": 1}),
    ("self-consistency", {"draws": 7}),
    ("mixture", {"layers": 1}),
    ("debate", {"rounds": 0}),
]
"""Other parameters that a formula names."""
ROUNDED = {entry.name: entry for entry in catalogue()}

every = pytest.mark.parametrize("name", list(ROUNDED))
kinds = pytest.mark.parametrize("kind", KINDS)


def params_of(name: str, rounds: int | None = None) -> dict[str, Any]:
    """Parameters with which so many rounds are held, as far as the protocol has any."""
    known = ROUNDED[name].params
    given = {field: value for field, value in pages.NEEDED.items() if field in known}
    how_long = next((each for each in ("rounds", "layers", "draws") if each in known), None)
    if rounds is not None and how_long is not None:
        given[how_long] = rounds
    return {**given, **STEADY.get(name, {})}


def walked(protocol: Any, kind: str, script: Script) -> Ran:
    options = OPTIONS[script.scene] if kind == "choice" else None
    seen = Walk(protocol, opening_of(seats_of(script.size), options), script).seen
    return Ran(script, seen, ledger(seen.replies, seen.opening.seats))


def fixed_parts(sums: Mapping[Kind, Sums]) -> dict[Kind, Fraction]:
    """Of each kind of call the tokens that do not depend on who said what, as a run has them."""
    return {kind: each.fixed / each.calls for kind, each in sums.items() if each.calls}


class Held(NamedTuple):
    """What a run that costs what the page says came to."""

    last: int
    most: int
    """What the page says that the last round is at most."""
    fixed: dict[Kind, Fraction]


def hold(
    name: str, protocol: Any, kind: str, ran: Ran, reference: Mapping[Kind, Fraction] | None = None
) -> Held:
    """A run costs what the page says, given the fixed parts of another run."""
    cost = pages.facts(name).costs[kind]
    rows = cost["calls"]
    needed = {each for row in rows for field in FIELDS for each in used(row, field)}
    found = counts(protocol, ran.seen, needed)
    said = predicted(rows, found)
    sums = ran.sums(rows)
    assert {each: tuple(held[:4]) for each, held in sums.items()} == said
    total, length = ran.ledger.total, ran.script.length
    assert total.calls == sum(calls for calls, *_ in said.values())
    written = sum(said[kind_of(row)][0] for row in rows if row["does"] == "generate")
    assert total.completion == written * length
    own = fixed_parts(sums)
    fixed = {**own, **(reference or {})}
    options = ran.seen.opening.options
    assert total.prompt == sum(
        (calls and calls * fixed[each])
        + shown * (length + TAGS)
        + listed * (length + LETTER)
        + tallies * tally(options)
        for each, (calls, shown, listed, tallies) in said.items()
    )
    most = int(formulas.value(cost["last"], found))
    assert found["r"] <= most
    return Held(found["r"], most, own)


def used(row: Mapping[str, Any], field: str) -> set[str]:
    """The names in one formula of a row."""
    return formulas.names_in(row.get(field, 0))


@every
@kinds
@pytest.mark.parametrize("size", SIZES)
def test_calls_and_tokens_are_what_the_page_says(name: str, kind: str, size: int) -> None:
    held: list[Held] = []
    for scene in ("one", "all"):
        first = None
        for rounds in ROUNDS:
            protocol = named(name, **params_of(name, rounds))
            ran = walked(protocol, kind, Script(scene, size, SHORT if rounds % 2 else LONG))
            held.append(hold(name, protocol, kind, ran, first))
            first = first or held[-1].fixed
    assert {each.most for each in held} <= {each.last for each in held}


@every
@kinds
@pytest.mark.parametrize("lot", range(4))
def test_whatever_the_seats_hold(name: str, kind: str, lot: int) -> None:
    params = params_of(name, 4) if lot % 2 else params_of(name)
    protocol = named(name, **params)
    one, other = (
        walked(protocol, kind, Script("lot", SIZES[lot % 3], length, lot + length))
        for length in (SHORT, LONG)
    )
    hold(name, protocol, kind, one, hold(name, protocol, kind, other).fixed)


@pytest.mark.parametrize(("name", "params"), ALSO)
@kinds
@pytest.mark.parametrize("size", SIZES)
def test_with_other_parameters(name: str, params: dict[str, Any], kind: str, size: int) -> None:
    protocol = named(name, **{**params_of(name), **params})
    runs = [walked(protocol, kind, Script("one", size, length)) for length in (SHORT, LONG)]
    hold(name, protocol, kind, runs[1], hold(name, protocol, kind, runs[0]).fixed)


@every
@kinds
def test_the_ledger_of_a_run_on_a_pool_says_the_same(name: str, kind: str, tmp_path: Any) -> None:
    protocol = named(name, **params_of(name, 2))
    script = Script("one", 4, SHORT)
    outcome = deliberate_sync(
        "Should we share?",
        Panel([Agent(seat, model="m") for seat in seats_of(4)]),
        protocol,
        Pool.scripted(script),
        options=OPTIONS["one"] if kind == "choice" else None,
        record_dir=tmp_path,
    )
    ran = Ran(script, outcome.transcript, outcome.ledger)
    other = walked(protocol, kind, Script("one", 4, LONG))
    hold(name, protocol, kind, ran, hold(name, protocol, kind, other).fixed)


@every
def test_every_name_in_a_formula_is_explained(name: str) -> None:
    about = pages.facts(name)
    known = {*pages.names(), *ROUNDED[name].params}
    for cost in about.costs.values():
        for row in cost["calls"]:
            assert set(row) <= {"stage", "does", "when", *FIELDS}
            for field in FIELDS:
                assert used(row, field) <= known
