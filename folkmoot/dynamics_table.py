"""How opinions moved in a run, as tables. What is not defined is a dash, never a zero."""

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from folkmoot.ledger_table import ABSENT
from folkmoot.records import Dynamics
from folkmoot.visible import shortened, visible

_OVERALL = {
    "flip_rate": "flips per pair of stances",
    "modal_adoption": "flips that went to the peers' mode",
    "conformity": "took the peers' mode, having differed",
    "obstinacy": "stayed, having differed",
    "kappa": "Fleiss' kappa over rounds",
    "alpha": "Krippendorff's alpha over rounds",
    "claims_kappa": "Fleiss' kappa over claims",
    "claims_alpha": "Krippendorff's alpha over claims",
    "converged": "differed first, all alike in the end",
}
_KEYED = {
    "fixed": "flips from wrong to right",
    "harmed": "flips from right to wrong",
    "net_correction": "net correction",
    "first_correct": "first round whose mode is right",
    "oracle": "any seat ever right",
    "correct": "decided rightly",
    "collapsed": "a right answer was there, and lost",
}


def dynamics_table(found: Dynamics) -> list[RenderableType]:
    """The rounds, the seats, and the figures of the whole run."""
    if not found.rounds and found.claims_alpha is None:
        return [Text("No seat took a stance on the question: nothing moved that could be counted.")]
    parts: list[RenderableType] = []
    if found.rounds:
        parts += [_rounds(found), Text(), _seats(found), Text()]
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, says in (_OVERALL | (_KEYED if found.key is not None else {})).items():
        table.add_row(Text(says, "dim"), _figure(getattr(found, name)))
    if found.key is not None:
        parts = [Text(f"Key: {visible(found.key)}"), Text(), *parts]
    return [*parts, table]


def _rounds(found: Dynamics) -> Table:
    keyed = found.key is not None
    figures = ["valid", "share", "entropy", "polar.", "dist.", "JS", "flips"]
    table = _table("round", figures + (["perf.", "FOCUS"] if keyed else []), "mode")
    for each in found.rounds:
        values: list[object] = [f"{each.valid}/{each.seats}", each.share, each.entropy]
        values += [each.polarisation, each.distance, each.divergence, each.flips]
        values += [each.performance, each.focus] if keyed else []
        modes = " = ".join(map(visible, each.modes)) or ABSENT
        table.add_row(str(each.round), *map(_figure, values), Text(shortened(modes, 24)))
    return table


def _seats(found: Dynamics) -> Table:
    keyed = found.key is not None
    figures = ["stances", "flips", "differed", "conf.", "obst."]
    table = _table("seat", figures + (["fixed", "harmed"] if keyed else []))
    for each in found.seats:
        values: list[object] = [each.stances, each.flips, each.differed, each.conformity]
        values += [each.obstinacy, *((each.fixed, each.harmed) if keyed else ())]
        table.add_row(Text(shortened(each.seat, 24)), *map(_figure, values))
    return table


def _table(first: str, figures: list[str], *last: str) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    for _ in figures:
        table.add_column(justify="right", no_wrap=True)
    for _ in last:
        table.add_column(no_wrap=True)
    table.add_row(*(Text(name, "dim") for name in (first, *figures, *last)))
    return table


def _figure(value: object) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
