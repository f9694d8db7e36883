"""The lines of a journal without the words of one message: which are changed, and where in them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, cast

from folkmoot.records.afterwards import MASK
from folkmoot.records.canonical import scrub, text_digest
from folkmoot.records.errors import InputError
from folkmoot.records.quotations import quoted
from folkmoot.records.seal.words import SHORTEST_SENTENCE, Words, masked

_SPAN: Final = frozenset({"message", "message_sha256", "start", "end", "exact"})


class Part(NamedTuple):
    """A line of a journal as it is being changed."""

    n: int
    kind: str
    data: dict[str, Any]
    taken: set[str]
    """JSON pointers into `data`."""


class Taken(NamedTuple):
    """What was looked for, to be looked for once more in what comes of it."""

    message: str
    whole: tuple[str, ...]
    """Texts that must stand nowhere any more."""
    quotes: frozenset[str]
    """The message's words as an answer quotes them, with its name."""
    words: Words


def take(parts: list[Part], message: str) -> Taken:
    """Mask the words of a message in all lines from its reply on.

    Raises:
        InputError: there is no such message, it has no text (any more), or the same words stood on
            record before it.
    """
    turn = _turn(parts, message)
    text: str = turn.data.get("text", "")
    if not text.strip(f"{MASK}\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"):
        raise InputError(
            f"{message} has no text", "it came to none, or its text was taken out before"
        )
    said = _said(parts, turn)
    before = parts[: said.n - 1]
    _hold_first(parts, before, message, text)
    words = Words(text, (each for part in before for _, each in _strings(part.data)))
    quotes = frozenset(quoted(each, message) for each in (text, *_quoted_of(parts, message)))
    labelled = _labelled(parts, message)
    _put(said, "/text", _reply(said.data["text"], text, words))
    _put(turn, "/text", masked(text))
    whole = (text, *words.whole) if len(text) >= SHORTEST_SENTENCE else words.whole
    taken = Taken(message, whole, quotes, words)
    for part in parts[said.n - 1 :]:
        mask(part, (taken,))
        if part.kind == "text" and part.data["sha256"] in labelled:
            _put(part, "/text", part.data["text"].replace(text, masked(text)))
    _requote(parts)
    _drop_vectors(parts)
    return taken


def _turn(parts: list[Part], message: str) -> Part:
    turns = {part.data["id"]: part for part in parts if part.data.get("record") == "turn"}
    if message not in turns:
        raise InputError(
            f"there is no message {message!r} in the record",
            f"its messages are {', '.join(turns) or 'none'}",
        )
    return turns[message]


def _said(parts: list[Part], turn: Part) -> Part:
    """The reply that a message comes from."""
    call = turn.data["call"]
    found = (part for part in parts if part.kind == "reply" and _call(part) == call)
    return next(found)


def _call(part: Part) -> str:
    return f"c{part.data['step']}.{part.data['order']}"


def _hold_first(parts: list[Part], before: list[Part], message: str, text: str) -> None:
    """Hold that nobody said the same words before."""
    if len(text) < SHORTEST_SENTENCE:
        return
    for part in before:
        if not any(text in each for _, each in _strings(part.data)):
            continue
        if part.kind == "opening":
            what, todo = "the opening of the run", "what the run was asked cannot be taken out"
        elif (other := _message_of(parts, part)) is not None:
            what, todo = other, f"take both: --message {other} --message {message}"
        else:
            what = f"line {part.n} ({part.kind})"
            todo = "take the message that said so first as well"
        raise InputError(f"the words of {message} stood on record before, in {what}", todo)


def _message_of(parts: list[Part], part: Part) -> str | None:
    """The message that a line is, or is the reply of."""
    if part.kind != "reply":
        return str(part.data["id"]) if part.data.get("record") == "turn" else None
    turns = (each.data for each in parts if each.data.get("record") == "turn")
    return next((str(turn["id"]) for turn in turns if turn["call"] == _call(part)), None)


def _labelled(parts: list[Part], message: str) -> set[str]:
    """The digests of the texts that prompts show the message in."""
    return {
        segment["text_sha256"]
        for part in parts
        if part.kind == "call"
        for segment in part.data["segments"]
        if segment["label"] == message
    }


