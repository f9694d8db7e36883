"""The lines of a journal that are not records of their own: texts, calls as written, run marks."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from folkmoot.records.base import Frozen
from folkmoot.records.calls import Call, Usage
from folkmoot.records.moments import Moment


class Text(Frozen):
    """A distinct segment text, written once however often it is asked."""

    sha256: str
    text: str


class Resume(Frozen):
    """The run was taken up again. `lost`: calls asked, not aborted and unanswered when it stopped."""

    at: Moment
    lost: tuple[str, ...] = ()


class Again(Frozen):
    """A call that was aborted is asked again: from here on it is unanswered, as after its first line."""

    call: str


class Abort(Frozen):
    """A call was cancelled before its reply; `usage`: what it had cost, where that is known."""

    call: str
    usage: Usage | None = None


class Close(Frozen):
    """The run came to its end. One that was stopped before has no such line, and may be resumed."""

    at: Moment
    status: Literal["complete"] = "complete"


class RedactedLine(Frozen):
    """A line from which text was taken, and what stands there now."""

    n: int
    sha256: str
    """Of the line's bytes as they stand, without the newline."""


class Redaction(Frozen):
    """Text of messages was taken out of a journal after the run: out of which, by whom, when and why."""

    at: Moment
    by: str
    reason: str
    messages: tuple[str, ...]
    """Ids of the messages whose text was taken, in the order of the record."""
    lines: tuple[RedactedLine, ...]
    """Every line that the taking changed, in the order of the journal."""
    unaudited: tuple[str, ...] = ()
    """What the audit finds in the record since then, and did not before: what it can no longer hold."""


class Migration(Frozen):
    """A journal of an older version was taken over into this one."""

    from_schema: str
    to_schema: str
    head: str
    """The hash of its last line."""
    lines: int
    """How many it had."""


def pack_call(call: Call, digests: Sequence[str]) -> dict[str, Any]:
    """A call as JSON, each segment's text replaced by its digest.

    Args:
        call: the call.
        digests: SHA-256 of the text of each segment.
    """
    data = call.model_dump(mode="json", exclude_none=True, exclude={"segments"})
    data["segments"] = [
        {
            "role": segment.role,
            "text_sha256": digest,
            "drop": segment.drop,
            "label": segment.label,
        }
        for segment, digest in zip(call.segments, digests, strict=True)
    ]
    return data


def unpack_call(data: Mapping[str, Any], texts: Mapping[str, str]) -> Call:
    """The call that was packed into `data`.

    Args:
        data: what `pack_call` made.
        texts: SHA-256 → text.

    Raises:
        KeyError: a text is not there, or a segment lacks a field.
        ValidationError: it is no call.
    """
    segments = [
        {
            "text": texts[segment["text_sha256"]],
            **{name: value for name, value in segment.items() if name != "text_sha256"},
        }
        for segment in data["segments"]
    ]
    return Call.model_validate({**data, "segments": segments})
