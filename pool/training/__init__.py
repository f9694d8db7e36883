"""Train a small LoRA adapter from examples, on a laptop if need be.

A training set is a JSONL file of `Example` lines. `train` packs examples that share an opening (a system message, a
question, a perspective) into one tree so that shared text is computed once, and saves an ordinary peft adapter.
`log_likelihoods` scores continuations with the same packing, `likelihoods` loads a model for it, `mean` averages adapters. These bring torch with them when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool.training, not its folder")

from folkmoot.pool.training.examples import Example, digest, read_examples, write_examples
from folkmoot.pool.training.settings import LoraSettings, Step, TrainingReport

if TYPE_CHECKING:
    from folkmoot.pool.training.averaging import mean
    from folkmoot.pool.training.lora import train
    from folkmoot.pool.training.score import likelihoods, log_likelihoods

__all__ = [
    "Example",
    "LoraSettings",
    "Step",
    "TrainingReport",
    "digest",
    "likelihoods",
    "log_likelihoods",
    "mean",
    "read_examples",
    "train",
    "write_examples",
]

_HEAVY = {"train": "lora", "mean": "averaging", "likelihoods": "score", "log_likelihoods": "score"}


def __getattr__(name: str) -> Any:
    """What needs torch, when it is asked for: whoever only writes examples does not wait for it."""
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HEAVY[name]}"), name)
