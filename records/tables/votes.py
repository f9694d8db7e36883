"""Tables of ballots, decisions and answers."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from folkmoot.records.acts import Ballot
from folkmoot.records.decisions import Decision, Sentence
from folkmoot.records.tables.table import PLACE, Read, column, json_of, listed, mapped, table


class _Cast(NamedTuple):
    ballot: Ballot
    counted: bool


def _ballots(run: Read) -> Iterator[_Cast]:
    decision = run.outcome.decision
    counted = set(decision.ballots) if decision else set[str]()
    return (_Cast(each, each.id in counted) for each in run.transcript.ballots)


BALLOTS: Final = table(
    "ballots",
    "A vote of a seat.",
    _ballots,
    (
        column("id", "text", "`b1`, `b2`, …", "ballot.id"),
        column("step", "integer", "place of the stage in the protocol, from 0", "ballot.step"),
        column("place", "integer", "place within the step, from 0", "ballot.order"),
        column("seat", "text", "whose", "ballot.seat"),
        column("round", "integer", "round, from 0", "ballot.round"),
        column("state", "text", "valid, abstained, unreadable or unavailable", "ballot.state"),
        column("counted", "yes/no", "whether the decision names it"),
        column("choice", "text", "the first of its ranking", "ballot.choice"),
        column("options", "list of text", "what could be voted for", listed("ballot.options")),
        column("ranking", "list of text", "best first", listed("ballot.ranking")),
        column(
            "scores", "text → number", "what the ranking was read from", mapped("ballot.scores")
        ),
        column("approvals", "list of text", "what it could live with", listed("ballot.approvals")),
        column("points", "text → integer", "how it spreads its points", mapped("ballot.points")),
        column("grades", "text → integer", "0 the worst, to 5", mapped("ballot.grades")),
        column("confidence", "number", "in its first choice, 0 to 1", "ballot.confidence"),
        column("held", "list of text", "what it held, round by round", listed("ballot.held")),
        column("blocks", "list of text", "options that it strikes out", listed("ballot.blocks")),
    ),
)


class _Decided(NamedTuple):
    decision: Decision
    final: bool


def _decisions(run: Read) -> Iterator[_Decided]:
    last = run.outcome.decision
    for each in run.transcript:
        if isinstance(each, Decision):
            yield _Decided(each, each is last)


DECISIONS: Final = table(
    "decisions",
    "What ballots came to under a rule.",
    _decisions,
    (
        column("step", "integer", "place of the stage in the protocol, from 0", "decision.step"),
        column("place", "integer", "place within the step, from 0", "decision.order"),
        column("final", "yes/no", "whether it is the run's last one, which counts"),
        column("status", "text", "decided, tied, deadlock or no_forced_winner", "decision.status"),
        column("rule", "text", "the rule", "decision.rule"),
        column("params", "JSON", "of the rule", json_of("decision.params")),
        column("options", "list of text", "what there was to decide", listed("decision.options")),
        column("winner", "text", "the option that won", "decision.winner"),
        column("tied", "list of text", "options that led equally", listed("decision.tied")),
        column("tally", "text → number", "what the rule counts", mapped("decision.tally")),
        column("ballots", "list of text", "ids of the ballots counted", listed("decision.ballots")),
        column("not_valid", "text → text", "seat → state", mapped("decision.not_valid")),
        column("margin", "number", "between the first and the second", "decision.margin"),
        column(
            "pivotal",
            "list of text",
            "seats without whose ballot it had been another",
            listed("decision.pivotal"),
        ),
        column("views", "list of text", "of a plural answer", listed("decision.views")),
        column("blocked", "JSON", "option → seats that blocked it", json_of("decision.blocked")),
        column("decided_by", "text", "the seat that decided, where one did", "decision.decided_by"),
        column("reason", "text", "in words", "decision.reason"),
    ),
)

ANSWERS: Final = table(
    "answers",
    "The answer of a run.",
    lambda run: (run.transcript.answer,) if run.transcript.answer else (),
    (
        *PLACE,
        column("text", "text", "the answer"),
        column("author", "text", "the seat that wrote it, or `composed`"),
        column("sentences", "integer", "sentences", lambda answer: len(answer.sentences)),
        column(
            "characters", "integer", "of the text", lambda answer: len(answer.text), "codepoints"
        ),
    ),
)


class _Said(NamedTuple):
    sentence: Sentence
    text: str


def _sentences(run: Read) -> Iterator[_Said]:
    answer = run.transcript.answer
    for each in answer.sentences if answer else ():
        yield _Said(each, answer.text[each.start : each.end] if answer else "")


SENTENCES: Final = table(
    "sentences",
    "A sentence of an answer, with the messages behind it.",
    _sentences,
    (
        column("id", "text", "its id", "sentence.id"),
        column("starts", "integer", "where in the answer", "sentence.start", "codepoints"),
        column("ends", "integer", "where it ends; exclusive", "sentence.end", "codepoints"),
        column("text", "text", "the sentence"),
        column("cites", "list of text", "messages that it quotes", listed("sentence.cites")),
    ),
)
