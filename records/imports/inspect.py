"""A log of Inspect: each of its samples is a dialogue."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from folkmoot.records.calls import Usage
from folkmoot.records.canonical import digest, scrub
from folkmoot.records.errors import InputError, RecordError
from folkmoot.records.exports.extra import Extra
from folkmoot.records.files import read_plain
from folkmoot.records.imports.dialogue import Dialogue, Said, folder_name
from folkmoot.records.opening import Imported

if TYPE_CHECKING:
    from inspect_ai import log as inspect_log
    from inspect_ai.event import ModelEvent
    from inspect_ai.log import EvalSample
    from inspect_ai.model import ChatMessage, ModelUsage
else:
    inspect_log = Extra("inspect_ai.log", "inspect")

_SEAT = ("seat", "party_id", "agent", "name", "speaker")
"""Fields of a message's metadata that may say who speaks."""


def read_inspect(file: Path) -> tuple[Dialogue, ...]:
    """The samples of an Inspect log, each as a dialogue.

    Who speaks is what the metadata of a message says, else the role or the agent span of the call that it is
    the output of, else its model, where there are several, else `assistant`; what users and tools say is
    theirs. A sample without messages is read from its calls.

    Not taken over, and counted: system messages, messages without text, scores, the sample's question where
    a message repeats it, and an answer that a record of Folkmoot ended with.

    Args:
        file: an .eval or .json log.

    Raises:
        InputError: it is no log, or inspect_ai is not installed.
        RecordError: it cannot be read.
    """
    try:
        sha256 = digest(read_plain(file))
    except OSError as error:
        raise RecordError(f"cannot read {str(file)!r}: {error.strerror}") from error
    read = inspect_log.read_eval_log  # says where inspect_ai is missing
    try:
        log = read(str(file), resolve_attachments=True)
    except Exception as error:  # its readers raise whatever the bytes lead them to
        raise InputError(
            f"{file.name} is no log of Inspect ({type(error).__name__}: {error})",
            "--form chat reads a plain transcript",
        ) from error
    samples = log.samples or []
    found = [_dialogue(file, sha256, each, len(samples) > 1) for each in samples]
    with_words = [each for each in found if each.said]
    if not with_words:
        raise InputError(
            f"{file.name}: none of its {len(samples)} samples has a message",
            "a log that was written without samples cannot be imported",
        )
    return tuple(with_words)


def _dialogue(file: Path, sha256: str, sample: "EvalSample", several: bool) -> Dialogue:
    passed: Counter[str] = Counter()
    question = scrub(_question(sample))
    if sample.scores:
        passed["scores"] = len(sample.scores)
    calls = _calls(sample)
    messages = sample.messages
    if not messages:
        messages = [each.output.message for each in calls.values() if each.output.choices]
    numbers: dict[str, int] = {}
    said: list[Said] = []
    spans = _agents(sample)
    models = {getattr(each, "model", None) for each in messages} - {None}
    for message in messages:
        why = _left_out(message, question)
        if why:
            passed[why] += 1
            continue
        call = calls.get(message.id or "")
        said.append(_said(message, call, spans, len(models) > 1, sample.choices, numbers))
        if message.id is not None:
            numbers[message.id] = len(said)
    part = f"{sample.id}, epoch {sample.epoch}" if several else None
    rounds = [each.round for each in said]
    if None in rounds or rounds != sorted(rounds, key=lambda each: each or 0):
        said = [each.model_copy(update={"round": None}) for each in said]
    return Dialogue(
        name=folder_name(file.stem, *((str(sample.id), str(sample.epoch)) if several else ())),
        question=question or None,
        options=tuple(map(scrub, sample.choices)) if sample.choices else None,
        said=tuple(said),
        origin=Imported(form="inspect", source=scrub(file.name), sha256=sha256, part=part),
        passed_over=dict(passed),
    )


def _question(sample: "EvalSample") -> str:
    if isinstance(sample.input, str):
        return sample.input
    asked = [each.text for each in sample.input if each.role == "user"]
    return asked[-1] if asked else ""


def _left_out(message: "ChatMessage", question: str) -> str | None:
    """Why a message is not taken over; None where it is."""
    if message.role == "system":
        return "system messages"
    if not message.text.strip():
        return "messages without text"
    if (message.metadata or {}).get("role") == "answer":
        return "answers of a record"
    if message.role == "user" and scrub(message.text) == question:
        return "questions"
    return None


def _said(
    message: "ChatMessage",
    call: "ModelEvent | None",
    spans: dict[str, str],
    several: bool,
    choices: list[str] | None,
    numbers: dict[str, int],
) -> Said:
    metadata: dict[str, Any] = message.metadata or {}
    model = getattr(message, "model", None) or (call.model if call else None)
    named = [metadata.get(each) for each in _SEAT]
    if message.role == "assistant":
        named += [call.role if call else None, spans.get(call.span_id or "") if call else None]
        named += [model if several else None]
    if message.role == "tool":
        named.append(message.function)
    speaker = next((each for each in named if isinstance(each, str) and each.strip()), message.role)
    round, answer = metadata.get("round"), metadata.get("answer")
    given: Any = metadata.get("replies_to")
    replies = [str(each) for each in cast("list[Any]", given)] if isinstance(given, list) else []
    return Said(
        speaker=scrub(speaker.strip()),
        text=scrub(message.text),
        round=round if isinstance(round, int) and 0 <= round < 2**53 else None,
        position=scrub(answer) if isinstance(answer, str) and answer in (choices or ()) else None,
        replies_to=tuple(numbers[each] for each in replies if each in numbers),
        model=scrub(model) if model else None,
        usage=_usage(call.output.usage if call else None),
    )


def _calls(sample: "EvalSample") -> "dict[str, ModelEvent]":
    """The id of a message → the call that it is the output of."""
    found: dict[str, ModelEvent] = {}
    for event in sample.events:
        if event.event == "model" and event.output.choices:
            found[event.output.message.id or event.uuid or ""] = event
    return found


def _agents(sample: "EvalSample") -> dict[str, str]:
    """The id of a span → the agent that it is of, or that it is inside of."""
    names: dict[str, str] = {}
    for event in sample.events:
        if event.event == "span_begin":
            if event.type == "agent":
                names[event.id] = event.name
            elif event.parent_id in names:
                names[event.id] = names[event.parent_id]
    return names


def _usage(given: "ModelUsage | None") -> Usage | None:
    if given is None:
        return None
    read, wrote = given.input_tokens_cache_read, given.input_tokens_cache_write
    prompt = given.input_tokens + (read or 0) + (wrote or 0)
    return Usage(prompt=prompt, cached=read, completion=given.output_tokens)
