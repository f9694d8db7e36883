"""LoRA adapters in the peft layout: what is read off them, and whether they fit a base."""

import json
import shutil
from pathlib import Path

import pytest

from folkmoot.pool.config import read_pool
from folkmoot.pool.models.adapter import check_fit, check_served, read_adapter
from folkmoot.pool.models.resolve import locate, resolve
from folkmoot.pool.placement.placed import Source
from folkmoot.records import PoolError


def peft_adapter(base: Path, folder: Path, rank: int = 2, **settings: object) -> Path:
    """An adapter of random weights, as peft writes it."""
    import peft
    from transformers import AutoModelForCausalLM

    given = {"target_modules": ["q_proj", "down_proj"], "init_lora_weights": False} | settings
    model = AutoModelForCausalLM.from_pretrained(base)
    peft.get_peft_model(model, peft.LoraConfig(r=rank, **given)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def made(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters") / "nurse"
    return peft_adapter(tiny_model, folder, rank_pattern={"down_proj": 6})


@pytest.fixture
def adapter(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "nurse"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLKMOOT_HOME", str(tmp_path / "home"))


def change(folder: Path, **fields: object) -> None:
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def test_an_adapter_says_its_largest_rank_and_its_layers(adapter: Path):
    found = read_adapter(adapter)
    assert (found.rank, found.layers, found.experts) == (6, ("down_proj", "q_proj"), False)
    assert found.bytes == 2 * 4 * (2 * (48 + 48) + 6 * (96 + 48)), "two layers, four bytes each"


def test_a_source_is_pinned_by_both_digests(tiny_model: Path, adapter: Path):
    plain = resolve(str(tiny_model)).reference
    found = resolve(Source(base=str(tiny_model), adapter=str(adapter)), name="nurse")
    assert (found.folder, found.adapter) == (tiny_model, adapter)
    assert found.reference.name == "nurse"
    assert found.reference.weights_sha256 == plain.weights_sha256
    assert plain.adapter_sha256 is None
    before = found.reference.adapter_sha256
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    changed = resolve(Source(base=str(tiny_model), adapter=str(adapter))).reference
    assert changed.adapter_sha256 != before


def test_an_adapter_of_another_base_is_refused(tiny_model: Path, adapter: Path, tmp_path: Path):
    from transformers import LlamaConfig, LlamaForCausalLM

    def other(name: str, **changes: int) -> Path:
        config = LlamaConfig.from_pretrained(tiny_model, **changes)
        LlamaForCausalLM(config).save_pretrained(tmp_path / name)
        return tmp_path / name

    check_fit("nurse", adapter, tiny_model)
    wide = other("wide", intermediate_size=64)
    with pytest.raises(PoolError, match=r"mlp\.down_proj for 48 x 96; in 'wide' it is 48 x 64"):
        resolve(Source(base=str(wide), adapter=str(adapter)))
    short = other("short", num_hidden_layers=1)
    with pytest.raises(PoolError, match=r"changes model\.layers\.1\..*'short' does not have") as no:
        resolve(Source(base=str(short), adapter=str(adapter)), name="nurse")
    assert "base_model_name_or_path" in no.value.hint
    assert no.value.model == "nurse"


def test_what_is_no_adapter_says_why(adapter: Path, tiny_model: Path):
    with pytest.raises(PoolError, match=r"no LoRA adapter: No such file"):
        read_adapter(tiny_model)
    change(adapter, r=None)
    with pytest.raises(PoolError, match="no LoRA adapter"):
        read_adapter(adapter)
    change(adapter, r=2, peft_type="IA3")
    with pytest.raises(PoolError, match="its peft_type is 'IA3'"):
        read_adapter(adapter)
    change(adapter, peft_type="LORA")
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    with pytest.raises(PoolError, match="its weights are pickled, which are never loaded") as found:
        locate(Source(base=str(tiny_model), adapter=str(adapter)))
    assert "save_pretrained" in found.value.hint
    (adapter / "adapter_model.bin").unlink()
    with pytest.raises(PoolError, match="it has no weights"):
        read_adapter(adapter)


def test_an_adapter_is_a_folder_or_a_hub_id(tiny_model: Path, adapter: Path, monkeypatch):
    from folkmoot.pool.models import hub

    with pytest.raises(PoolError, match="unknown adapter 'nope'"):
        locate(Source(base=str(tiny_model), adapter="nope"))
    monkeypatch.setattr(hub, "fetch", lambda name, tell: (adapter, "abc"))
    assert locate(Source(base=str(tiny_model), adapter="org/nurse")).adapter == adapter


def test_a_packaged_name_with_an_adapter_is_its_base_alone(tiny_model, adapter, monkeypatch):
    from folkmoot.pool.models import packaged

    monkeypatch.setattr(packaged, "smollm2", lambda *_: (tiny_model, "packaged", None))
    assert locate(Source(base="smollm2", adapter=str(adapter))).adapter == adapter
    assert locate("smollm2").adapter != adapter


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"r": 1024}, "a rank of 1024, and vLLM takes 512 at most"),
        ({"rank_pattern": {"q_proj": 513}}, "a rank of 513"),
        ({"use_dora": True}, "use_dora"),
        ({"modules_to_save": ["lm_head"]}, "lm_head"),
        ({"lora_bias": True}, "lora_bias"),
        ({"init_lora_weights": "pissa"}, "pissa"),
    ],
)
def test_what_vllm_refuses_is_refused_before_it_is_started(
    adapter: Path, tiny_model: Path, tmp_path: Path, settings: dict, why: str
):
    check_served("nurse", adapter)
    change(adapter, **settings)
    with pytest.raises(PoolError, match=why) as told:
        check_served("nurse", adapter)
    assert "merge it into its base" in told.value.hint
    file = tmp_path / "pool.yaml"
    file.write_text(
        f"models: {{nurse: {{base: {tiny_model}, adapter: {adapter}}}}}\n"
        "machines: [{name: here, gpus: [24]}]\n"
    )
    with pytest.raises(PoolError, match=f"(?s)models.nurse: vLLM cannot serve.*{why}"):
        read_pool(file)
    # peft itself can merge it, and so can the embedded engine:
    assert locate(Source(base=str(tiny_model), adapter=str(adapter))).adapter == adapter


@pytest.mark.parametrize(
    "settings",
    [{"modules_to_save": None}, {"modules_to_save": ["score"]}, {"init_lora_weights": "gaussian"}],
)
def test_what_vllm_serves_is_not_refused(adapter: Path, settings: dict):
    change(adapter, **settings)
    check_served("nurse", adapter)


def test_a_rank_of_nothing_is_no_rank(adapter: Path):
    change(adapter, r=0)
    with pytest.raises(PoolError, match="a rank of 0"):
        read_adapter(adapter)
