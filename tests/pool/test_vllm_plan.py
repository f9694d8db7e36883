"""How a vLLM server is to serve its models; and the merging of a model with its adapter."""

import json
from pathlib import Path

import pytest

from folkmoot.pool.engine import Progress
from folkmoot.pool.models import merging
from folkmoot.pool.models.merging import mergeable, merged
from folkmoot.pool.models.resolve import Resolved
from folkmoot.pool.placement import hardware
from folkmoot.pool.vllm import plan as vllm_plan
from folkmoot.pool.vllm.plan import Plan, control_tokens, plan
from folkmoot.records import ModelRef, PoolError


@pytest.fixture(scope="session")
def tiny_adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter of random weights on the tiny model."""
    import peft
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(3)
    settings = peft.LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    model = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(tiny_model), settings)
    folder = tmp_path_factory.mktemp("adapters") / "tiny"
    model.save_pretrained(folder)
    return folder


@pytest.fixture
def files(tiny_model: Path, tiny_adapter: Path) -> Resolved:
    pins = ModelRef(name="nurse", weights_sha256="a" * 64, adapter_sha256="b" * 64)
    return Resolved(tiny_model, tiny_adapter, pins)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: Resolved) -> None:
    """A CPU, an empty home, and three models to be found: nurse has an adapter, base has none."""
    models = {
        "nurse": files,
        "base": Resolved(files.folder, None, ModelRef(name="base", source="folder")),
        "other": Resolved(tmp_path, None, ModelRef(name="other")),
    }
    monkeypatch.setenv("FOLKMOOT_HOME", str(tmp_path))
    monkeypatch.setattr(
        vllm_plan,
        "resolve",
        lambda source, _, name: models[source]._replace(
            reference=models[source].reference.model_copy(update={"name": name})
        ),
    )
    monkeypatch.setattr(vllm_plan, "runs_on_gpu", lambda: False)


def planned(**sources: str) -> Plan:
    return plan("ward", sources, 8001, None, ("--seed", "1"))


def test_on_a_cpu_one_adapter_alone_is_merged(tmp_path: Path, files: Resolved):
    found = planned(anne="nurse", berta="nurse")
    assert found.serving.folder.parent == tmp_path / "merged"
    assert found.serving.names == ("anne", "berta")
    assert found.serving.adapters == {}
    assert found.serving.flags == ("--seed", "1")
    assert found.references["anne"].adapter_sha256 == "b" * 64, "it is still what was asked for"
    assert found.references["anne"].name == "anne"


def test_a_base_beside_its_adapter_is_served_with_it(files: Resolved):
    serving = planned(anne="nurse", plain="base").serving
    assert serving.folder == files.folder
    assert serving.names == ("plain",)
    assert serving.adapters == {"anne": files.adapter}


def test_on_a_gpu_nothing_is_merged(monkeypatch: pytest.MonkeyPatch, files: Resolved):
    monkeypatch.setattr(vllm_plan, "runs_on_gpu", lambda: True)
    serving = planned(anne="nurse").serving
    assert (serving.folder, serving.dtype) == (files.folder, "auto")
    assert serving.names == ("ward.base",)
    assert serving.adapters == {"anne": files.adapter}


def test_what_is_too_large_to_copy_is_not_merged(monkeypatch: pytest.MonkeyPatch, files: Resolved):
    monkeypatch.setattr(merging, "_LARGEST", 1000)
    assert not mergeable(files)
    assert planned(anne="nurse").serving.adapters == {"anne": files.adapter}


def test_two_base_models_need_two_servers():
    with pytest.raises(PoolError, match="2 base models") as caught:
        planned(anne="nurse", berta="other")
    assert "an engine for each" in caught.value.hint


@pytest.mark.parametrize(("words", "dtype"), [("fpu avx512_bf16", "bfloat16"), ("fpu", "float32")])
def test_precision_is_what_the_processor_is_fast_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, dtype: str
):
    (tmp_path / "cpuinfo").write_text(f"flags : {words}")
    monkeypatch.setattr(hardware, "_PROCESSOR", tmp_path / "cpuinfo")
    assert planned(plain="base").serving.dtype == dtype


def test_a_merged_model_is_the_model_with_its_adapter(tmp_path: Path, files: Resolved):
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    shown: list[Progress] = []
    folder = merged(files, tmp_path, shown.append)
    assert [each.what for each in shown] == ["merging nurse with its adapter, once"]
    assert merged(files, tmp_path, shown.append) == folder
    assert len(shown) == 1, "made once"
    base = AutoModelForCausalLM.from_pretrained(files.folder)
    plain = base(torch.tensor([[5, 6, 7]])).logits
    beside = PeftModel.from_pretrained(base, files.adapter)(torch.tensor([[5, 6, 7]])).logits
    inside = AutoModelForCausalLM.from_pretrained(folder)(torch.tensor([[5, 6, 7]])).logits
    assert torch.allclose(inside, beside, atol=1e-4)
    assert not torch.allclose(inside, plain, atol=1e-2)
    assert AutoTokenizer.from_pretrained(folder).chat_template


def test_a_home_that_cannot_be_written_is_an_error(tmp_path: Path, files: Resolved):
    (tmp_path / "merged").write_text("a file where the folder should be")
    with pytest.raises(PoolError, match="cannot write the merged model"):
        merged(files, tmp_path)


def test_control_tokens_are_read_from_the_tokeniser(tmp_path: Path, tiny_model: Path):
    assert set(control_tokens(tiny_model)) == {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}
    added = [
        {"content": "<tool>", "special": False},
        {"content": "  ", "special": False},
        {"content": "word", "special": False},
        {"content": "EOT", "special": True},
    ]
    (tmp_path / "tokenizer.json").write_text(json.dumps({"added_tokens": added}))
    assert control_tokens(tmp_path) == ("<tool>", "EOT")
    assert control_tokens(tmp_path / "nowhere") == ()
