"""Scanners: functions that look through records and say what they find, with the messages that they mean.

`scan` runs rules and functions of the user's own, `ask` asks a model; `keep` puts what they found on record,
`measure` holds it against labels, and `agreement_of` says how far people agree who annotated.
"""

from folkmoot.eval.scan.asked import ask
from folkmoot.eval.scan.builtin import BUILTIN, named, own
from folkmoot.eval.scan.counts import Counts, counts
from folkmoot.eval.scan.folders import records_in
from folkmoot.eval.scan.found import Found, Scanner
from folkmoot.eval.scan.kept import keep
from folkmoot.eval.scan.measure import (
    Labelled,
    Measured,
    measure,
    read_labels,
    truth_in,
    truth_of,
)
from folkmoot.eval.scan.pattern import pattern
from folkmoot.eval.scan.question import Question
from folkmoot.eval.scan.raters import LabelAgreement, agreement_of
from folkmoot.eval.scan.scanning import Row, Scan, scan
from folkmoot.eval.scan.subject import Subject

__all__ = [
    "BUILTIN",
    "Counts",
    "Found",
    "LabelAgreement",
    "Labelled",
    "Measured",
    "Question",
    "Row",
    "Scan",
    "Scanner",
    "Subject",
    "agreement_of",
    "ask",
    "counts",
    "keep",
    "measure",
    "named",
    "own",
    "pattern",
    "read_labels",
    "records_in",
    "scan",
    "truth_in",
    "truth_of",
]
