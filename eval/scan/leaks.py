"""Identity leaks: a seat names itself, its model or its kind where peers are anonymous."""

import re
from collections.abc import Iterator
from typing import Final

from folkmoot.eval.scan.found import Found
from folkmoot.eval.scan.subject import QUOTED, Subject
from folkmoot.records import HUMAN
from folkmoot.records.annotations import About
from folkmoot.records.opening import Party

_SELF: Final = (
    r"(?:\bI\s+am|\bI['\u2019]m|\bmy\s+name\s+is|\bthis\s+is|\bspeaking\s+(?:here\s+)?as|\bas"
    r"|\bsigned(?:\s+by)?:?,?|\bcall\s+me|[\u2014\u2013-])\s+(?:the\s+|an?\s+)?"
)
_FAMILIES: Final = (
    r"(?:Chat)?GPT(?:-?\d\w*)?|Claude|Gemini|Gemma|Llama|Mistral|Mixtral|Qwen\w*|DeepSeek\w*|SmolLM\w*"
    r"|Phi-?\d\w*|Grok|Command\s+R|OLMo|Copilot|Bard|Falcon-?\d\w*"
)
_MAKERS: Final = (
    r"OpenAI|Anthropic|Google|DeepMind|Meta(?:\s+AI)?|Mistral(?:\s+AI)?|Alibaba(?:\s+Cloud)?|DeepSeek"
    r"|Microsoft|xAI|Hugging\s*Face|Cohere|NVIDIA|IBM|Baidu|Moonshot"
)
_MODEL: Final = re.compile(
    rf"{_SELF}(?:{_FAMILIES})\b"
    rf"|\b(?:I|me)\b[^.!?\n]{{0,60}}\b(?:trained|developed|created|made|built)\s+by\s+(?:{_MAKERS})\b",
    re.IGNORECASE,
)
_MACHINE: Final = re.compile(
    r"\b(?:as|I\s+am|I['\u2019]m)\s+(?:only\s+|just\s+|merely\s+)?an?\s+(?:artificial\s+intelligence"
    r"|(?:large\s+)?language\s+model|chat\s?bot|virtual\s+assistant"
    r"|AI(?=\s*(?:[,.;:!?)\u2014]|$)|\s+(?:assistant|model|language|system|agent|program|trained|made|built"
    r"|developed|designed|I|and|so|but|without|that|my|have|can|cannot)\b))\b",
    re.IGNORECASE,
)


def identity_leaks(subject: Subject) -> Iterator[Found]:
    """Messages in which a seat names itself, its model, a family or a maker of models, or says that it
    is a machine. Nothing where peers are shown by name, or no message was shown to anybody."""
    if not subject.anonymous:
        return
    people = any(party.model == HUMAN for party in subject.opening.parties)
    patterns = {party.seat: _patterns(party) for party in subject.opening.parties}
    for turn in subject.said:
        # What it quotes another says of itself is no leak of its own.
        own = QUOTED.sub(lambda quote: "\x00" * len(quote[0]), turn.text)
        told: set[str] = set()
        for value, severity, pattern in patterns.get(turn.seat, ()):
            found = pattern.search(own)
            if found is None or value in told:
                continue
            told.add(value)
            if value == "machine" and people:
                severity = 2
            start, end = found.span()
            yield Found(
                label="identity-leak",
                about=(About(what="message", id=turn.id, start=start, end=end),),
                value=value,
                explanation=f"{turn.seat} says {turn.text[start:end].strip()!r}, and peers are anonymous",
                severity=severity,
            )


def _patterns(party: Party) -> tuple[tuple[str, int, re.Pattern[str]], ...]:
    name = r"\s+".join(map(re.escape, party.seat.split()))
    named = rf"{_SELF}{name}(?!\w)|\bI,\s+(?:the\s+)?{name}\s*,|(?<!\w){name}\s+here\s*[:,.!]"
    found = [("seat", 3, re.compile(named, re.IGNORECASE))]
    if model := _named(party.model):
        found.append(("model", 3, model))
    return (*found, ("model", 3, _MODEL), ("machine", 1, _MACHINE))


def _named(model: str) -> re.Pattern[str] | None:
    """How its own model's name would read: anywhere where it is no word, else where it says who it is."""
    name = model.rstrip("/").rsplit("/", 1)[-1]
    if len(name) < 4 or model == HUMAN:
        return None
    anywhere = any(map(str.isdigit, name))
    return re.compile(rf"{'' if anywhere else _SELF}(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
