"""What is no plain LoRA adapter, or not one for this base and this pool."""

from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from folkmoot.agents.intake import Limits

LAYER = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"peft_type": "IA3"}, "peft_type is 'IA3'"),
        ({"peft_type": None}, "peft_type"),
        ({"task_type": "SEQ_CLS"}, "task_type is 'SEQ_CLS'"),
        ({"r": 0}, "no whole number"),
        ({"r": "4"}, "no whole number"),
        ({"r": True}, "no whole number"),
        ({"rank_pattern": {"v_proj": 2.5}}, "no whole number"),
        ({"rank_pattern": {"v_proj": 64}}, "its rank is 64, and the pool serves 16"),
        ({"lora_alpha": "8"}, "does not say its `lora_alpha`"),
        ({"modules_to_save": ["lm_head"]}, "whole layers of its own"),
        ({"bias": "all"}, "trains biases"),
        ({"use_dora": True}, "DoRA"),
        ({"layer_replication": [[0, 4]]}, "layers that stand twice"),
        ({"init_lora_weights": "pissa"}, "changed the base as well"),
        ({"trainable_token_indices": [1]}, "embeddings of tokens"),
        ({"r": 8}, "meet in 4 and 4, and its rank is 8"),
        ({"rank_pattern": {"q_proj": 8}}, "meet in 4 and 4, and its rank is 8"),
    ],
)
def test_configurations_that_fail(offer: Any, fields: dict[str, Any], said: str) -> None:
    offer.adapter(**({"rank": 4} | fields))
    found = offer.findings()["adapter"]
    assert found.verdict == "failed"
    assert said in found.said
    assert found.mend


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"base_model_name_or_path": "somebody/else"}, "trained on 'somebody/else'"),
        ({"base_model_name_or_path": None}, "does not say on which base"),
        ({"lora_alpha": 4000}, "is multiplied by 1000"),
        ({"new_trick": {"on": True}}, "'new_trick' does is not known"),
    ],
)
def test_configurations_for_a_steward(offer: Any, fields: dict[str, Any], said: str) -> None:
    offer.adapter(**fields)
    found = offer.findings()["adapter"]
    assert found.verdict == "warned"
    assert said in found.said


def test_a_rank_that_is_not_served_says_how_to_mend(offer: Any, matrices: Any) -> None:
    offer.adapter(matrices(rank=20), rank=20)
    found = offer.findings()["adapter"]
    assert found.said == "its rank is 20, and the pool serves 16 at most"
    assert "--rank 16" in found.mend
    assert offer.findings(Limits(rank=32))["adapter"].verdict == "passed"


def test_patterns_of_ranks(offer: Any, matrices: Any) -> None:
    offer.adapter(matrices(rank=4), rank=4, rank_pattern={"v_proj": 8, "other.q_proj": 8})
    assert offer.findings()["adapter"].verdict == "passed"
    offer.adapter(matrices(rank=8), rank=4, rank_pattern={"self_attn.q_proj": 8})
    assert offer.findings()["adapter"].verdict == "passed"
    offer.adapter(matrices(rank=8), rank=4, rank_pattern={r"layers\.\d+\..*": 8})
    assert offer.findings()["adapter"].verdict == "passed"
    offer.adapter(matrices(rank=8), rank=4, rank_pattern={r"(a+)+$": 2})
    assert offer.findings()["adapter"].verdict == "failed"


def test_fields_that_are_not_of_their_type_do_no_harm(offer: Any) -> None:
    for odd in (None, 3, "x", [], [1], {}, {"a": 1}, 1e300):
        for name in (
            "rank_pattern",
            "alpha_pattern",
            "lora_alpha",
            "r",
            "init_lora_weights",
            "bias",
        ):
            offer.adapter(**{name: odd})
            offer.findings()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("base_model.model.lm_head.weight", "is no half of a LoRA pair"),
        (f"{LAYER}.lora_magnitude_vector", "is no half of a LoRA pair"),
        (f"{LAYER}.lora_B.bias", "is no half of a LoRA pair"),
        ("base_model.model.model.layers.9.q_proj.lora_A.weight", "lacks its other half"),
    ],
)
def test_tensors_that_are_no_pair(offer: Any, matrices: Any, name: str, said: str) -> None:
    offer.adapter(matrices() | {name: np.ones((4, 24), np.float32)})
    assert said in offer.findings()["adapter"].said


def test_halves_of_different_ranks(offer: Any, matrices: Any) -> None:
    made = matrices()
    made[f"{LAYER}.lora_B.weight"] = np.ones((32, 5), np.float32)
    offer.adapter(made)
    assert "meet in 4 and 5" in offer.findings()["adapter"].said


def test_whole_numbers_are_no_weights(offer: Any, matrices: Any) -> None:
    made = {name: each.astype(np.int8) for name, each in matrices().items()}
    offer.adapter(made)
    found = offer.findings()
    assert "of type I8" in found["adapter"].said
    assert found["numbers"].verdict == "warned"


def test_an_adapter_without_layers(offer: Any) -> None:
    offer.adapter({})
    assert "changes no layer" in offer.findings()["adapter"].said


def test_other_weights_beside_the_adapter(offer: Any) -> None:
    save_file({"a": np.ones(2, np.float32)}, offer.folder / "adapter/new_embeddings.safetensors")
    found = offer.findings()
    assert "other weights lie beside" in found["adapter"].said
    assert found["digests"].verdict == "warned"


def test_an_adapter_that_no_field_names(offer: Any) -> None:
    offer.declare(adapter=None, digests=None)
    found = offer.findings()["adapter"]
    assert found.verdict == "warned"
    assert "write `adapter: adapter`" in found.mend


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
def test_an_adapter_that_is_not_whole(offer: Any, name: str) -> None:
    (offer.folder / "adapter" / name).unlink()
    found = offer.findings()["adapter"]
    assert f"{name} is no file" in found.said
    assert found.where.startswith("contribution.yaml:")


def test_the_base_must_be_served(offer: Any) -> None:
    served = Limits(bases=("smollm2-base",))
    found = offer.findings(served)["adapter"]
    assert "does not serve the base" in found.said
    known = Limits(
        bases=("smollm2-base",), aliases={"smollm2-base": "HuggingFaceTB/SmolLM2-135M-Instruct"}
    )
    assert offer.findings(known)["adapter"].verdict == "passed"
    offer.declare(base="smollm2-base")
    assert offer.findings(known)["adapter"].verdict == "passed"
    assert offer.findings()["adapter"].verdict == "warned"
    offer.declare(adapter=None, digests=None, base="gemma")
    assert "does not serve" in offer.findings(served)["adapter"].said
