"""The events of a run for Inspect: what each seat was shown and said, and what came of it, in spans."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from folkmoot.records.acts import Turn
from folkmoot.records.calls import Call, Reply, Usage
from folkmoot.records.canonical import text_digest
from folkmoot.records.exports.extra import Extra
from folkmoot.records.exports.source import Clock, Source, said_in, shown, stretches
from folkmoot.records.transcript import Record

if TYPE_CHECKING:
    from inspect_ai import event as inspect_event
    from inspect_ai import model as inspect_model
    from inspect_ai.event import Event
    from inspect_ai.model import ChatMessage, ChatMessageAssistant, ModelOutput, ModelUsage
else:
    inspect_event = Extra("inspect_ai.event", "inspect")
    inspect_model = Extra("inspect_ai.model", "inspect")

SOLVERS = "solvers"
"""The span that Inspect's own timeline looks for."""

CONFLICTS = "conflict_log"
"""The source of the events that tell of conflicts."""

_SAID_ALREADY = ("turn",)
"""What the event of its call shows."""


class Told(NamedTuple):
    """An event that tells of something in the record, so that timelines can pick it."""

    event: "Event"
    round: int | None
    seat: str | None
    about: frozenset[str]
    """The ids that it is of: its call, its messages, its conflict."""


class Events:
    """The events of a run, in order, each in a span, with ids and times that are the same every time.

    Attributes:
        told: the events with what they are of.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._clock = Clock(source.view)
        self._replies = source.view.replies
        self._said = said_in(source.outcome.transcript.turns)
        self._now = 0.0
        self._open: list[str] = []
        self.told: list[Told] = []

    @property
    def events(self) -> "list[Event]":
        """The events alone."""
        return [each.event for each in self.told]

    def run(self) -> None:
        """Everything from the beginning to the answer."""
        self.begin(SOLVERS, SOLVERS)
        round: int | None = None
        for piece in stretches(self._source.view):
            if piece.round is not None and piece.round != round:
                if round is not None:
                    self.end()
                round = piece.round
                self.begin(f"round {round}", "round")
            self.begin(f"{piece.step} {piece.stage}", "solver")
            seat: str | None = None
            for call in piece.calls:
                if call.seat != seat:
                    if seat is not None:
                        self.end()
                    seat = call.seat
                    self._now = self._clock.asked(call)
                    self.begin(seat, "agent")
                self._call(call, round)
            if seat is not None:
                self.end()
            self._now = self._clock.told(piece.step)
            for record in piece.records:
                self._record(record)
            self.end()
        while self._open:
            self.end()

    def begin(self, name: str, type: str) -> None:
        """Open a span."""
        number = self._source.named("span", len(self.told))
        made = inspect_event.SpanBeginEvent(
            **self._placed(self._now),
            id=number,
            name=name,
            type=type,
            parent_id=self._open[-1] if self._open else None,
        )
        # The beginning of a span is in the span itself, as Inspect writes it.
        made.span_id = number
        self._open.append(number)
        self.told.append(Told(made, None, None, frozenset()))

    def end(self) -> None:
        """Close the innermost span."""
        made = inspect_event.SpanEndEvent(**self._placed(self._now), id=self._open[-1])
        self._open.pop()
        self.told.append(Told(made, None, None, frozenset()))

    def score(self, name: str, score: Any, usage: "dict[str, ModelUsage]") -> None:
        """A score, at the end of the run, with what each seat had used by then."""
        self.begin(name, "scorer")
        made = inspect_event.ScoreEvent(
            **self._placed(self._now), score=score, scorer=name, role_usage=usage
        )
        self.told.append(Told(made, None, None, frozenset()))
        self.end()

    def info(
        self, source: str, data: Any, round: int | None, seat: str | None, about: frozenset[str]
    ) -> None:
        """Something that is in the record and is no call."""
        made = inspect_event.InfoEvent(**self._placed(self._now), source=source, data=data)
        self.told.append(Told(made, round, seat, about))

    def _call(self, call: Call, round: int | None) -> None:
        reply = self._replies.get(call.id)
        asked, answered = self._clock.asked(call), self._clock.answered(call)
        completed = self._clock.at(answered) if reply and reply.took_ms is not None else None
        made = inspect_event.ModelEvent(
            **self._placed(asked),
            model=call.model,
            role=call.seat,
            input=[_message(each.role, each.text) for each in shown(call, reply)],
            tools=[],
            tool_choice="none",
            config=config(call),
            output=self._output(call, reply),
            retries=reply.retries if reply and reply.retries else None,
            error=_error(reply),
            completed=completed,
            working_time=None if completed is None else round_(answered - asked),
            call=self._raw(call, reply, answered - asked),
            metadata={"call": call.id, "op": call.op, "purpose": call.purpose},
        )
        said = self._said.get(call.id, ())
        about = frozenset({call.id, *(turn.id for turn in said)})
        self.told.append(Told(made, round, call.seat, about))

    def _output(self, call: Call, reply: Reply | None) -> "ModelOutput":
        if reply is None:
            return inspect_model.ModelOutput(model=call.model, error="no reply on record")
        said = self._said.get(call.id, ())
        made = assistant(
            call.model,
            reply.text,
            said[0].id if len(said) == 1 and said[0].text == reply.text else f"reply-{call.id}",
            {"seat": reply.seat},
        )
        choice = inspect_model.ChatCompletionChoice(
            message=made, stop_reason=_STOPS.get(reply.state, "unknown")
        )
        if call.op == "choose" and reply.logprobs:
            choice.logprobs = _weighed(call.options, reply.logprobs)
        return inspect_model.ModelOutput(
            model=call.model,
            choices=[choice],
            completion=reply.text,
            usage=usage(reply.usage),
            error=_error(reply),
        )

    def _raw(self, call: Call, reply: Reply | None, seconds: float) -> Any:
        request: Any = call.plain()
        del request["segments"]  # they are the input
        response: Any = None if reply is None else reply.plain()
        return inspect_model.ModelCall(
            request=request, response=response, time=round_(seconds) if reply else None
        )

    def _record(self, record: Record) -> None:
        if record.record in _SAID_ALREADY:
            return
        data = record.plain()
        source = record.record
        named = {str(data[key]) for key in ("id", "conflict", "about") if key in data}
        about = frozenset(named or {record.record})
        if record.record in ("conflict", "settlement", "ratification", "reopen_if"):
            source = CONFLICTS
        seat = getattr(record, "seat", None)
        self.info(source, data, getattr(record, "round", None), seat, about)

    def _placed(self, seconds: float) -> Any:
        moment: datetime = self._clock.at(seconds)
        return {
            "uuid": self._source.named("event", len(self.told)),
            "span_id": self._open[-1] if self._open else None,
            "timestamp": moment,
            "working_start": round_(seconds),
        }


_STOPS: Any = {"ok": "stop", "cut_off": "max_tokens"}


def round_(seconds: float) -> float:
    """Seconds to the millisecond, which is what a record holds."""
    return round(seconds, 3)


def usage(given: Usage | None) -> "ModelUsage | None":
    """Tokens as Inspect counts them: its input tokens leave out those of a cache."""
    if given is None:
        return None
    return inspect_model.ModelUsage(
        input_tokens=given.prompt - (given.cached or 0),
        input_tokens_cache_read=given.cached,
        output_tokens=given.completion,
        total_tokens=given.prompt + given.completion,
    )


def config(call: Call) -> Any:
    """How the reply was to be drawn."""
    drawn = call.sampling
    return inspect_model.GenerateConfig(
        max_tokens=drawn.max_tokens,
        temperature=drawn.temperature,
        top_p=drawn.top_p,
        seed=drawn.seed,
    )


def assistant(model: str, text: str, id: str, metadata: dict[str, Any]) -> "ChatMessageAssistant":
    """A message of a seat."""
    return inspect_model.ChatMessageAssistant(
        content=text, id=id, model=model, source="generate", metadata=metadata
    )


def of_turn(turn: Turn, model: str) -> "ChatMessageAssistant":
    """A message as everyone may hear it, under its own id."""
    metadata: dict[str, Any] = {
        "seat": turn.seat,
        "round": turn.round,
        "stage": turn.stage,
        "role": turn.role,
        "state": turn.state,
        "call": turn.call,
    }
    if turn.answer is not None:
        metadata["answer"] = turn.answer
    if turn.replies_to:
        metadata["replies_to"] = list(turn.replies_to)
    return assistant(model, turn.text, turn.id, metadata)


def _message(role: str, text: str) -> "ChatMessage":
    # The same words have the same id, in whichever prompt they stand: prompts share most of theirs.
    from_text = text_id(role, text)
    if role == "system":
        return inspect_model.ChatMessageSystem(content=text, id=from_text)
    if role == "assistant":
        return inspect_model.ChatMessageAssistant(content=text, id=from_text)
    return inspect_model.ChatMessageUser(content=text, id=from_text)


def text_id(role: str, text: str) -> str:
    """The id of a piece of a prompt."""
    return text_digest(f"{role}\n{text}")[:22]


def _error(reply: Reply | None) -> str | None:
    if reply is None:
        return "no reply on record"
    if reply.state in ("refused", "unavailable"):
        return reply.error or reply.state
    return reply.error


def _weighed(options: tuple[str, ...], logprobs: tuple[float, ...]) -> Any:
    """What a `choose` call weighed: one token, and how likely each of the options was."""
    pairs = sorted(zip(options, logprobs, strict=False), key=lambda each: -each[1])
    top = [inspect_model.TopLogprob(token=token, logprob=value) for token, value in pairs]
    first = inspect_model.Logprob(token=pairs[0][0], logprob=pairs[0][1], top_logprobs=top)
    return inspect_model.Logprobs(content=[first])
