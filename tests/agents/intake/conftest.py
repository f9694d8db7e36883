"""A contribution that passes every check, and ways to spoil one thing of it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from ruamel.yaml import YAML
from safetensors.numpy import save_file

from folkmoot.agents.contribution_file import read_contribution
from folkmoot.agents.intake import (
    CHECKS,
    Finding,
    Fingerprint,
    Limits,
    Seated,
    digests_of,
    examine,
    fingerprint,
)
from folkmoot.records import canonical

BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"

Arrays = dict[str, NDArray[Any]]


def lora(seed: int = 0, rank: int = 4, layers: int = 2, width: int = 24) -> Arrays:
    """Random matrices of a LoRA adapter, in the peft layout."""
    drawn = np.random.default_rng(seed)
    made: Arrays = {}
    for layer in range(layers):
        start = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        made[f"{start}.lora_A.weight"] = drawn.normal(size=(rank, width)).astype(np.float32)
        made[f"{start}.lora_B.weight"] = drawn.normal(size=(width + 8, rank)).astype(np.float32)
    return made


def lora_config(rank: int = 4, **fields: Any) -> dict[str, Any]:
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": BASE,
        "r": rank,
        "lora_alpha": 2 * rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": ["q_proj"],
        "modules_to_save": None,
        "use_dora": False,
        "use_rslora": False,
        "rank_pattern": {},
        "alpha_pattern": {},
        "layer_replication": None,
        "init_lora_weights": True,
        "megatron_config": None,
        "megatron_core": "megatron.core",
        "auto_mapping": None,
    } | fields


class Offer:
    """An offered folder that a test may change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fields: dict[str, Any] = {
            "format": "contribution/1",
            "name": "night nurse",
            "contributor": "Ward 7",
            "licence": "Apache-2.0",
            "base": BASE,
            "adapter": "adapter",
            "perspective": {
                "statement": "I speak for those who are awake at night so that others may sleep.",
                "values": {"benevolence-caring": 0.9, "security-personal": 0.5},
                "red_lines": ["nobody is left alone in pain"],
            },
            "priorities": ["care"],
            "data": [{"name": "ExplaGraphs", "licence": "MIT"}],
        }
        self.adapter()
        self.write("README.md", "# Night nurse\n")
        self.pin()

    def write(self, path: str, data: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return file

    def adapter(self, arrays: Arrays | None = None, **config: Any) -> None:
        (self.folder / "adapter").mkdir(parents=True, exist_ok=True)
        made = lora() if arrays is None else arrays
        save_file(made, self.folder / "adapter/adapter_model.safetensors")
        self.write("adapter/adapter_config.json", json.dumps(lora_config(**config), indent=1))

    def declare(self, **fields: Any) -> None:
        """Write `contribution.yaml` with these fields; None takes one out."""
        self.fields |= fields
        said = {name: value for name, value in self.fields.items() if value is not None}
        with (self.folder / "contribution.yaml").open("w", encoding="utf-8") as stream:
            YAML(typ="safe").dump(said, stream)

    def pin(self) -> None:
        """Pin what is there now."""
        self.declare(digests=None)
        self.declare(digests=digests_of(read_contribution(self.folder)).plain())

    def findings(
        self, limits: Limits | None = None, seated: tuple[Seated, ...] = ()
    ) -> Mapping[str, Finding]:
        offered = read_contribution(self.folder)
        found = examine(offered, limits=limits or Limits(), seated=seated)
        assert tuple(each.check for each in found) == CHECKS
        for each in found:
            assert "broke_off" not in each.evidence, each
            canonical(each.model_dump(mode="json"))
            assert each.said
            assert each.mend or each.verdict in ("passed", "not_asked")
        return {each.check: each for each in found}

    def fingerprint(self) -> Fingerprint:
        found = fingerprint(read_contribution(self.folder))
        assert found is not None
        return found

    def seat(self, name: str = "day nurse", contributor: str = "Ward 8") -> Seated:
        return Seated(name=name, contributor=contributor, **self.fingerprint().model_dump())


@pytest.fixture
def offer(tmp_path: Path) -> Offer:
    """An honest contribution."""
    return Offer(tmp_path / "offered")


@pytest.fixture
def another(tmp_path: Path) -> Callable[..., Offer]:
    """More of them, with other matrices."""

    def make(arrays: Arrays, **config: Any) -> Offer:
        made = Offer(tmp_path / f"offered-{len(list(tmp_path.iterdir()))}")
        made.adapter(arrays, **config)
        made.pin()
        return made

    return make


@pytest.fixture
def matrices() -> Callable[..., Arrays]:
    """Random matrices of a LoRA adapter."""
    return lora


@pytest.fixture
def config() -> Callable[..., dict[str, Any]]:
    """The configuration of one."""
    return lora_config
