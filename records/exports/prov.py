"""A run as W3C PROV: from a sentence of the answer back to the claim, the message, the seat, its contributor.

Entities are the question, models, messages, claims (what is quoted of a message), conflicts, ballots, the
decision, the answer and its sentences; activities are the run and its calls; agents are seats, those who
contributed them, and Folkmoot itself. Sentences are derived from claims, claims are quoted from messages,
messages are attributed to seats, and seats act on behalf of their contributors.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from folkmoot.records.calls import HUMAN
from folkmoot.records.canonical import text_digest
from folkmoot.records.conflicts import Span
from folkmoot.records.decisions import Sentence
from folkmoot.records.errors import InputError
from folkmoot.records.exports.extra import Extra
from folkmoot.records.exports.form import cannot_write
from folkmoot.records.exports.source import Source, read_source
from folkmoot.records.files import replace
from folkmoot.records.spans import quotation

if TYPE_CHECKING:
    from prov import model as prov_model
    from prov.model import ProvDocument
else:
    prov_model = Extra("prov.model", "prov")

TERMS: Final = "urn:folkmoot:terms:"
"""What our own types and attributes are named under."""

_MARKER: Final = re.compile(r"[\u201d\"] \[(M\d+)\]")

_FORMATS: Final = {".json": "json", ".provn": "provn"}


def document(source: Source) -> "ProvDocument":
    """The provenance of a run.

    Args:
        source: the record, as `source.read_source` reads it.

    Raises:
        InputError: the package prov is not installed.
    """
    made = _Document(source)
    made.agents()
    made.calls()
    made.messages()
    made.conflicts()
    made.decision()
    made.answer()
    return made.document


def export(record: Path, to: Path) -> None:
    """Write the provenance of a record: as PROV-JSON to a .json file, as PROV-N to a .provn file.

    Args:
        record: its folder.
        to: the file.

    Raises:
        InputError: the file ends otherwise, or the package prov is not installed.
        RecordError: the record cannot be read, or the file not be written.
    """
    form = _FORMATS.get(to.suffix)
    if form is None:
        raise InputError(f"{to.name!r} is neither PROV-JSON nor PROV-N", "--to NAME.json or .provn")
    made = document(read_source(record))
    text = made.serialize(format=form)
    try:
        replace(to, f"{(text or '').rstrip()}\n".encode())
    except OSError as error:
        raise cannot_write(to, error) from error


class _Document:
    """The document as it grows. Ids are those of the record, in a namespace that its last hash names."""

    def __init__(self, source: Source) -> None:
        self.document = prov_model.ProvDocument()
        self.document.add_namespace("run", f"urn:folkmoot:record:{source.view.head}:")
        self.document.add_namespace("folkmoot", TERMS)
        self._source = source
        self._seats = {seat: f"run:seat.{n}" for n, seat in enumerate(self._names(), 1)}
        self._claims: dict[tuple[str, int, int], str] = {}
        self._replies = source.view.replies
        opening = source.opening
        self.document.entity(
            "run:question",
            {"prov:type": self.term("folkmoot:Question"), "prov:value": opening.question},
        )
        ended = source.view.close.at if source.view.close else None
        self.document.activity(
            "run:run",
            opening.started,
            ended,
            {
                "prov:type": self.term("folkmoot:Deliberation"),
                "prov:label": opening.run_id,
                "folkmoot:protocol": f"{opening.protocol.name} {opening.protocol.version}",
            },
        )
        self.document.used("run:run", "run:question")

    def term(self, name: str) -> Any:
        """A type: a name, not a text."""
        return self.document.valid_qualified_name(name)

    def _names(self) -> list[str]:
        asked = (call.seat for call in self._source.view.calls)
        return list(dict.fromkeys((*self._source.opening.seats, *asked)))

    def agents(self) -> None:
        """Seats, who contributed them, and the models that answer for them."""
        made = self.document
        made.agent(
            "run:folkmoot", {"prov:type": self.term("prov:SoftwareAgent"), "prov:label": "Folkmoot"}
        )
        parties = {party.seat: party for party in self._source.opening.parties}
        people: dict[str, str] = {}
        for seat, number in self._seats.items():
            party = parties.get(seat)
            own: dict[str, Any] = {"prov:label": seat}
            if self._source.opening.imported is None and (party is None or party.model != HUMAN):
                own["prov:type"] = self.term("prov:SoftwareAgent")
            if party is not None and party.statement:
                own["folkmoot:perspective"] = party.statement
            made.agent(number, own)
            if party is None or party.contributor is None:
                continue
            if party.contributor not in people:
                people[party.contributor] = f"run:contributor.{len(people) + 1}"
                made.agent(people[party.contributor], {"prov:label": party.contributor})
            made.actedOnBehalfOf(number, people[party.contributor], "run:run")
        for number, model in enumerate(self._source.opening.models, 1):
            pinned = {
                "folkmoot:weights_sha256": model.weights_sha256,
                "folkmoot:adapter_sha256": model.adapter_sha256,
                "folkmoot:revision": model.revision,
            }
            known = {name: value for name, value in pinned.items() if value is not None}
            made.entity(
                f"run:model.{number}",
                {"prov:type": self.term("folkmoot:Model"), "prov:label": model.name, **known},
            )

    def calls(self) -> None:
        """What was asked of whom: each call used the question and the messages that it was shown."""
        models = {model.name: n for n, model in enumerate(self._source.opening.models, 1)}
        known = {turn.id for turn in self._source.outcome.transcript.turns}
        for call in self._source.view.calls:
            own = {
                "prov:type": self.term("folkmoot:Call"),
                "folkmoot:purpose": call.purpose,
                "folkmoot:op": call.op,
                "folkmoot:round": call.round,
            }
            self.document.activity(f"run:{call.id}", other_attributes=own)
            self.document.wasAssociatedWith(f"run:{call.id}", self._seats[call.seat])
            if call.model in models:
                self.document.used(f"run:{call.id}", f"run:model.{models[call.model]}")
            gone = self._dropped(call.id)
            shown = {each.label for each in call.segments if each.label in known} - gone
            if call.about in known:
                shown.add(call.about)
            for message in sorted(shown, key=lambda each: int(each[1:])):
                self.document.used(f"run:{call.id}", f"run:{message}")

    def _dropped(self, call: str) -> set[str]:
        reply = self._replies.get(call)
        return set(reply.dropped) if reply else set()

    def messages(self) -> None:
        """What was said, by whom, in which call, in answer to what."""
        for turn in self._source.outcome.transcript.turns:
            number = f"run:{turn.id}"
            own = {
                "prov:type": self.term("folkmoot:Message"),
                "prov:value": turn.text,
                "folkmoot:sha256": text_digest(turn.text),
                "folkmoot:role": turn.role,
                "folkmoot:round": turn.round,
            }
            self.document.entity(number, own)
            self.document.wasGeneratedBy(number, f"run:{turn.call}")
            self.document.wasAttributedTo(number, self._seats[turn.seat])
            for other in turn.replies_to:
                self.document.wasDerivedFrom(number, f"run:{other}")

    def claim(self, quoted: Span) -> str:
        """The claim that a span quotes; made when it is first needed."""
        at = (quoted.message, quoted.start, quoted.end)
        if at not in self._claims:
            number = f"run:{quoted.message}.{quoted.start}-{quoted.end}"
            self._claims[at] = number
            own = {
                "prov:type": self.term("folkmoot:Claim"),
                "prov:value": quoted.exact,
                "folkmoot:start": quoted.start,
                "folkmoot:end": quoted.end,
            }
            self.document.entity(number, own)
            self.document.wasQuotedFrom(number, f"run:{quoted.message}")
        return self._claims[at]

    def conflicts(self) -> None:
        """Each conflict is derived from the claims that its sides are quoted with."""
        for entry in self._source.outcome.conflicts:
            number = f"run:{entry.id}"
            own = {
                "prov:type": self.term("folkmoot:Conflict"),
                "prov:label": entry.issue,
                "folkmoot:status": entry.status,
                "folkmoot:severity": entry.severity.level,
            }
            self.document.entity(number, own)
            self.document.wasGeneratedBy(number, "run:run")
            spans = [each for side in entry.positions for each in side.spans]
            spans += [each.span for each in entry.dissent if each.span is not None]
            for name in dict.fromkeys(map(self.claim, spans)):
                self.document.wasDerivedFrom(number, name)

    def decision(self) -> None:
        """The decision, derived from the ballots that it counted."""
        transcript = self._source.outcome.transcript
        if transcript.decision is None:
            return
        own: dict[str, Any] = {
            "prov:type": self.term("folkmoot:Decision"),
            "folkmoot:status": transcript.decision.status,
            "folkmoot:rule": transcript.decision.rule,
        }
        if transcript.decision.winner is not None:
            own["prov:value"] = transcript.decision.winner
        self.document.entity("run:decision", own)
        self.document.wasGeneratedBy("run:decision", "run:run")
        for ballot in transcript.ballots:
            if ballot.id not in transcript.decision.ballots:
                continue
            said = {"prov:type": self.term("folkmoot:Ballot"), "folkmoot:state": ballot.state}
            if ballot.choice is not None:
                said["prov:value"] = ballot.choice
            self.document.entity(f"run:{ballot.id}", said)
            self.document.wasAttributedTo(f"run:{ballot.id}", self._seats[ballot.seat])
            self.document.wasDerivedFrom("run:decision", f"run:{ballot.id}")

    def answer(self) -> None:
        """The answer, sentence by sentence."""
        transcript = self._source.outcome.transcript
        answer = transcript.answer
        if answer is None:
            return
        own = {"prov:type": self.term("folkmoot:Answer"), "prov:value": answer.text}
        self.document.entity("run:answer", own)
        self.document.wasGeneratedBy("run:answer", "run:run")
        author = self._seats.get(answer.author, "run:folkmoot")
        self.document.wasAttributedTo("run:answer", author)
        if transcript.decision is not None:
            self.document.wasDerivedFrom("run:answer", "run:decision")
        quotes = _quotes(self._source)
        for sentence in answer.sentences:
            number, text = f"run:answer.{sentence.id}", answer.text[sentence.start : sentence.end]
            said = {"prov:type": self.term("folkmoot:Sentence"), "prov:value": text}
            self.document.entity(number, said)
            self.document.hadMember("run:answer", number)
            for name in dict.fromkeys(self._behind(sentence, quotes)):
                self.document.wasDerivedFrom(number, name)

    def _behind(self, sentence: Sentence, quotes: "list[_Quote]") -> Iterator[str]:
        """What a sentence of the answer rests on: the claims that it quotes, and the messages that it cites
        without quoting what is on record as a claim."""
        start, end = sentence.start, sentence.end
        yield from (self.claim(q.span) for q in quotes if q.start < end and start < q.end)
        # The name of a message may stand in the sentence after the one that ends its quotation.
        named = {q.span.message for q in quotes if start <= q.named < end}
        yield from (f"run:{message}" for message in sentence.cites if message not in named)


class _Quote(NamedTuple):
    """Where the answer quotes a claim."""

    start: int
    end: int
    named: int
    """Where the name of the message stands."""
    span: Span


def _quotes(source: Source) -> list[_Quote]:
    """What stands in quotation marks before the name of a message, as the answer has it: `“…” [M3]`."""
    transcript, text = source.outcome.transcript, source.outcome.answer
    known: dict[str, dict[str, Span]] = {}
    for entry in source.outcome.conflicts:
        spans = [each for side in entry.positions for each in side.spans]
        spans += [each.span for each in entry.dissent if each.span is not None]
        for each in spans:
            known.setdefault(each.message, {})[each.exact] = each
    turns = {turn.id: turn for turn in transcript.turns}
    found: list[_Quote] = []
    for marker in _MARKER.finditer(text):
        own = quotation(turns[marker[1]]) if marker[1] in turns else None
        candidates = known.get(marker[1], {}) | ({own.exact: own} if own else {})
        quoted = (s for exact, s in candidates.items() if text.endswith(exact, 0, marker.start()))
        longest = max(quoted, key=lambda each: len(each.exact), default=None)
        if longest is not None:
            start = marker.start() - len(longest.exact)
            found.append(_Quote(start, marker.start(), marker.start(1), longest))
    return found
