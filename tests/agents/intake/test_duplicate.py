"""Copies under another name: byte for byte, saved anew, turned, noisy; and adapters that are none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from folkmoot.agents.intake import TOO_ALIKE
from folkmoot.agents.intake.sketch import WIDTH, cosine

GOLDEN = (-0.012253, 0.073446, 0.036968)


def _noisy(arrays: dict[str, Any], share: float) -> dict[str, Any]:
    """Every matrix with normal noise of this share of its own size."""
    drawn = np.random.default_rng(99)
    return {
        name: (each + share * each.std() * drawn.normal(size=each.shape)).astype(np.float32)
        for name, each in arrays.items()
    }


def test_a_copy_under_another_name(offer: Any) -> None:
    found = offer.findings(seated=(offer.seat(),))["duplicate"]
    assert found.verdict == "failed"
    assert found.said == "it is a copy of 'day nurse' of 'Ward 8' under another name"


def test_a_seat_is_no_copy_of_itself(offer: Any) -> None:
    found = offer.findings(seated=(offer.seat("night nurse", "Ward 7"),))["duplicate"]
    assert found.verdict == "not_asked"


def test_weights_saved_in_another_way(
    offer: Any, another: Callable[..., Any], matrices: Any
) -> None:
    halves = {name: each.astype(np.float16) for name, each in matrices().items()}
    first = another(halves)
    second = another({})
    turned = {name: each.astype(np.float32) for name, each in reversed(halves.items())}
    save_file(turned, second.folder / "adapter/adapter_model.safetensors", {"note": "mine"})
    second.pin()
    one, two = first.fingerprint(), second.fingerprint()
    assert one.adapter != two.adapter
    assert one.tensors == two.tensors
    found = second.findings(seated=(first.seat(),))["duplicate"]
    assert found.verdict == "failed"
    assert "saved in another way" in found.said


@pytest.mark.parametrize("seed", range(4))
def test_sketches_tell_copies_from_others(another: Any, matrices: Any, seed: int) -> None:
    made = matrices(seed=seed)
    mine = another(made).fingerprint().sketch
    noisy = cosine(mine, another(_noisy(made, 0.01)).fingerprint().sketch)
    other = cosine(mine, another(matrices(seed=seed + 50)).fingerprint().sketch)
    assert len(mine) == WIDTH
    assert noisy is not None
    assert noisy > 0.95
    assert other is not None
    assert abs(other) < 0.3


def test_a_noisy_copy_is_too_alike(offer: Any, another: Any, matrices: Any) -> None:
    noisy = another(_noisy(matrices(), 0.1))
    found = noisy.findings(seated=(another(matrices(seed=5)).seat("other"), offer.seat()))[
        "duplicate"
    ]
    assert found.verdict == "warned"
    assert found.said.startswith("too alike: 'day nurse'")
    assert found.evidence["nearest"] == "day nurse"
    assert found.evidence["cosine"] >= TOO_ALIKE
    assert str(TOO_ALIKE) in (found.threshold or "")


def test_another_adapter_passes(offer: Any, another: Any, matrices: Any) -> None:
    found = another(matrices(seed=5)).findings(seated=(offer.seat(),))["duplicate"]
    assert found.verdict == "passed"
    assert found.evidence["held_against"] == 1


def test_a_disguise_changes_no_sketch(offer: Any, another: Any, matrices: Any) -> None:
    """Directions of the rank turned, a factor moved from A to B, another into alpha: one product."""
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(4, 4)))[0]
    made = matrices()
    disguised = {
        name: (turn @ each * 2 if "lora_A" in name else each @ turn.T / 4).astype(np.float32)
        for name, each in made.items()
    }
    copy = another(disguised, lora_alpha=16)
    found = cosine(offer.fingerprint().sketch, copy.fingerprint().sketch)
    assert found == pytest.approx(1, abs=1e-4)


def test_a_scale_of_one_layer_is_part_of_its_change(another: Any, matrices: Any) -> None:
    made = matrices()
    scaled = {
        name: each * 3 if "layers.1." in name and "lora_B" in name else each
        for name, each in made.items()
    }
    pattern = {"layers.1.self_attn.q_proj": 24}
    one = another(scaled).fingerprint().sketch
    assert another(made, alpha_pattern=pattern).fingerprint().sketch == pytest.approx(one, abs=1e-5)
    assert another(made).fingerprint().sketch != pytest.approx(one, abs=1e-2)


def test_a_sketch_estimates_the_cosine_of_the_changes(another: Any, matrices: Any) -> None:
    """Mixtures of two adapters, against the cosine of the whole changes B A."""
    one, two = matrices(seed=1, layers=6), matrices(seed=2, layers=6)
    mine = another(one).fingerprint().sketch
    for part in (0.3, 0.6, 0.9):
        mixed = {name: (1 - part) * one[name] + part * two[name] for name in one}
        estimate = cosine(mine, another(mixed).fingerprint().sketch)
        assert estimate == pytest.approx(_cosine(one, mixed), abs=0.2)


def _cosine(one: dict[str, Any], other: dict[str, Any]) -> float:
    def change(arrays: dict[str, Any]) -> Any:
        parts = [
            (arrays[name.replace("lora_A", "lora_B")] @ each).ravel()
            for name, each in sorted(arrays.items())
            if "lora_A" in name
        ]
        return np.concatenate(parts)

    first, second = change(one), change(other)
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_a_sketch_never_changes(offer: Any) -> None:
    """Sketches are kept: the same matrices have the same one on every machine."""
    assert offer.fingerprint().sketch[:3] == pytest.approx(GOLDEN, abs=2e-6)


def test_nothing_has_no_sketch(another: Any, matrices: Any) -> None:
    zeros = {name: np.zeros_like(each) for name, each in matrices().items()}
    assert another(zeros).fingerprint().sketch == ()
    assert cosine((), ()) is None
    assert cosine((1.0,), (1.0, 0.0)) is None
    assert cosine((0.0,), (1.0,)) is None
