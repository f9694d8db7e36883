"""Loading a causal language model and its tokeniser with transformers: safetensors, no remote code."""

import importlib
from dataclasses import dataclass
from typing import Any

from folkmoot.pool.engine import OnProgress, Progress
from folkmoot.pool.models import attention
from folkmoot.pool.models.quiet import quiet
from folkmoot.pool.models.resolve import Resolved, resolve
from folkmoot.pool.models.torch_import import import_torch, import_transformers
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.rendering import controls
from folkmoot.records import ModelRef, PoolError

_HINT = "a model that transformers loads but this engine does not may be served with vLLM"


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model in memory."""

    model: Any
    tokenizer: Any
    reference: ModelRef
    window: int
    """Tokens of prompt and completion together."""
    stops: frozenset[int]
    """Tokens that end a reply."""
    controls: tuple[str, ...]
    """Texts that the tokeniser reads as control tokens."""
    blank: Any
    """An empty tensor in the shape of its keys and values: [layers, 2, heads, 0, width]."""


def load(
    source: str | Source,
    dtype: str | None,
    device: str | None,
    on_progress: OnProgress | None = None,
    called: str | None = None,
) -> Loaded:
    """Find a model's files and load them. Blocks.

    Args:
        source: where it comes from; a name alone is a packaged name, a folder or a hub id.
        dtype: `float32`, `bfloat16`, `float16`; None: bfloat16 on a GPU, float32 on a CPU, where it
            is faster unless the CPU has bfloat16 instructions, and where it keeps what a seat
            thinks from depending on which other calls happen to share its batch.
        device: as torch names it; None: a GPU if there is one.
        on_progress: hears what takes long.
        called: what panels call it; None for the name of its base.

    Raises:
        PoolError: transformers is not installed, or the model cannot be found or loaded.
    """
    try:
        torch, transformers = import_torch(), import_transformers()
    except ImportError as fault:
        raise PoolError(
            f"the embedded engine needs {fault.name or 'transformers'}",
            "pip install 'folkmoot[local]'",
        ) from fault
    files = resolve(source, on_progress, called)
    name = files.reference.name
    if on_progress is not None:
        on_progress(Progress(f"loading {name}"))
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    precision = dtype or ("float32" if place == "cpu" else "bfloat16")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(files.folder)
        model = _model(files, getattr(torch, precision)).to(place).eval()
        blank = _blank(torch, model)
    except Exception as fault:  # a contributed folder may be broken in any way
        reason = (str(fault).splitlines() or [type(fault).__name__])[0]
        raise PoolError(f"cannot load model {name!r}: {reason}", _HINT, name) from fault
    if tokenizer.chat_template is None:
        raise PoolError(
            f"model {name!r} has no chat template", "contribute an instruction-tuned model", name
        )
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        reference=files.reference,
        window=_window(model.config),
        stops=_stops(model, tokenizer),
        controls=_controls(tokenizer),
        blank=blank,
    )


def _model(files: Resolved, dtype: Any) -> Any:
    with quiet():
        model = import_transformers().AutoModelForCausalLM.from_pretrained(
            files.folder,
            dtype=dtype,
            use_safetensors=True,
            trust_remote_code=False,
            attn_implementation=attention.register(),
        )
    if files.adapter is None:
        return model
    peft: Any = importlib.import_module("peft")
    return peft.PeftModel.from_pretrained(model, str(files.adapter)).merge_and_unload()


def _window(config: Any) -> int:
    """Where some layers see only the latest tokens, the window ends where they would differ."""
    sliding = getattr(config, "sliding_window", None)
    return min(config.max_position_embeddings, sliding or config.max_position_embeddings)


def _stops(model: Any, tokenizer: Any) -> frozenset[int]:
    said = model.generation_config.eos_token_id
    stops = {said} if isinstance(said, int) else set(said or ())
    return frozenset(stops | ({tokenizer.eos_token_id} - {None}))


def _controls(tokenizer: Any) -> tuple[str, ...]:
    added = tokenizer.added_tokens_decoder.values()
    return tuple(token.content for token in added if controls(token.content, token.special))


def _blank(torch: Any, model: Any) -> Any:
    """The shape of the keys and values, read off one token's; ValueError if layers differ in it."""
    with torch.inference_mode():
        out = model(torch.zeros((1, 1), dtype=torch.long, device=model.device), use_cache=True)
    layers: list[Any] = out.past_key_values.layers
    parts = [getattr(layer, part, None) for layer in layers for part in ("keys", "values")]
    if len({None if part is None else part.shape for part in parts}) != 1 or parts[0] is None:
        raise ValueError("its layers differ in their cache")
    _, heads, _, width = parts[0].shape
    return parts[0].new_zeros((len(layers), 2, heads, 0, width))
