"""What is said to Ray Serve LLM and to vllm-router: against Ray's own schemas, and vLLM's arguments."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from folkmoot.pool.placement.placed import Placed, Source
from folkmoot.pool.placement.ray_serve import (
    Planned,
    engine_kwargs,
    ray_serve_config,
    ray_serve_pool,
    router_command,
)
from folkmoot.pool.vllm.child import Serving, command
from folkmoot.pool.vllm.core import engine_args
from folkmoot.pool.vllm.wire import read_models
from folkmoot.records import PoolError

SCHEMAS = json.loads(
    (Path(__file__).parents[1] / "data" / "ray-2.60.0.schema.json").read_text(encoding="utf-8")
)["schemas"]


def strict(schema: Any) -> Any:
    """The schema where fields that it does not name are faults: Ray ignores some of them."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return closed | {name: strict(each) for name, each in schema.items()}


def check(name: str, value: Any) -> None:
    Draft202012Validator(strict(SCHEMAS[name])).validate(value)


def check_all(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The LLM configs, everything having been checked."""
    check("ServeDeploySchema", config)
    (application,) = config["applications"]
    assert application["import_path"] == "ray.serve.llm:build_openai_app"
    check("LLMServingArgs", application["args"])
    for each in application["args"]["llm_configs"]:
        check("LLMConfig", each)
        check("ModelLoadingConfig", each["model_loading_config"])
        check("AutoscalingConfig", each["deployment_config"]["autoscaling_config"])
        check("PlacementGroupConfig", each["placement_group_config"])
        if "lora_config" in each:
            check("LoraConfig", each["lora_config"])
    return application["args"]["llm_configs"]


def planned(name: str = "llama", **fields: Any) -> Planned:
    """A server on a GPU: a base from the hub alone, unless `fields` say otherwise."""
    placed = Placed(
        **(
            {
                "name": name,
                "models": {name: Source(base="org/llama-8b")},
                "machine": "one",
                "host": "10.0.0.1",
                "port": 8100,
                "gpus": (0,),
                "share": 0.9,
                "kv_cache_gib": 40.0,
                "window": 4096,
            }
            | fields
        )
    )
    share = () if placed.share is None else ("--gpu-memory-utilization", str(placed.share))
    serving = Serving(
        folder=Path("/models/llama"),
        names=(name,),
        adapters={},
        port=placed.port,
        window=placed.window,
        version=(0, 32),
        gpu=bool(placed.gpus),
        dtype="auto" if placed.gpus else "float32",
        flags=(*share, *placed.flags),
    )
    return Planned(placed, serving)


def adapted(folder: Path, **fields: Any) -> Planned:
    """The same with an adapter for the model `org/nurse` on that base."""
    found = planned(
        models={
            "llama": Source(base="org/llama-8b"),
            "org/nurse": Source(base="org/llama-8b", adapter=str(folder)),
        },
        **fields,
    )
    return found._replace(serving=found.serving._replace(adapters={"org/nurse": folder}))


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """The files that say what an adapter is, without numbers in them."""
    import torch
    from safetensors.torch import save_file

    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 12}))
    weights = {
        f"{layer}.lora_A.weight": torch.zeros(12, 8),
        f"{layer}.lora_B.weight": torch.zeros(8, 12),
    }
    save_file(weights, tmp_path / "adapter_model.safetensors")
    return tmp_path


def test_one_engine_is_one_llm_config():
    (config,) = check_all(ray_serve_config([planned()]))
    assert config["model_loading_config"] == {"model_id": "llama", "model_source": "org/llama-8b"}
    assert config["engine_kwargs"]["max_model_len"] == 4096
    assert config["engine_kwargs"]["gpu_memory_utilization"] == 0.9
    assert config["engine_kwargs"]["enable_prompt_tokens_details"] is True
    assert config["placement_group_config"] == {"bundle_per_worker": {"CPU": 1, "GPU": 1.0}}


def test_copies_are_replicas_and_a_shared_gpu_is_asked_for_in_parts():
    copies = [
        planned(f"llama-{at}", replica_of="llama", machine=f"m{at}", share=0.5) for at in (1, 2)
    ]
    other = planned("qwen", models={"qwen": Source(base="org/qwen")}, machine="m1", share=0.4)
    first, second = check_all(ray_serve_config([*copies, other]))
    assert first["deployment_config"]["autoscaling_config"]["min_replicas"] == 2
    assert first["placement_group_config"]["bundle_per_worker"]["GPU"] == 0.5
    assert second["deployment_config"]["autoscaling_config"]["max_replicas"] == 1
    assert second["placement_group_config"]["bundle_per_worker"]["GPU"] == 0.4


def test_adapters_come_from_a_store_and_are_asked_for_behind_a_colon(adapter: Path):
    found = adapted(adapter)
    (config,) = check_all(ray_serve_config([found], "s3://bucket/adapters/"))
    assert config["lora_config"]["dynamic_lora_loading_path"] == "s3://bucket/adapters"
    kwargs = config["engine_kwargs"]
    assert (kwargs["enable_lora"], kwargs["max_lora_rank"], kwargs["max_loras"]) == (True, 16, 1)
    pool = ray_serve_pool([found], "http://head:8000")
    models = {"llama": "llama", "org/nurse": "llama:org--nurse"}
    assert pool["engines"][0]["models"] == models
    with pytest.raises(PoolError, match="cloud storage alone"):
        ray_serve_config([found], "/mnt/adapters")


def test_a_cpu_gets_its_cache_and_no_gpu():
    found = planned(gpus=(), share=None, models={"llama": Source(base="smollm2-base")})
    (config,) = check_all(ray_serve_config([found]))
    assert config["placement_group_config"] == {"bundle_per_worker": {"CPU": 1}}
    assert config["runtime_env"] == {"env_vars": {"VLLM_CPU_KVCACHE_SPACE": "40"}}
    assert config["engine_kwargs"]["enable_chunked_prefill"] is False
    assert config["model_loading_config"]["model_source"] == "/models/llama"


def test_ray_needs_nothing_of_ours(adapter: Path):
    (config,) = check_all(ray_serve_config([adapted(adapter, gpus=(), share=None)], "gs://a/b"))
    assert config["engine_kwargs"]["enable_lora"] is True
    assert "folkmoot" not in json.dumps(config)


def test_what_ray_cannot_do_is_said():
    with pytest.raises(PoolError, match="takes turns"):
        ray_serve_config([planned(turns="both")])
    with pytest.raises(PoolError, match=r"--kv\.x"):
        ray_serve_config([planned(flags=("--kv.x", "1"))])


@pytest.mark.vllm
def test_its_arguments_are_those_of_our_own_server(vllm_here: None, adapter: Path):
    """As vLLM itself reads both."""
    flags = ("--seed=3", "--structured-outputs-config", '{"backend": "xgrammar"}')
    serving = adapted(adapter, flags=flags).serving._replace(folder=Path("gpt2"))
    line = command(serving)
    ours = engine_args(line[line.index("--model") :])
    kwargs = engine_kwargs(line)
    frontend = {"enable_prompt_tokens_details", "enable_scale_out", "enable_per_request_metrics"}
    told = type(ours)(model="gpt2", **{name: kwargs[name] for name in kwargs.keys() - frontend})
    assert kwargs["structured_outputs_config"] == {"backend": "xgrammar"}
    for name in kwargs.keys() - frontend - {"structured_outputs_config"}:
        assert getattr(told, name) == getattr(ours, name), name
    assert told.seed == 3
    assert told.enable_lora is True


def test_a_window_is_read_off_rays_own_list_of_models():
    """As Ray 2.60 gives a card (`to_model_metadata`)."""
    said = {"model_id": "llama", "input_modality": "text", "max_request_context_length": 4096}
    card = {"id": "llama", "object": "model", "permission": [], "metadata": said}
    assert read_models({"data": [card]})["llama"].window == 4096


def test_the_router_is_told_every_copy():
    line = router_command(["http://a:1", "http://b:2"], port=9000)
    assert line[:4] == ["vllm-router", "--worker-urls", "http://a:1", "http://b:2"]
    assert line[line.index("--port") + 1] == "9000"
