"""The ballot that a seat fills in by itself, in guided JSON: how it is asked for, and how it is read."""

import json
from collections.abc import Sequence
from typing import Any

from folkmoot.agents import voice
from folkmoot.agents.voice import Choice
from folkmoot.protocols.marks import GRADES, POINTS, points
from folkmoot.protocols.rules.book import Reads
from folkmoot.records import Reply

_TOP = 10
"""The best score that a seat can state."""

_FILL = {
    "choice": "Which option do you vote for?",
    "ranking": "Rank the options, best first; leave out what you would rank last.",
    "approvals": "Which options can you live with? Name the best first.",
    "points": f"Spread {POINTS} points over the options.",
    "scores": f"Score each option from 0 to {_TOP}.",
    "grades": f"Grade each option from 0 ({GRADES[0]}) to {len(GRADES) - 1} ({GRADES[-1]}).",
    "confidence": "Which option do you vote for, and how sure are you, from 0 to 100?",
    "held": "Which option do you vote for?",
}
_LISTS: dict[Reads, str] = {"ranking": "ranking", "approvals": "approvals"}
_NUMBERS: dict[Reads, int] = {"points": POINTS, "scores": _TOP, "grades": len(GRADES) - 1}


def task(shown: Sequence[str], reads: Reads, blocks: bool) -> str:
    """What the seat is asked to do, with the options as they are lettered."""
    line = f"{voice.options_block(voice.choice(shown))}\n{_FILL[reads]}"
    if blocks:
        line += " Block those options alone that you will not accept."
    return f"{line} Answer in JSON."


def ask_crossing(option: str, laid_out: Choice) -> str:
    """The task of saying whether an option crosses the seat's red lines."""
    said = voice.fenced(" ".join(option.split()))
    return (
        f'An option: "{said}"\n{voice.options_block(laid_out)}\n'
        "Does it cross what you will not accept?"
    )


def so_far(laid_out: Choice, tally: Sequence[int]) -> str:
    """How the votes stand, by the labels of the options."""
    counts = ", ".join(f"{label} {n}" for label, n in zip(laid_out.labels, tally, strict=True))
    return f"\nThe votes so far: {counts}.\n"


def schema(shown: Sequence[str], reads: Reads, *, blocks: bool) -> dict[str, Any]:
    """The JSON schema of a ballot of this kind; options go by their labels."""
    labels = list(voice.choice(shown).labels)
    some = {"type": "array", "items": {"type": "string", "enum": labels}, "maxItems": len(labels)}
    fields: dict[str, Any] = {}
    if reads in _LISTS:
        fields[_LISTS[reads]] = some
    elif reads in _NUMBERS:
        number = {"type": "integer", "minimum": 0, "maximum": _NUMBERS[reads]}
        fields[reads] = {
            "type": "object",
            "properties": dict.fromkeys(labels, number),
            "required": labels,
            "additionalProperties": False,
        }
    else:
        fields["vote"] = {"type": "string", "enum": [*labels, "abstain"]}
    if reads == "confidence":
        fields["sure"] = {"type": "integer", "minimum": 0, "maximum": 100}
    if blocks:
        fields["blocks"] = some
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def read(reply: Reply, options: Sequence[str], reads: Reads, *, blocks: bool) -> dict[str, Any]:
    """The fields of a ballot as the seat filled it in; anything that is not the schema is unreadable.

    An empty list, no points and no scores at all are an abstention. An option named twice counts where
    it is named first. Points are made to add up to what every seat has, in the stated proportions.
    """
    if reply.state in ("unavailable", "refused"):
        return {"state": "unavailable"}
    try:
        said: Any = json.loads(reply.text) if reply.state == "ok" else None
        return _read(said, options, reads, blocks)
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"state": "unreadable"}


def _read(said: Any, options: Sequence[str], reads: Reads, blocks: bool) -> dict[str, Any]:
    by_label = dict(zip(voice.choice(options).labels, options, strict=True))
    fields: dict[str, Any] = {"state": "valid"}
    if reads in _LISTS:
        named = [by_label[label] for label in said[_LISTS[reads]]]
        fields["ranking"] = tuple(dict.fromkeys(named))
        if reads == "approvals":
            fields["approvals"] = tuple(option for option in options if option in named)
    elif reads in _NUMBERS:
        fields |= _numbers(said[reads], by_label, reads)
    else:
        abstains = said["vote"] == "abstain" and "abstain" not in by_label
        fields["ranking"] = () if abstains else (by_label[said["vote"]],)
    if reads == "confidence":
        fields["confidence"] = _within(said["sure"], 100) / 100
    if not fields["ranking"]:
        fields = {"state": "abstained"}
    if blocks:
        crossed = {by_label[label] for label in said["blocks"]}
        fields["blocks"] = tuple(option for option in options if option in crossed)
    return fields


def _numbers(said: Any, by_label: dict[str, str], reads: Reads) -> dict[str, Any]:
    given = {option: _within(said[label], _NUMBERS[reads]) for label, option in by_label.items()}
    if not any(given.values()):
        return {"ranking": ()}
    ranking = tuple(sorted(given, key=lambda option: -given[option]))
    if reads == "points":
        return {"ranking": ranking, "points": points({o: float(n) for o, n in given.items()})}
    if reads == "grades":
        return {"ranking": ranking, "grades": given}
    return {"ranking": ranking, "scores": {o: float(n) for o, n in given.items()}}


def _within(said: Any, top: int) -> int:
    """A whole number from 0 to the top; ValueError for any other."""
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said <= top:
        raise ValueError(f"{said!r} is no whole number from 0 to {top}")
    return said
