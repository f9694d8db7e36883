"""Tokens of a prompt as a server would count them, from the tokeniser's files alone."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from folkmoot.pool.models.torch_import import import_transformers
from folkmoot.pool.rendering import messages
from folkmoot.pool.vllm.asked import prompt_body
from folkmoot.records import EngineUnavailable, Segment


class OwnTokens:
    """Counts with a model's own tokeniser while its server is at rest. May be used from any thread.

    Args:
        folder: the model's files.
        controls: control tokens of its tokeniser.

    Attributes:
        folder: the model's files.
    """

    def __init__(self, folder: Path, controls: Sequence[str] = ()) -> None:
        self.folder = folder
        self._controls = tuple(controls)
        self._lock = threading.Lock()
        self._tokenizer: Any = None

    def of_chat(self, segments: Sequence[Segment]) -> int:
        """How many tokens the segments are as a prompt, the chat template included. Blocks.

        Raises:
            EngineUnavailable: only the server can tell: the tokeniser cannot be loaded, or its
                template does not take these messages.
        """
        chat, opening = messages(segments, self._controls)
        body = prompt_body("", chat, opening)
        try:
            text = self._loaded().apply_chat_template(
                body["messages"],
                tokenize=False,
                add_generation_prompt=body.get("add_generation_prompt", True),
                continue_final_message=body.get("continue_final_message", False),
            )
            return len(self._loaded().encode(text, add_special_tokens=False))
        except Exception as fault:  # templates are code of the model's: they raise what they like
            raise EngineUnavailable(
                f"{str(self.folder)!r} does not say how its prompts are laid out: {fault!r}"
            ) from fault

    def _loaded(self) -> Any:
        with self._lock:
            if self._tokenizer is None:
                auto = import_transformers().AutoTokenizer
                self._tokenizer = auto.from_pretrained(self.folder, trust_remote_code=False)
            return self._tokenizer
