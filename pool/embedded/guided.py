"""Guided decoding: only tokens that can still become JSON of a schema. Needs xgrammar."""

import json
from typing import Any

from folkmoot.pool.models.loading import Loaded
from folkmoot.records import CallRefused


class Guides:
    """Compiles JSON schemas for one tokeniser.

    Args:
        loaded: the model whose tokens are guided.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._compiler: Any = None

    def guide(self, schema: dict[str, Any]) -> "Guide":
        """A guide for one reply.

        Raises:
            CallRefused: xgrammar is not installed, or cannot follow the schema.
        """
        try:
            import xgrammar
        except ImportError as fault:
            raise CallRefused(
                "guided JSON in the embedded engine needs xgrammar", "pip install xgrammar"
            ) from fault
        if self._compiler is None:
            size = self._loaded.model.config.vocab_size
            info = xgrammar.TokenizerInfo.from_huggingface(
                self._loaded.tokenizer,
                vocab_size=size,
                stop_token_ids=sorted(self._loaded.stops),
            )
            self._compiler = xgrammar.GrammarCompiler(info, max_threads=1)
        try:
            # No free white space: a small model would fill its reply with it.
            grammar = self._compiler.compile_json_schema(json.dumps(schema), any_whitespace=False)
        except RuntimeError as fault:
            reason = str(fault).splitlines()[0]
            raise CallRefused(f"no guide for the JSON schema: {reason}") from fault
        return Guide(xgrammar, grammar, self._loaded.model.config.vocab_size)


class Guide:
    """Where one reply stands in its grammar."""

    def __init__(self, xgrammar: Any, grammar: Any, vocabulary: int) -> None:
        self._xgrammar = xgrammar
        self._matcher = xgrammar.GrammarMatcher(grammar)
        self._allowed = xgrammar.allocate_token_bitmask(1, vocabulary)

    def bar(self, logits: Any) -> None:
        """Make every token that would leave the grammar impossible, in place; logits [vocabulary]."""
        self._matcher.fill_next_token_bitmask(self._allowed, 0)
        allowed = self._allowed.to(logits.device)
        self._xgrammar.apply_token_bitmask_inplace(logits.unsqueeze(0), allowed)

    def take(self, token: int) -> None:
        """Go on behind a token that was drawn."""
        self._matcher.accept_token(token)
