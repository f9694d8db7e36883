"""A person in a seat: what they are asked, what may be answered, and how the answer is a reply.

An agent whose model is `human` is a person. Their calls stand in the journal like any other's and
wait there; an answer is a reply in the journal, so whoever gives it, and wherever, the run goes on
from the record. A choice that models are asked in both orders of its options is asked of them once.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

from folkmoot.agents import voice
from folkmoot.records import HUMAN, Call, InputError, Journal, JournalView, Reply, Usage, scrub
from folkmoot.records.terms import ActName

_LETTERS_A_TOKEN = 4
_ACT = re.compile(
    rf"(?P<act>{'|'.join(get_args(ActName))})(?:\s+(?P<about>M\d+))?\s*:\s*(?P<text>.+)",
    re.IGNORECASE,
)
_NO_CHANCE = -9999.0
_NOTHING = Usage(prompt=0, cached=0, completion=0)
"""What a person's reply costs in tokens: none was computed."""


class Said(NamedTuple):
    """What a person answers."""

    choose: str | None = None
    """An option, by its words or its letter."""
    text: str = ""
    """In their own words."""
    confidence: float | None = None
    """How sure they are of the option, up to 1; None for sure."""
    abstain: bool = False
    """They choose none."""
    cites: tuple[str, ...] = ()
    """Ids of the messages that moved them."""

    @classmethod
    def of(cls, given: object, call: Call) -> "Said":
        """An answer as JSON gives it: a text, or an object with the fields above.

        Raises:
            InputError: it is neither.
        """
        if isinstance(given, Said):
            return given
        if isinstance(given, str):
            return cls(choose=given) if choices(call) else cls(text=given)
        if not isinstance(given, Mapping):
            raise InputError(
                f"{given!r} is no answer", "give a text, or an object with choose or text"
            )
        fields: dict[str, Any] = {str(name): value for name, value in given.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        unknown = sorted(set(fields) - set(cls._fields))
        kinds = {"choose": str, "text": str, "confidence": int | float, "abstain": bool}
        wrong = [
            name
            for name, kind in kinds.items()
            if fields.get(name) is not None and not isinstance(fields[name], kind)
        ]
        if unknown or wrong:
            raise InputError(
                f"an answer has no field {unknown[0]!r}"
                if unknown
                else f"the field {wrong[0]!r} of an answer cannot be {fields[wrong[0]]!r}",
                f"its fields are: {', '.join(cls._fields)}",
            )
        fields = {name: value for name, value in fields.items() if value is not None}
        return cls(**{**fields, "cites": tuple(map(str, fields.get("cites", ())))})


def choices(call: Call) -> tuple[str, ...]:
    """What a person may choose from, in the order shown; () where they are asked for words alone."""
    if call.op == "choose":
        return shown(call)
    answer: dict[str, Any] = _fields(call).get("answer", {})
    return tuple(answer.get("enum", ()))


def shown(call: Call) -> tuple[str, ...]:
    """The options of a `choose` call in words, in its order: its labels may be letters."""
    labels = tuple(option.strip() for option in call.options)
    rows = "".join(rf"^{re.escape(label)}\. (.*)\n?" for label in labels)
    if labels != tuple(voice.LETTERS[: len(labels)]):
        return labels
    task = next((each.text for each in call.segments if each.label == "task"), "")
    found = list(re.finditer("^Options:\n" + rows, task, re.MULTILINE))
    return found[-1].groups() if found else labels


def request(call: Call, run: str) -> dict[str, Any]:
    """A call as a person gets it, as JSON values: all that their seat may see, and nothing else."""
    asked: dict[str, Any] = {
        "run": run,
        "call": call.id,
        "seat": call.seat,
        "round": call.round,
        "stage": call.stage,
        "purpose": call.purpose,
        "about": call.about,
        "prompt": [
            {"label": each.label, "role": each.role, "text": each.text} for each in call.segments
        ],
        "options": list(choices(call)),
    }
    if call.op == "generate":
        asked["at_most"] = _room(call)
    return asked


def waiting(view: JournalView) -> tuple[Call, ...]:
    """The calls that wait for people, each question once, in the order of asking."""
    replies = view.replies
    mine = [call for call in view.calls if call.model == HUMAN]
    return tuple(
        call
        for call in mine
        if view.close is None and call.id not in replies and first_of(call, mine).id == call.id
    )


def first_of(call: Call, others: Iterable[Call]) -> Call:
    """The call with which the same question was asked first: of a pair of orders, the first one."""
    same = [
        each for each in others if each.step == call.step and _question(each) == _question(call)
    ]
    return min([call, *same], key=lambda each: each.order)


def mirrored(reply: Reply, first: Call, call: Call) -> Reply:
    """The reply to a question as the reply to the same question in another order."""
    assert reply.logprobs is not None
    there, here = shown(first), shown(call)
    places: Sequence[int] = range(len(here))
    if here != there:
        # By position where that is all that differs: two messages may have the same words.
        turned = here == there[::-1]
        places = places[::-1] if turned else [there.index(option) for option in here]
    logprobs = tuple(reply.logprobs[place] for place in places)
    return Reply.to(
        call,
        reply.state,
        text=reply.text,
        logprobs=logprobs,
        finish=reply.finish,
        usage=reply.usage,
        engine=reply.engine,
    )


def reply_to(call: Call, said: Said) -> Reply:
    """A person's answer as the reply to a call.

    Raises:
        InputError: it is no answer to this call.
    """
    text = scrub(said.text).strip()
    if said.confidence is not None and not 0 < said.confidence <= 1:
        raise InputError(f"a confidence of {said.confidence!r} is not above 0 and at most 1")
    if call.op == "choose":
        weights = _weights(call, said)
        return _reply(call, text, logprobs=weights)
    if call.op != "generate":
        raise InputError(f"a person cannot answer {call.op!r}, as {call.id} asks")
    if len(text) > _room(call):
        raise InputError(
            f"{len(text)} characters are too many, the seat has room for {_room(call)}",
            "shorten it, or give the seat a larger sampling.max_tokens",
        )
    if call.json_schema is not None:
        return _reply(call, json.dumps(_stated(call, said, text), ensure_ascii=False))
    if said.choose is not None or said.abstain:
        raise InputError(f"{call.id} asks for words, there is nothing to choose from")
    if not text:
        raise InputError(f"{call.id} asks for words", "say something")
    return _reply(call, text)


def answer(record: str | Path, call: str, said: Said) -> Reply:
    """Write a person's answer into a record that waits for it.

    Args:
        record: the folder of the run.
        call: the id of the call, such as `c0.2`.

    Raises:
        InputError: no such call waits for a person, or this is no answer to it.
        RecordError: the record cannot be written, or another process is writing it.
    """
    with Journal.resume(record) as journal:
        open_calls = {each.id: each for each in waiting(journal.view())}
        if call not in open_calls:
            raise InputError(
                f"no call {call!r} waits for a person",
                f"waiting: {', '.join(open_calls) or 'none'}",
            )
        reply = reply_to(open_calls[call], said)
        journal.reply(reply)
        return reply


def _question(call: Call) -> tuple[object, ...]:
    """What makes two calls the same question to a person."""
    if call.op != "choose":
        return (call.id,)
    return (call.model, call.seat, call.purpose, call.about, tuple(sorted(shown(call))))


def _reply(call: Call, text: str, **fields: Any) -> Reply:
    return Reply.to(call, "ok", text=text, finish="stop", usage=_NOTHING, engine=HUMAN, **fields)


def _weights(call: Call, said: Said) -> tuple[float, ...]:
    options = choices(call)
    if said.abstain:
        return (round(-math.log(len(options)), 6),) * len(options)
    chosen, sure = options.index(_chosen(call, said)), said.confidence or 1.0
    rest = (1 - sure) / max(len(options) - 1, 1)
    shares = [sure if place == chosen else rest for place in range(len(options))]
    return tuple(round(math.log(share), 6) if share > 0 else _NO_CHANCE for share in shares)


def _chosen(call: Call, said: Said) -> str:
    """The option meant: by its words, or by the letter under which it is shown.

    Raises:
        InputError: it is none of them.
    """
    options = choices(call)
    meant = " ".join((said.choose or "").split()).casefold()
    words = [option for option in options if " ".join(option.split()).casefold() == meant]
    labels = voice.LETTERS[: len(options)].casefold()
    if not words and len(meant) == 1 and meant in labels:
        words = [options[labels.index(meant)]]
    if not words:
        raise InputError(
            f"{said.choose!r} is none of the options" if said.choose else "nothing was chosen",
            f"options: {' / '.join(options)}",
        )
    return words[0]


def _stated(call: Call, said: Said, text: str) -> dict[str, Any]:
    """An answer in the fields that a call's schema asks for."""
    filled: dict[str, Any] = {}
    for name, field in _fields(call).items():
        if "enum" in field:
            abstains = said.abstain and "abstain" in field["enum"]
            filled[name] = "abstain" if abstains else _chosen(call, said)
        elif field.get("type") == "string":
            filled[name] = text
        elif "anyOf" in field.get("items", {}):
            filled[name] = _acts(text)
        elif field.get("type") == "array":
            known = field.get("items", {}).get("enum", said.cites)
            filled[name] = [cite for cite in said.cites if cite in known]
        else:
            raise InputError(f"a person cannot fill in the field {name!r} of {call.id}")
    return filled


def _acts(text: str) -> list[dict[str, str]]:
    """What a person does, a line each: `attack M3: it is not so`. A line of another form is a claim."""
    found: list[dict[str, str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        said = _ACT.fullmatch(line)
        if said is None:
            found.append({"act": "claim", "text": line})
        else:
            about = {} if said["about"] is None else {"about": said["about"]}
            found.append({"act": said["act"].lower(), **about, "text": said["text"]})
    return found


def _fields(call: Call) -> dict[str, Any]:
    return {} if call.json_schema is None else call.json_schema.get("properties", {})


def _room(call: Call) -> int:
    """Characters that a person's words may have, so that prompts stay as long as was checked."""
    return _LETTERS_A_TOKEN * call.sampling.max_tokens