def _reply(said: str, text: str, words: Words) -> str:
    """A reply without its message: all of it, or, of one that is JSON, the strings that hold it."""
    try:
        value: Any = json.loads(said)
    except (ValueError, RecursionError):
        return masked(said)
    if not isinstance(value, dict | list):
        return masked(said)

    def inner(each: Any) -> Any:
        if isinstance(each, str):
            return masked(scrub(each)) if scrub(each) == text else words.mask(each)
        if isinstance(each, dict):
            return {words.mask(k): inner(v) for k, v in cast(dict[str, Any], each).items()}
        return [inner(item) for item in cast(list[Any], each)] if isinstance(each, list) else each

    return scrub(json.dumps(inner(value), ensure_ascii=False))


def mask(part: Part, taken: Iterable[Taken]) -> None:
    """Mask what was looked for in every text of a line that is not quotation of a message by place."""
    for each in taken:
        for pointer, text in list(_strings(part.data)):
            found = text
            for quote in each.quotes:
                if quote in found:
                    found = found.replace(quote, _masked_quote(quote))
            _put(part, pointer, each.words.mask(found))


def _masked_quote(quote: str) -> str:
    """A quotation of an answer, its words masked: the marks around them and the name stay."""
    if quote.startswith("\n"):
        *lines, name = quote[1:].split("\n")
        return "\n".join(("", *(line[:2] + masked(line[2:]) for line in lines), name))
    end = quote.rindex("”")
    return quote[0] + masked(quote[1:end]) + quote[end:]


def _quoted_of(parts: list[Part], message: str) -> set[str]:
    return {
        span["exact"]
        for part in parts
        for _, span in _spans(part.data)
        if span["message"] == message
    }


def _requote(parts: list[Part]) -> None:
    """Have every quotation of a message read as the message reads now."""
    texts = {
        part.data["id"]: part.data.get("text", "")
        for part in parts
        if part.data.get("record") == "turn" and "/text" in part.taken
    }
    digests = {name: text_digest(text) for name, text in texts.items()}
    for part in parts:
        for pointer, span in list(_spans(part.data)):
            text = texts.get(span["message"])
            if text is not None and span["message_sha256"] != digests[span["message"]]:
                span["message_sha256"] = digests[span["message"]]
                exact = text[span["start"] : span["end"]]
                if exact != span["exact"]:
                    span["exact"] = exact
                if MASK in exact:
                    part.taken.add(f"{pointer}/exact")
                part.taken.add(f"{pointer}/message_sha256")


def _drop_vectors(parts: list[Part]) -> None:
    """An embedding says what its text says."""
    gone = {p.data["sha256"] for p in parts if p.kind == "text" and p.taken}
    asked = {
        _call(part)
        for part in parts
        if part.kind == "call" and any(s["text_sha256"] in gone for s in part.data["segments"])
    }
    for part in parts:
        if part.kind == "reply" and "vector" in part.data and _call(part) in asked:
            del part.data["vector"]
            part.taken.add("/vector")


def _put(part: Part, pointer: str, text: str) -> None:
    """Put a text at a pointer, and note it where that changes anything."""
    place: Any = part.data
    *path, last = (each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:])
    for name in path:
        place = place[_key(place, name)]
    at = _key(place, last)
    if place[at] != text:
        place[at] = text
        part.taken.add(pointer)


def _key(place: Any, name: str) -> Any:
    return int(name) if isinstance(place, list) else name


def _strings(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a JSON value that is no name of a field, with its pointer."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, each in cast(dict[str, Any], value).items():
            yield from _strings(each, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for at, each in enumerate(cast(list[Any], value)):
            yield from _strings(each, f"{pointer}/{at}")


def _spans(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every quotation in a JSON value, with its pointer."""
    if isinstance(value, dict):
        found = cast(dict[str, Any], value)
        if found.keys() == _SPAN:
            yield pointer, found
        else:
            for name, each in found.items():
                yield from _spans(each, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for at, each in enumerate(cast(list[Any], value)):
            yield from _spans(each, f"{pointer}/{at}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
