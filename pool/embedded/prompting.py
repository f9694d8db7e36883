"""From a call to the tokens of its prompt, for one tokeniser; a prompt too long loses segments."""

from collections.abc import Sequence
from typing import NamedTuple

from folkmoot.pool.fit import fit, too_long
from folkmoot.pool.models.loading import Loaded
from folkmoot.pool.rendering import messages, neutral
from folkmoot.records import Call, CallRefused, Segment


class Prompt(NamedTuple):
    """A prompt as it is sent."""

    tokens: list[int]
    dropped: tuple[str, ...]


def prompt(loaded: Loaded, call: Call) -> Prompt:
    """The prompt of a generate or choose call, cut to the window by rank if it must be.

    Raises:
        CallRefused: what may not be dropped does not fit, or there is no prompt at all.
    """
    if not call.segments:
        raise CallRefused(f"call {call.id} has no prompt")
    room = loaded.window - (call.sampling.max_tokens if call.op == "generate" else 1)
    tokens = render(loaded, call.segments)
    if len(tokens) <= room:
        return Prompt(tokens, ())
    lengths = [len(plain(loaded, segment.text)) for segment in call.segments]
    around = len(tokens) - sum(lengths)
    while True:
        kept, dropped = fit(call.segments, lengths, room, call.model, around)
        tokens = render(loaded, kept)
        if len(tokens) <= room:
            return Prompt(tokens, dropped)
        around += len(tokens) - room  # segments joined may be more tokens than each alone


def render(loaded: Loaded, segments: Sequence[Segment]) -> list[int]:
    """Tokens of the chat template filled with the segments, up to where the reply begins."""
    from jinja2 import TemplateError

    chat, opening = messages(segments, loaded.controls)
    try:
        text = loaded.tokenizer.apply_chat_template(
            chat, tokenize=False, add_generation_prompt=True
        )
    except (TemplateError, IndexError) as fault:
        roles = ", ".join(message["role"] for message in chat) or "none"
        raise CallRefused(
            f"the chat template of {loaded.reference.name!r} does not take messages of these roles: "
            f"{roles} ({fault})"
        ) from fault
    return loaded.tokenizer.encode(text + opening, add_special_tokens=False)


def plain(loaded: Loaded, text: str) -> list[int]:
    """Tokens of a text alone, no control token among them."""
    return loaded.tokenizer.encode(neutral(text, loaded.controls), add_special_tokens=False)


def text_tokens(loaded: Loaded, call: Call) -> list[int]:
    """Tokens of the text of an embed call.

    Raises:
        CallRefused: it is empty or longer than the window.
    """
    tokens = plain(loaded, "".join(segment.text for segment in call.segments))
    if not tokens:
        raise CallRefused(f"call {call.id} has no text to embed")
    if len(tokens) > loaded.window:
        raise too_long(len(tokens), loaded.window, call.model)
    return tokens


def option_tokens(loaded: Loaded, call: Call) -> tuple[int, ...]:
    """The first token of each option of a choose call.

    Raises:
        CallRefused: no options, an empty one, or two that begin with the same token.
    """
    firsts: dict[int, str] = {}
    for option in call.options:
        tokens = plain(loaded, option)
        if not tokens:
            raise CallRefused(f"call {call.id}: an option is empty")
        if tokens[0] in firsts:
            raise CallRefused(
                f"call {call.id}: options {firsts[tokens[0]]!r} and {option!r} begin with the same "
                f"token for {call.model!r}",
                "let the options differ in their first word, or label them A, B, …",
            )
        firsts[tokens[0]] = option
    if not firsts:
        raise CallRefused(f"call {call.id} gives no options to choose from")
    return tuple(firsts)
