"""The argument graph of a run in the Argument Interchange Format, as a file.

What does not map: conflicts with their sides and ends, stances, moves, ballots, the decision and the answer.
AIF has claims and what they do to each other; who holds an option, and who won, is in none of its nodes.
"""

from pathlib import Path

from folkmoot.records.argument import argument_graph, to_aif
from folkmoot.records.canonical import canonical
from folkmoot.records.exports.form import cannot_write
from folkmoot.records.files import replace
from folkmoot.records.outcome import load


def export(record: Path, to: Path, *, at_least: float = 0.0) -> None:
    """Write the claims of a record, and who supports, attacks or restates whom, as JSON of AIFdb.

    Args:
        record: its folder.
        to: the file.
        at_least: edges with less weight are left out; see `argument_graph`.

    Raises:
        RecordError: the record cannot be read, or the file not be written.
    """
    graph = argument_graph(load(record).transcript, at_least=at_least)
    try:
        replace(to, canonical(to_aif(graph)) + b"\n")
    except OSError as error:
        raise cannot_write(to, error) from error
