"""How to train, and what a training comes to."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class LoraSettings(BaseModel):
    """How to train; the defaults suit a model of about 135M parameters on two processor cores."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: int = Field(default=8, ge=1)
    alpha: int = Field(default=16, ge=1)
    projections: tuple[str, ...] = PROJECTIONS
    first_layer: int = Field(default=0, ge=0)
    """Layers below this one get no adapter and no gradient: faster, and a smaller file."""
    learning_rate: float = Field(default=1e-3, gt=0)
    warmup: float = Field(default=0.06, ge=0, lt=1)
    """Part of the run in which the rate climbs; afterwards it falls along a cosine to a tenth."""
    passes: float = Field(default=1, gt=0)
    """How often every group is seen; 1.5: a drawn half of them twice."""
    nodes_per_step: int = Field(default=640, ge=1)
    """About how many distinct tokens one optimiser step computes."""
    clip: float = Field(default=1.0, gt=0)
    decay: float = Field(default=0.01, ge=0)
    seed: int = 0
    lanes: int = Field(default=2, ge=1)
    """Trees of one step that are computed side by side, a processor core each: on a busy machine faster than one tree on all cores."""
    budget_s: float | None = Field(default=None, gt=0)
    """Wall-clock seconds after which the run ends, its rate fully lowered; such a run is not repeatable to the digit."""
    save_every: int = Field(default=40, ge=1)
    """Optimiser steps between two savings of the adapter."""
    computed_in: Literal["float32", "bfloat16"] = "float32"
    """Of matrix products (autocast; weights stay in float32). On processors with bfloat16 units
    bfloat16 took 0.7 of the time; on others it is slower."""
    stored_as: Literal["float16", "bfloat16", "float32"] = "float16"
    base_name: str | None = None
    """What the adapter calls its base model; the folder's name if not given."""


class Step(BaseModel):
    """One optimiser step, as handed to `on_step`."""

    model_config = ConfigDict(frozen=True)

    number: int
    done: float
    """Part of the run that is done, 0 to 1."""
    loss: float
    """Weighted loss (nats) a learned example."""
    rate: float
    nodes: int
    elapsed_s: float


class TrainingReport(BaseModel):
    """What was trained, on what, and how it went; saved as `training.json` beside the adapter."""

    model_config = ConfigDict(frozen=True)

    settings: LoraSettings
    examples: int
    examples_sha256: str
    examples_seen: int
    parameters: int
    steps: int
    elapsed_s: float
    curve: tuple[tuple[int, float], ...]
    """Step number and mean loss of the steps since the previous point."""
    versions: dict[str, str]
