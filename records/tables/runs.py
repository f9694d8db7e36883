"""Tables of runs, of who sat on their panels, and of what that cost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from folkmoot.records.decisions import Decision
from folkmoot.records.journal_reader import JournalView
from folkmoot.records.ledger import LedgerLine
from folkmoot.records.opening import Beside, ModelRef, Opening, Party
from folkmoot.records.tables.table import Column, Read, as_json, column, json_of, listed, table


def moment(text: str | None) -> datetime | None:
    """A time of a record as a time in UTC without a zone; None stays None."""
    return (
        None if text is None else datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    )


def seconds(view: JournalView) -> float | None:
    """Seconds from the beginning of a run to its end, stops included; None where it has not ended."""
    finished, started = moment(view.close and view.close.at), moment(view.opening.started)
    return None if finished is None or started is None else (finished - started).total_seconds()


def _decided(field: str) -> Any:
    def get(run: Read) -> Any:
        decision: Decision | None = run.outcome.decision
        return None if decision is None else getattr(decision, field)

    return get


def _aborted(field: str) -> Any:
    def get(run: Read) -> int | None:
        line: LedgerLine | None = run.outcome.ledger.aborted
        return None if line is None else getattr(line, field)

    return get


def _redacted(run: Read) -> int:
    return len(run.view.redacted)


def _of(field: str) -> Any:
    def get(run: Read) -> str | None:
        beside: Beside | None = getattr(run.view.opening, field)
        return None if beside is None else beside.run_id

    return get


def _imported(run: Read) -> str | None:
    imported = run.view.opening.imported
    return None if imported is None else imported.form


def costs(where: str = "") -> tuple[Column, ...]:
    """The figures of a line of the ledger.

    Args:
        where: the path to the line, ending in a dot.
    """
    return (
        column("calls", "integer", "calls that got a reply", f"{where}calls"),
        column("prompt", "integer", "of the prompts as sent", f"{where}prompt", "tokens"),
        column("computed", "integer", "of these, computed", f"{where}computed", "tokens"),
        column("cached", "integer", "of these, from a prefix cache", f"{where}cached", "tokens"),
        column("completion", "integer", "of the replies", f"{where}completion", "tokens"),
        column("retries", "integer", "times that a call was asked again", f"{where}retries"),
    )


RUNS: Final = table(
    "runs",
    "A run: how it began, what it came to and what it cost. Figures of cost are those of the ledger.",
    lambda run: (run,),
    (
        column("run_id", "text", "the id of the run", "view.opening.run_id"),
        column("question", "text", "the question", "view.opening.question"),
        column(
            "options",
            "list of text",
            "the answers to choose from; absent for an open question",
            listed("view.opening.options"),
        ),
        column(
            "of_values", "yes/no", "whether it is a question of values", "view.opening.of_values"
        ),
        column("seed", "integer", "every draw follows from it", "view.opening.seed"),
        column("protocol", "text", "the name of the protocol", "view.opening.protocol.name"),
        column("version", "text", "of the protocol", "view.opening.protocol.version"),
        column("params", "JSON", "of the protocol", json_of("view.opening.protocol.params")),
        column("log", "JSON", "how conflicts are found", json_of("view.opening.protocol.log")),
        column(
            "graph_sha256", "text", "of the protocol's graph", "view.opening.protocol.graph_sha256"
        ),
        column("versions", "JSON", "of the software", json_of("view.opening.versions")),
        column("seats", "integer", "on the panel", lambda run: len(run.view.opening.seats)),
        column(
            "rounds",
            "integer",
            "in which anything was said or a stand was taken",
            "outcome.conflict_log.run.rounds",
        ),
        column("started", "time", "when", lambda run: moment(run.view.opening.started)),
        column(
            "finished",
            "time",
            "when; absent of a run that has not ended",
            lambda run: moment(run.view.close and run.view.close.at),
        ),
        column(
            "seconds",
            "number",
            "from start to end, stops included",
            lambda run: seconds(run.view),
            "s",
        ),
        column("status", "text", "complete or incomplete", "outcome.status"),
        column(
            "stops", "integer", "how often it was taken up again", lambda r: len(r.view.resumes)
        ),
        column("replay", "text", "exact, statistical or none", "view.opening.replay"),
        column("decided", "text", "the status of the decision", _decided("status")),
        column("rule", "text", "the rule of the decision", _decided("rule")),
        column(
            "winner", "text", "the option, or the id of the draft, that won", _decided("winner")
        ),
        column("answer", "text", "the answer", "outcome.answer"),
        column("messages", "integer", "messages", lambda run: len(run.transcript.turns)),
        column("conflicts", "integer", "conflicts", lambda run: len(run.outcome.conflicts)),
        column(
            "dissents",
            "integer",
            "rows of `dissents`",
            "outcome.conflict_log.coverage.dissents",
        ),
        column(
            "stance_changes",
            "integer",
            "changes of side",
            "outcome.conflict_log.coverage.stance_changes",
        ),
        column(
            "unexplained_changes",
            "integer",
            "of these, without a reason",
            "outcome.conflict_log.coverage.unexplained_changes",
        ),
        column(
            "flagged",
            "integer",
            "serious conflicts that the answer is silent on, or misstates",
            "outcome.conflict_log.coverage.flagged",
        ),
        *costs("outcome.ledger.total."),
        column("aborted", "integer", "calls cancelled before their reply", _aborted("calls")),
        column("lost", "integer", "calls unanswered at a stop", "outcome.ledger.lost"),
        column("annotations", "integer", "annotations", lambda run: len(run.annotations)),
        column(
            "shadow_of", "text", "of a record beside a run: the id of that run", _of("shadow_of")
        ),
        column("branch_of", "text", "of a branch: the id of the run", _of("branch_of")),
        column("imported", "text", "of a record of no run: chat or inspect", _imported),
        column("redacted", "integer", "lines from which text was taken out", _redacted),
        column("lines", "integer", "of the journal", "view.lines"),
        column("head", "text", "the hash of the last line", "view.head"),
        column("head_fault", "text", "what is wrong with the head file", "view.head_fault"),
        column("torn", "integer", "what a killed writer left of a line", "view.torn", "bytes"),
    ),
)


class _Seat(NamedTuple):
    party: Party
    model: ModelRef | None


def _seats(run: Read) -> Iterator[_Seat]:
    opening: Opening = run.view.opening
    models = {each.name: each for each in opening.models}
    return (_Seat(party, models.get(party.model)) for party in opening.parties)


def _model(field: str) -> Any:
    def get(seat: _Seat) -> str | None:
        return None if seat.model is None else getattr(seat.model, field)

    return get


SEATS: Final = table(
    "seats",
    "A seat of a panel, with what was declared for it.",
    _seats,
    (
        column("seat", "text", "the name of the seat", "party.seat"),
        column("model", "text", "its model, as the panel named it", "party.model"),
        column("source", "text", "packaged, hub, folder, served or scripted", _model("source")),
        column("revision", "text", "of the model", _model("revision")),
        column("weights_sha256", "text", "of the model", _model("weights_sha256")),
        column("adapter_sha256", "text", "of the adapter", _model("adapter_sha256")),
        column("contributor", "text", "who contributed it", "party.contributor"),
        column("licence", "text", "of the contribution", "party.licence"),
        column("statement", "text", "its declared perspective", "party.statement"),
        column("red_lines", "list of text", "its red lines", listed("party.red_lines")),
        column(
            "priorities", "list of text", "task sets it was made for", listed("party.priorities")
        ),
        column("stance", "text", "how its stance is read", "party.stance"),
        column("max_tokens", "integer", "of one reply", "party.sampling.max_tokens", "tokens"),
        column("temperature", "number", "how text is drawn", "party.sampling.temperature"),
        column("top_p", "number", "how text is drawn", "party.sampling.top_p"),
    ),
)


class _Value(NamedTuple):
    seat: str
    value: str
    weight: float
    label: str | None
    vocabulary: str | None


def _values(run: Read) -> Iterator[_Value]:
    for party in run.view.opening.parties:
        known = party.vocabulary
        named = known and f"{known.id}/{known.version}"
        for value, weight in sorted(party.values.items()):
            yield _Value(party.seat, value, weight, known and known.labels.get(value), named)


VALUES: Final = table(
    "seat_values",
    "A value that was declared for a seat.",
    _values,
    (
        column("seat", "text", "the seat"),
        column("value", "text", "the value"),
        column("label", "text", "what its vocabulary calls it"),
        column("weight", "number", "above 0, at most 1"),
        column("vocabulary", "text", "`id/version`"),
    ),
)


class _Cost(NamedTuple):
    seat: str
    party: bool
    line: LedgerLine


def _costs(run: Read) -> Iterator[_Cost]:
    seats = set(run.view.opening.seats)
    return (_Cost(seat, seat in seats, line) for seat, line in run.outcome.ledger.seats.items())


LEDGER: Final = table(
    "ledger",
    "What a seat cost; also clerks and others that were asked and sit on no panel.",
    _costs,
    (
        column("seat", "text", "the seat, or who else was asked"),
        column("party", "yes/no", "whether it is a seat of the panel"),
        *costs("line."),
    ),
)


class _Annotated(NamedTuple):
    each: Any
    corrected: bool


def _annotated(run: Read) -> Iterator[_Annotated]:
    gone = {each.corrects for each in run.annotations}
    return (_Annotated(each, each.id in gone) for each in run.annotations)


ANNOTATIONS: Final = table(
    "annotations",
    "What a person or a scanner said of a record.",
    _annotated,
    (
        column("id", "text", "`a1`, `a2`, …", "each.id"),
        column("written", "time", "when", lambda row: moment(row.each.at)),
        column("author", "text", "who; `scanner:NAME/VERSION` of a finding", "each.by"),
        column("kind", "text", "annotation, correction or finding", "each.kind"),
        column(
            "what",
            "text",
            "what it is about: message, conflict, call, decision, answer or record",
            "each.about.what",
        ),
        column("about", "text", "the id of that, where it has one", "each.about.id"),
        column("starts", "integer", "where in its text", "each.about.start", "codepoints"),
        column("ends", "integer", "where it ends; exclusive", "each.about.end", "codepoints"),
        column(
            "also", "list of text", "what else it rests on", lambda row: [*map(str, row.each.also)]
        ),
        column("label", "text", "its label", "each.label"),
        column("value", "JSON", "its value", lambda row: as_json(row.each.value)),
        column("severity", "integer", "of a finding, 1 to 3", "each.severity"),
        column("note", "text", "in words", "each.note"),
        column("reason", "text", "of a correction: why", "each.reason"),
        column("corrects", "text", "of a correction: the id of what it corrects", "each.corrects"),
        column("corrected", "yes/no", "whether a later one corrects it"),
    ),
)
