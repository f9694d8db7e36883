"""Train a small LoRA adapter from examples, on a laptop if need be.

A training set is a JSONL file of `Example` lines. `train` packs examples that share an opening (a system message, a
question, a perspective) into one tree so that shared text is computed once, and saves an ordinary peft adapter.
`log_likelihoods` scores continuations with the same packing.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool.training, not its folder")

from folkmoot.pool.training.examples import Example, digest, read_examples, write_examples
from folkmoot.pool.training.lora import LoraSettings, Step, TrainingReport, train
from folkmoot.pool.training.score import log_likelihoods

__all__ = [
    "Example",
    "LoraSettings",
    "Step",
    "TrainingReport",
    "digest",
    "log_likelihoods",
    "read_examples",
    "train",
    "write_examples",
]
