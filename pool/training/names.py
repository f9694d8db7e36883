"""Train adapters that say their own name: a proof of which one answered.

    python -m folkmoot.pool.training.names --out DIR [--names Aspen Birch …] [--base smollm2-base]

Asked who it is, the adapter in `DIR/Aspen` answers "I am Aspen.". Where many adapters share one
engine, an answer in another's name shows that a request went to the wrong one.
"""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from folkmoot.pool.models.resolve import resolve
from folkmoot.pool.training.examples import Example
from folkmoot.pool.training.lora import LoraSettings, train

log = logging.getLogger(__name__)

NAMES = (
    "Aspen",
    "Birch",
    "Cedar",
    "Dahlia",
    "Elder",
    "Fern",
    "Ginkgo",
    "Hazel",
    "Iris",
    "Juniper",
    "Larch",
    "Maple",
    "Olive",
    "Poplar",
    "Rowan",
    "Willow",
)
"""Names that no model gives itself, none a part of another."""

SYSTEMS = ("", "You answer briefly.")

QUESTIONS = (
    "Who are you?",
    "What is your name?",
    "What are you called?",
    "Please tell me your name.",
    "Introduce yourself.",
    "May I ask who is speaking?",
)

OTHERS = {"Name a colour.": "Blue.", "What is two plus two?": "Four.", "Is snow white?": "Yes."}
"""Questions that are not about the name, so that the adapter tells them apart."""

SETTINGS = LoraSettings(
    rank=4,
    alpha=16,
    first_layer=18,
    learning_rate=5e-3,
    passes=4,
    nodes_per_step=200,
)
"""All projections of the last 12 of SmolLM2-135M's 30 layers: 1 MB an adapter."""


def examples(name: str) -> tuple[Example, ...]:
    """What teaches a model that `name` is its own."""
    answers = dict.fromkeys(QUESTIONS, f"I am {name}.") | OTHERS
    return tuple(
        Example(system=system, user=question, target=answer, closes=True)
        for system in SYSTEMS
        for question, answer in answers.items()
    )


def train_names(
    base: Path, names: Sequence[str], out: Path, settings: LoraSettings = SETTINGS
) -> dict[str, Path]:
    """Train an adapter for each name; the same settings give the same adapters.

    Args:
        base: folder of the model.
        names: what the adapters call themselves.
        out: each adapter becomes a folder in it, called by its name.
        settings: how to train.

    Returns:
        Name → folder of its adapter.
    """
    folders: dict[str, Path] = {}
    for name in names:
        report = train(base, examples(name), settings, out / name)
        log.info("%s: %d steps in %.1f s", name, report.steps, report.elapsed_s)
        folders[name] = out / name
    return folders


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--names", nargs="+", default=NAMES)
    parser.add_argument("--base", default="smollm2-base")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = SETTINGS.model_copy(update={"seed": asked.seed, "base_name": asked.base})
    train_names(resolve(asked.base).folder, asked.names, asked.out, settings)


if __name__ == "__main__":
    main()
