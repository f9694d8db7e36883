"""`folkmoot pool plan`: what would run where and why, how it would be started, what does not fit."""

import json
from pathlib import Path

import pytest

POOL = """\
engines:
  - {kind: embedded, models: [small]}
models:
  plain: MODEL
  nurse: {base: MODEL, adapter: ADAPTER}
machines:
  - {name: here, memory_gib: 9}
  - {name: there, host: 192.0.2.7, gpus: [24]}
window: 256
"""


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import peft
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    folder = tmp_path_factory.mktemp("adapters") / "nurse"
    settings = peft.LoraConfig(r=2, target_modules=["q_proj"])
    peft.get_peft_model(model, settings).save_pretrained(folder)
    return folder


@pytest.fixture
def pool(tiny_model: Path, adapter: Path, at_home: Path) -> Path:
    file = at_home / "pool.yaml"
    file.write_text(POOL.replace("MODEL", str(tiny_model)).replace("ADAPTER", str(adapter)))
    return file


def test_it_says_what_runs_where_and_why(run, pool: Path):
    said = run("pool", "plan")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[1].split() == ["embedded", "as", "written:", "embedded", "1", *3 * ["–"]]
    name, machine, gpu, at, share, models, *rest = lines[2].split()
    assert (name, machine, gpu, at, share, models) == ("tiny", "there", "GPU", "0", "90%", "2")
    assert rest[:2] == ["0.0", "GiB"]
    assert "  2 models of one base share its weights, 1 of them as adapters" in lines
    assert "vllm.entrypoints" not in said.out
    assert max(map(len, lines)) <= 80


def test_it_shows_how_a_server_would_be_started(run, pool: Path, adapter: Path):
    said = run("pool", "plan", "pool.yaml", "--verbose")
    (line,) = [line for line in said.out.splitlines() if "vllm.entrypoints" in line]
    assert "CUDA_VISIBLE_DEVICES=0 " in line
    assert "--host 192.0.2.7 --port 8100" in line
    assert "--max-lora-rank 8 --max-loras 1" in line
    assert str(adapter) in line
    assert line.endswith("--gpu-memory-utilization 0.9")


def test_the_same_as_json(run, pool: Path):
    said = run("pool", "plan", "--json")
    found = json.loads(said.out)
    assert (said.code, found["fits"], found["findings"]) == (0, True, [])
    assert found["engines"] == [{"name": "embedded", "kind": "embedded", "models": ["small"]}]
    (placed,) = found["placed"]
    assert (placed["machine"], placed["gpus"], placed["window"]) == ("there", [0], 256)
    assert placed["kv_token_bytes"] == 2 * 2 * 2 * 8 * 2
    assert placed["concurrency"] == round(placed["kv_tokens"] / 256, 2)
    assert placed["command"][-2:] == ["--gpu-memory-utilization", "0.9"]
    assert placed["environment"]["CUDA_VISIBLE_DEVICES"] == "0"


def test_a_server_on_a_processor_merges_one_adapter_alone(run, pool: Path, adapter: Path):
    text = pool.read_text().replace("  - {name: there, host: 192.0.2.7, gpus: [24]}\n", "")
    pool.write_text(text.replace("plain:", "# plain:"))
    (placed,) = json.loads(run("pool", "plan", "--json").out)["placed"]
    assert placed["kv_cache_gib"] == 2
    assert placed["environment"]["VLLM_CPU_KVCACHE_SPACE"] == "2"
    assert "/merged/" in placed["command"][placed["command"].index("--model") + 1]
    assert str(adapter) not in placed["command"]


def test_what_does_not_fit_says_what_to_change(run, pool: Path):
    pool.write_text(pool.read_text().replace("gpus: [24]", "gpus: [1]").replace(": 9}", ": 2}"))
    said = run("pool", "plan")
    assert said.code == 2
    text = " ".join(said.out.split())
    assert "does not fit: tiny needs 1.0 GiB on a GPU; at most 0.9 GiB can be used" in text
    assert "→ 0.2 GiB more on GPU 0 of there; or a smaller or quantised base" in text
    found = json.loads(run("pool", "plan", "--json").out)
    assert (found["fits"], found["placed"]) == (False, [])
    assert found["findings"][0]["models"] == ["plain", "nurse"]
    pool.write_text(pool.read_text().replace("gpus: [1]", "gpus: [1.2]"))
    assert run("pool", "plan").code == 0, "as advised"
    pool.write_text(pool.read_text().replace("gpus: [1.2]", "gpus: [1.1]"))
    assert run("pool", "plan").code == 2


def test_a_model_that_is_not_there_is_a_fault_of_the_file(run, pool: Path, tiny_model: Path):
    pool.write_text(pool.read_text().replace(f"plain: {tiny_model}", "plain: nowhere"))
    said = run("pool", "plan")
    assert said.code == 2
    assert said.err.startswith("error: pool.yaml:4: models.plain: unknown model 'nowhere'")
