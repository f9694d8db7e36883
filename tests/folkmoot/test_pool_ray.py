"""`folkmoot pool plan --ray-serve`: a file for Ray, and the pool file of those who ask Ray."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from folkmoot.pool.pool_file import read

POOL = """\
models: {plain: MODEL}
machines:
  - {name: one, host: 192.0.2.7, gpus: [24]}
  - {name: two, host: 192.0.2.8, gpus: [24]}
window: 256
replicas: {plain: 2}
"""


@pytest.fixture
def pool(tiny_model: Path, at_home: Path) -> Path:
    file = at_home / "pool.yaml"
    file.write_text(POOL.replace("MODEL", str(tiny_model)))
    return file


def test_it_prints_what_serve_deploy_takes(run, pool: Path, tiny_model: Path, tmp_path: Path):
    said = run("pool", "plan", "--ray-serve")
    assert said.code == 0
    (application,) = YAML(typ="safe").load(said.out)["applications"]
    (config,) = application["args"]["llm_configs"]
    where = {"model_id": "plain", "model_source": str(tiny_model)}
    assert config["model_loading_config"] == where
    assert config["engine_kwargs"]["max_model_len"] == 256
    assert config["engine_kwargs"]["gpu_memory_utilization"] == 0.9
    assert config["deployment_config"]["autoscaling_config"]["max_replicas"] == 2

    head = [line.removeprefix("# ") for line in said.out.splitlines() if line.startswith("# ")]
    asking = tmp_path / "asking.yaml"
    asking.write_text("\n".join(head[1:]))
    (engine,) = read(asking).file.engines
    assert (engine.kind, engine.models) == ("served", {"plain": "plain"})


def test_what_ray_cannot_serve_is_an_error(run, pool: Path, tiny_model: Path, tmp_path: Path):
    import peft
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    settings = peft.LoraConfig(r=2, target_modules=["q_proj"])
    peft.get_peft_model(model, settings).save_pretrained(tmp_path / "nurse")
    nurse = f"{{plain: {tiny_model}, nurse: {{base: {tiny_model}, adapter: {tmp_path}/nurse}}}}"
    pool.write_text(POOL.replace("{plain: MODEL}", nurse))
    said = run("pool", "plan", "--ray-serve")
    assert said.code == 2
    assert "cloud storage alone" in said.err
    said = run("pool", "plan", "--ray-serve", "--adapters-at", "s3://bucket/here")
    assert said.code == 0
    assert "dynamic_lora_loading_path: s3://bucket/here" in said.out


def test_what_does_not_fit_is_said_first(run, pool: Path):
    pool.write_text(pool.read_text().replace("gpus: [24]", "gpus: [0.5]"))
    said = run("pool", "plan", "--ray-serve")
    assert said.code == 2
    assert "does not fit" in said.out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--ray-serve", "--json"], "prints YAML"),
        (["--adapters-at", "s3://bucket/here"], "add --ray-serve"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(run, pool: Path, options: list, why: str):
    said = run("pool", "plan", *options)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_where_nothing_is_placed_ray_has_nothing_to_serve(run, pool: Path):
    pool.write_text("engines: [{kind: embedded, models: [smollm2]}]\n")
    said = run("pool", "plan", "--ray-serve")
    assert (said.code, said.out) == (2, "")
    assert "under `models:`" in said.err
