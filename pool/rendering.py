"""From segments to what a chat model reads. Text of a seat can never act as a control token."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from folkmoot.records import Segment

_CONTROLS = (
    r"<\|[^<>\s]{1,64}?\|>"  # ChatML, Llama 3, Phi, SmolLM
    r"|<\uff5c[^<>\s]{1,64}?\uff5c>"  # DeepSeek
    r"|</?s>|<(?:bos|eos|pad|unk|mask)>"
    r"|<(?:start|end)_of_(?:turn|image)>"  # Gemma
    r"|<</?SYS>>|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]"
)
"""What the chat formats of the field mark turns with, for servers whose tokenizer is not at hand."""

_PAIRS = ("<>", "[]")
"""What control tokens begin and end with that a tokeniser does not call special."""


def neutral(text: str, controls: Iterable[str] = ()) -> str:
    """The text with every control token broken by a blank after its first character.

    `<|im_end|>` becomes `< |im_end|>`: it reads the same and ends nothing.

    Args:
        text: anything, hostile text too.
        controls: control tokens of the tokenizer that will read it, beside the common ones.
    """
    return _pattern(tuple(controls)).sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)


def controls(text: str, special: bool) -> bool:
    """Whether a token that was added to a vocabulary is a control token, not a run of blanks.

    Args:
        text: the token.
        special: whether the tokeniser calls it special.
    """
    return bool(text.strip()) and (special or text[0] + text[-1] in _PAIRS)


def messages(
    segments: Sequence[Segment], controls: Iterable[str] = ()
) -> tuple[list[dict[str, str]], str]:
    """The chat messages of a prompt, and the opening of the reply.

    Neighbouring segments of one role are joined as they stand. A last message of role `assistant`
    is no message: it opens the reply, and the model continues it.

    Returns:
        Messages with `role` and `content`, neutral; and the opening, "" if there is none.
    """
    joined: list[tuple[str, list[str]]] = []
    for segment in segments:
        if not joined or joined[-1][0] != segment.role:
            joined.append((segment.role, []))
        joined[-1][1].append(segment.text)
    known = tuple(controls)
    chat = [{"role": role, "content": neutral("".join(texts), known)} for role, texts in joined]
    opening = chat.pop()["content"] if chat and chat[-1]["role"] == "assistant" else ""
    return chat, opening


@lru_cache(maxsize=64)
def _pattern(controls: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted((token for token in controls if len(token) > 1), key=len, reverse=True)
    return re.compile("|".join([_CONTROLS, *map(re.escape, longest_first)]))
