"""What is written: frozen values, the journal, and all that is derived from it.

Imports nothing else of Folkmoot. `calls` is where agents and engines meet, `acts`, `conflicts` and
`decisions` are what replies come to mean, `journal` is the only truth, and `transcript`, `ledger`,
`conflict_log` and `outcome` are folds over it that `verify` can rebuild.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.records, not the folder it lives in")

from folkmoot.records.acts import QUESTION, Act, Ballot, Issue, Move, Stance, Turn
from folkmoot.records.audit import audit
from folkmoot.records.calls import HUMAN, Call, Reply, Sampling, Segment, Timing, Usage
from folkmoot.records.canonical import canonical, digest, scrub, text_digest
from folkmoot.records.clones import clones
from folkmoot.records.conflict_log import ConflictEntry, ConflictLog
from folkmoot.records.conflicts import (
    Conflict,
    Detection,
    Dissent,
    Event,
    Position,
    Ratification,
    ReopenIf,
    Resolution,
    Settlement,
    Severity,
    Span,
    Tension,
)
from folkmoot.records.decisions import Answer, Decision, Sentence, Treatment
from folkmoot.records.dynamics import dynamics
from folkmoot.records.errors import (
    CallRefused,
    ContributionError,
    EngineError,
    EngineRefused,
    EngineUnavailable,
    FolkmootError,
    GraphError,
    InputError,
    JournalError,
    MergeError,
    PanelError,
    PoolError,
    RecordError,
    Waiting,
)
from folkmoot.records.figures import Dynamics
from folkmoot.records.flow import Check, Filtering, Held
from folkmoot.records.journal import Journal
from folkmoot.records.journal_reader import JournalView, read_journal
from folkmoot.records.ledger import Ledger, LedgerLine
from folkmoot.records.lines import Abort, Close, Resume
from folkmoot.records.opening import (
    Beside,
    Budget,
    Imported,
    ModelRef,
    Opening,
    Party,
    ProtocolRef,
)
from folkmoot.records.outcome import Absence, Outcome, derive, load, outcome_of, write_derived
from folkmoot.records.relations import Relation, Restatement
from folkmoot.records.shadows import Shadow, read_shadows
from folkmoot.records.spans import quotation, sentences, span
from folkmoot.records.transcript import Key, Place, Record, RecordAdapter, Transcript, key
from folkmoot.records.verify import Finding, Verification, verify

__all__ = [
    "HUMAN",
    "QUESTION",
    "Abort",
    "Absence",
    "Act",
    "Answer",
    "Ballot",
    "Beside",
    "Budget",
    "Call",
    "CallRefused",
    "Check",
    "Close",
    "Conflict",
    "ConflictEntry",
    "ConflictLog",
    "ContributionError",
    "Decision",
    "Detection",
    "Dissent",
    "Dynamics",
    "EngineError",
    "EngineRefused",
    "EngineUnavailable",
    "Event",
    "Filtering",
    "Finding",
    "FolkmootError",
    "GraphError",
    "Held",
    "Imported",
    "InputError",
    "Issue",
    "Journal",
    "JournalError",
    "JournalView",
    "Key",
    "Ledger",
    "LedgerLine",
    "MergeError",
    "ModelRef",
    "Move",
    "Opening",
    "Outcome",
    "PanelError",
    "Party",
    "Place",
    "PoolError",
    "Position",
    "ProtocolRef",
    "Ratification",
    "Record",
    "RecordAdapter",
    "RecordError",
    "Relation",
    "ReopenIf",
    "Reply",
    "Resolution",
    "Restatement",
    "Resume",
    "Sampling",
    "Segment",
    "Sentence",
    "Settlement",
    "Severity",
    "Shadow",
    "Span",
    "Stance",
    "Tension",
    "Timing",
    "Transcript",
    "Treatment",
    "Turn",
    "Usage",
    "Verification",
    "Waiting",
    "audit",
    "canonical",
    "clones",
    "derive",
    "digest",
    "dynamics",
    "key",
    "load",
    "outcome_of",
    "quotation",
    "read_journal",
    "read_shadows",
    "scrub",
    "sentences",
    "span",
    "text_digest",
    "verify",
    "write_derived",
]
