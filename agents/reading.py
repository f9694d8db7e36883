"""What a reply says: read to the letter, or a typed failure. Never a guess."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from folkmoot.agents.voice import Choice
from folkmoot.records import Reply
from folkmoot.records.acts import TurnState, VoteState

UNDECIDED = 0.02
"""Two leading options nearer than this, as probabilities, are no choice: the seat abstains. Wider
than the noise that a batch's composition puts on a bfloat16 model's log-probabilities."""

LONGEST_REASON = 600
"""Characters of a stated reason."""

_SYNTAX_TOKENS, _LETTERS_A_TOKEN = 30, 3
"""What the JSON around a stated reason takes, and a careful guess at how long a token is."""


class Weighed(NamedTuple):
    """A seat's choice read from option probabilities."""

    state: VoteState
    choice: str | None = None
    probabilities: dict[str, float] | None = None


def weigh(options: Sequence[str], asked: Sequence[tuple[Choice, Reply]]) -> Weighed:
    """The mean probability of each option over the orders in which they were shown.

    Each reply's log-probabilities are renormalised over the options, so that mass on other tokens
    does not count for or against any; then the orders are averaged, which cancels a preference for
    a position (the swap-consistency of arXiv 2306.05685).

    Returns:
        unavailable if a reply never came, unreadable if one carries no usable log-probabilities,
        abstained if the two best are nearer than `UNDECIDED`, else valid with the choice.
    """
    sums = dict.fromkeys(options, 0.0)
    for laid_out, reply in asked:
        if reply.state in ("unavailable", "refused"):
            return Weighed("unavailable")
        shares = _softmax(reply.logprobs, len(options))
        if shares is None:
            return Weighed("unreadable")
        for option, share in zip(laid_out.shown, shares, strict=True):
            sums[option] += share / len(asked)
    probabilities = {option: round(value, 6) for option, value in sums.items()}
    best, *others = ranking(probabilities)
    if others and probabilities[best] - probabilities[others[0]] < UNDECIDED:
        return Weighed("abstained", None, probabilities)
    return Weighed("valid", best, probabilities)


def ranking(probabilities: dict[str, float]) -> tuple[str, ...]:
    """Options by probability, best first; equal ones in the order given."""
    return tuple(sorted(probabilities, key=lambda option: -probabilities[option]))


def spoken(reply: Reply, laid_out: Choice) -> Weighed:
    """A choice read from free text that begins with it: "yes", "B." or "no, because …".

    Nothing later in the text counts, so "Not yes" is unreadable and never a yes.
    """
    if reply.state in ("unavailable", "refused"):
        return Weighed("unavailable")
    said = reply.text.lstrip().casefold()
    found = [
        option
        for option, label in zip(laid_out.shown, laid_out.labels, strict=True)
        if re.match(rf"{re.escape(label.casefold())}(?!\w)", said)
    ]
    return Weighed("valid", found[0]) if len(found) == 1 else Weighed("unreadable")


class Stated(NamedTuple):
    """A seat's choice as it states it in guided JSON."""

    state: VoteState
    choice: str | None = None
    reason: str = ""
    cites: tuple[str, ...] = ()


def stated_schema(
    options: Sequence[str], messages: Sequence[str], max_tokens: int = 1024
) -> dict[str, Any]:
    """The JSON schema of a stated stance. Free text comes first: the choice follows the reason.

    Args:
        options: what there is to choose from.
        messages: ids that it may name as what moved it.
        max_tokens: of the reply. The reason is kept short enough to leave room for the choice.
    """
    room = _LETTERS_A_TOKEN * (max_tokens - _SYNTAX_TOKENS)
    fields: dict[str, Any] = {
        "reason": {"type": "string", "maxLength": max(_SYNTAX_TOKENS, min(LONGEST_REASON, room))},
        "answer": {"type": "string", "enum": list(dict.fromkeys([*options, "abstain"]))},
    }
    if messages:
        fields["moved_by"] = {
            "type": "array",
            "items": {"type": "string", "enum": list(messages)},
            "maxItems": 3,
        }
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def stated(reply: Reply, options: Sequence[str], messages: Sequence[str]) -> Stated:
    """Read a stated stance. Anything that is not exactly the schema is unreadable."""
    if reply.state in ("unavailable", "refused"):
        return Stated("unavailable")
    if reply.state != "ok":
        return Stated("unreadable")
    try:
        said = json.loads(reply.text)
    except (ValueError, RecursionError):
        return Stated("unreadable")
    if not isinstance(said, dict):
        return Stated("unreadable")
    answer, reason, cites = said.get("answer"), said.get("reason"), said.get("moved_by", [])  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(reason, str) or not isinstance(cites, list):
        return Stated("unreadable")
    named = tuple(cite for cite in messages if cite in cites)
    if answer == "abstain" and answer not in options:
        return Stated("abstained", None, reason, named)
    if not isinstance(answer, str) or answer not in options:
        return Stated("unreadable")
    return Stated("valid", answer, reason, named)


_TURN_STATES: dict[str, TurnState] = {
    "ok": "valid",
    "cut_off": "cut_off",
    "empty": "empty",
    "refused": "unavailable",
    "unavailable": "unavailable",
}


def turn_state(reply: Reply, words: str | None = None) -> TurnState:
    """What a reply is worth as a message; `words`: its words, where the reply's text wraps them."""
    if reply.state in ("ok", "cut_off") and not (reply.text if words is None else words).strip():
        return "empty"
    return _TURN_STATES[reply.state]


def _softmax(logprobs: Sequence[float] | None, count: int) -> list[float] | None:
    if logprobs is None or len(logprobs) != count or not all(map(math.isfinite, logprobs)):
        return None
    top = max(logprobs)
    if top <= -9999:
        return None
    weights = [math.exp(value - top) for value in logprobs]
    return [weight / sum(weights) for weight in weights]
