"""Weights that are no numbers, too large, or nothing."""

from typing import Any

import numpy as np
import pytest

from folkmoot.agents.intake.floats import matrix, single_bytes
from folkmoot.agents.intake.headers import read_header
from folkmoot.agents.intake.tree import scan

LAYER = "base_model.model.model.layers.1.self_attn.q_proj"


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number(offer: Any, matrices: Any, kind: Any, value: float) -> None:
    made = {name: each.astype(kind) for name, each in matrices().items()}
    made[f"{LAYER}.lora_A.weight"][3, 7] = value
    offer.adapter(made)
    found = offer.findings()["numbers"]
    assert found.verdict == "failed"
    assert f"{LAYER}.lora_A.weight" in found.said


def test_a_huge_number(offer: Any, matrices: Any) -> None:
    made = matrices()
    made[f"{LAYER}.lora_B.weight"][0, 0] = -2000
    offer.adapter(made)
    found = offer.findings()["numbers"]
    assert (found.verdict, found.evidence["largest"]) == ("failed", 2000)
    assert found.threshold == "at most 1000 in absolute value"


@pytest.mark.parametrize("half", ["A", "B"])
def test_an_adapter_that_changes_nothing(offer: Any, matrices: Any, half: str) -> None:
    made = matrices()
    for name, each in made.items():
        if f"lora_{half}" in name:
            each[:] = 0
    offer.adapter(made)
    found = offer.findings()["numbers"]
    assert found.verdict == "warned"
    assert "changes nothing" in found.said


def test_bfloat16_as_torch_reads_it(tmp_path: Any) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    drawn = torch.randn(40, 60, generator=torch.Generator().manual_seed(1)).to(torch.bfloat16)
    save_file({"a": drawn}, tmp_path / "x.safetensors")
    tree = scan(tmp_path, 10)
    (tensor,) = read_header(tree, tree.entries[0]).tensors
    assert np.array_equal(matrix(tree, tree.entries[0], tensor), drawn.float().numpy())
    assert len(b"".join(single_bytes(tree, tree.entries[0], tensor))) == 4 * 40 * 60
