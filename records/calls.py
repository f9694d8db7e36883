"""What is asked of a model and what came back: `Call` and `Reply`, where seats and engines meet."""

from collections.abc import Iterable
from typing import Any, Literal, Self

from pydantic import Field

from folkmoot.records.base import Frozen

Op = Literal["generate", "choose", "classify", "embed"]
"""generate: text; choose: log-probabilities of given options; classify: a pair of texts; embed: a vector."""

Role = Literal["system", "user", "assistant"]

ReplyState = Literal["ok", "empty", "cut_off", "refused", "unavailable"]
"""cut_off: the token limit ended it. refused: the engine can never answer this call. unavailable:
the engine did not answer in the time it was given."""


HUMAN = "human"
"""The model of a seat that a person holds: a person answers its calls, and no engine."""


class Segment(Frozen):
    """A piece of a prompt. Neighbouring segments of one role make up one chat message.

    A last segment of role `assistant` opens the reply: the model continues it.
    """

    role: Role
    text: str
    drop: int = 0
    """0: never dropped. When a context is too small, the highest rank goes first, and among equals
    the earliest segment."""
    label: str = ""
    """What the segment is (`question`, `M3`, …): how a reply names what was dropped."""


class Sampling(Frozen):
    """How text is drawn."""

    max_tokens: int = Field(default=96, ge=1)
    """The most tokens one reply may have."""
    temperature: float = Field(default=0.7, ge=0, le=10, allow_inf_nan=False)
    """0: always the likeliest token."""
    top_p: float = Field(default=0.95, gt=0, le=1, allow_inf_nan=False)
    """The share of the probability that the tokens drawn from reach together."""
    seed: int | None = None
    """Given per call; an engine that cannot honour seeds says so in its description."""


class Call(Frozen):
    """One question to one model, by or about one seat."""

    step: int
    """The place of its stage in the protocol, from 0."""
    order: int
    """Its place among the calls of that stage, from 0."""
    round: int
    stage: str
    seat: str
    model: str
    op: Op
    purpose: str
    """What the stage wants of it (`stand`, `reason`, `judge`, `rank`, …)."""
    about: str | None = None
    """The id of what it is about, if any: a message, a claim, a conflict."""
    segments: tuple[Segment, ...]
    """generate, choose: the prompt. classify: two segments, the pair. embed: one segment, the text."""
    options: tuple[str, ...] = ()
    """choose: the continuations to weigh, each with its leading blank. They differ in their first
    token; a pool refuses a call whose options do not."""
    json_schema: dict[str, Any] | None = None
    """generate: the JSON schema that guides decoding."""
    sampling: Sampling = Sampling()

    @property
    def id(self) -> str:
        """Its name within the run: `c<step>.<order>`. The same on every run of the same protocol."""
        return f"c{self.step}.{self.order}"


class Usage(Frozen):
    """Tokens of one reply. What an engine does not report is absent, never zero."""

    prompt: int
    """Tokens of the prompt as sent."""
    cached: int | None = None
    """Of these, tokens served from a prefix cache."""
    completion: int

    @property
    def computed(self) -> int | None:
        """Prompt tokens that had to be computed, where the engine reports its cache."""
        return None if self.cached is None else self.prompt - self.cached

    @classmethod
    def sum(cls, usages: Iterable[Self | None]) -> Self | None:
        """All of them together; zeros for none, and None where any of them is not known."""
        prompt, cached, completion = 0, 0, 0
        for usage in usages:
            if usage is None:
                return None
            prompt, completion = prompt + usage.prompt, completion + usage.completion
            cached = None if cached is None or usage.cached is None else cached + usage.cached
        return cls(prompt=prompt, cached=cached, completion=completion)


class Timing(Frozen):
    """Where the time of a reply went, in milliseconds. What nobody measured is absent."""

    waited: int | None = None
    """In the pool, before it was sent: for its place on the engine."""
    queued: int | None = None
    """In the engine, before it was begun."""
    prefill: int | None = None
    """From its beginning to its first token."""
    decode: int | None = None
    """From its first token to its last."""
    engine: int | None = None
    """Its part of the time that the engine worked for this process: every moment is split evenly
    between the calls on their way."""


class Reply(Frozen):
    """What came back for one call."""

    record: Literal["reply"] = "reply"
    step: int
    order: int
    seat: str
    purpose: str
    about: str | None = None
    state: ReplyState
    text: str = ""
    logprobs: tuple[float, ...] | None = None
    """choose: natural log-probability of each option as the next token, in the options' order;
    classify: of each class. Rounded to 6 decimals; -9999.0 stands for zero probability."""
    vector: tuple[float, ...] | None = None
    finish: str | None = None
    """As the engine said it: stop, length, abort, …"""
    usage: Usage | None = None
    dropped: tuple[str, ...] = ()
    """Labels of the segments that were left out because the context was too small."""
    engine: str | None = None
    retries: int = 0
    retried_for: tuple[str, ...] = ()
    """Why it was asked again: the engine's faults, each once, five at most."""
    error: str | None = None
    took_ms: int | None = None
    """Milliseconds from the engine's taking the call to the reply."""
    timing: Timing | None = None

    @property
    def call(self) -> str:
        """The id of the call it answers."""
        return f"c{self.step}.{self.order}"

    @classmethod
    def to(cls, call: Call, state: ReplyState, **fields: Any) -> Self:
        """A reply to `call`, with the fields that place it copied from the call."""
        return cls(
            step=call.step,
            order=call.order,
            seat=call.seat,
            purpose=call.purpose,
            about=call.about,
            state=state,
            **fields,
        )
