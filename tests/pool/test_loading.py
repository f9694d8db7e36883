"""Loading: adapters are merged, broken folders are named, windows end where attention does."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from folkmoot.pool.models import loading, resolve
from folkmoot.pool.models.loading import load
from folkmoot.pool.placement.placed import Source
from folkmoot.records import PoolError


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def change(folder: Path, file: str, **fields: object) -> str:
    path = folder / file
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
    return str(folder)


def test_an_adapter_is_merged_into_the_weights(folder, tmp_path, monkeypatch):
    import peft

    plain = load(str(folder), "float32", "cpu", None).model
    tuned = peft.get_peft_model(
        plain, peft.LoraConfig(r=4, target_modules=["q_proj", "down_proj"], init_lora_weights=False)
    )
    tuned.save_pretrained(tmp_path / "weights" / "tiny-adapter")
    tokens = torch.arange(3, 40)[None]
    with torch.inference_mode():
        with tuned.disable_adapter():
            without = tuned(tokens).logits
        expected = tuned(tokens).logits
    given = Source(base=str(folder), adapter=str(tmp_path / "weights" / "tiny-adapter"))
    own = load(given, "float32", "cpu", None, "nurse")
    with torch.inference_mode():
        torch.testing.assert_close(own.model(tokens).logits, expected, atol=1e-4, rtol=1e-4)
    assert own.reference.name == "nurse"
    monkeypatch.setattr(resolve, "PACKAGED", {"tiny": "tiny-adapter"})
    monkeypatch.setattr(resolve, "_SHIPPED", tmp_path / "weights")
    monkeypatch.setattr(resolve.packaged, "smollm2", lambda *_: (folder, "packaged", None))
    loaded = load("tiny", "float32", "cpu", None)
    with torch.inference_mode():
        found = loaded.model(tokens).logits
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    assert (found - without).abs().max() > 0.01
    assert loaded.reference.adapter_sha256 is not None
    assert "Lora" not in repr(loaded.model)


def test_layers_that_see_only_the_latest_tokens_bound_the_window(folder):
    assert loading._window(loading.load(str(folder), None, "cpu", None).model.config) == 512
    config = load(str(folder), None, "cpu", None).model.config
    config.sliding_window = 128
    assert loading._window(config) == 128


def test_control_tokens_are_known_and_runs_of_blanks_are_none(folder):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["<think>", "    ", "plainword"])
    tokenizer.save_pretrained(folder)
    controls = load(str(folder), None, "cpu", None).controls
    assert set(controls) == {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>"}


def test_weights_that_cannot_be_read_are_named_in_one_line(folder):
    (folder / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(PoolError, match="cannot load model") as fault:
        load(str(folder), None, None, None)
    assert "\n" not in fault.value.message


def test_remote_code_is_never_run(folder):
    (folder / "evil.py").write_text(f"open({str(folder / 'was_here')!r}, 'w')\n")
    name = change(folder, "config.json", auto_map={"AutoConfig": "evil.C"}, model_type="evil")
    with pytest.raises(PoolError, match="cannot load model"):
        load(name, None, None, None)
    assert not (folder / "was_here").exists()


def test_a_model_without_a_chat_template_is_no_contribution(folder):
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(PoolError, match="has no chat template"):
        load(str(folder), None, None, None)


def test_precision_is_as_asked(folder):
    assert load(str(folder), "bfloat16", "cpu", None).blank.dtype == torch.bfloat16
    assert load(str(folder), None, "cpu", None).blank.dtype == torch.float32
    assert load(str(folder), None, "cpu", None).blank.shape == (2, 2, 2, 0, 8)


def test_progress_is_told_and_libraries_keep_quiet(folder, capfd):
    said = []
    load(str(folder), None, None, said.append)
    assert [progress.what for progress in said] == [f"loading {folder}"]
    assert capfd.readouterr() == ("", "")
