"""A LoRA adapter's account of itself (`adapter_config.json`): what of it a pool cannot serve.

What vLLM serves is as its version 0.32 decides (`lora/peft_helper.py`); names of fields are peft's.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from folkmoot.agents.intake.case import ADAPTER_CONFIG
from folkmoot.agents.intake.faults import Fault, shown, words
from folkmoot.agents.intake.layers import whole
from folkmoot.agents.intake.limits import Limits

_NOT_PLAIN = {
    "modules_to_save": "whole layers of its own",
    "use_dora": "a magnitude for each row (DoRA)",
    "lora_bias": "biases",
    "layer_replication": "layers that stand twice",
    "alora_invocation_tokens": "a token that invokes it",
    "trainable_token_indices": "embeddings of tokens",
    "use_qalora": "groups of inputs",
    "use_bdlora": "matrices in blocks",
    "kasa_config": "a base that was cut down as well",
    "arrow_config": "a router over other adapters",
}
_PLAIN_STARTS = ("gaussian", "eva", "orthogonal", "mica", "lora_ga")
"""Ways to begin a training that leave the base as it is."""
_KNOWN = words(
    "task_type peft_type auto_mapping peft_version base_model_name_or_path revision "
    "inference_mode r target_modules exclude_modules lora_alpha lora_dropout fan_in_fan_out "
    "bias use_rslora init_lora_weights layers_to_transform layers_pattern rank_pattern "
    "alpha_pattern megatron_core megatron_config loftq_config eva_config corda_config "
    "lora_ga_config velora_config monteclora_config qalora_group_size runtime_config "
    "target_parameters ensure_weight_tying"
)
"""Fields that change nothing of what is served, or are looked at here or by `remote-code`."""

MERGE = (
    "train a plain LoRA adapter, or merge it into its base (peft's merge_and_unload) and offer that "
    "folder as `base`"
)


def config_faults(config: Mapping[str, Any], limits: Limits, where: str) -> Iterator[Fault]:
    """What keeps a configuration from being that of a plain LoRA adapter.

    Args:
        config: of `adapter_config.json`; its values may be anything.
        limits: the largest rank.
        where: the file, as findings name it.
    """
    kind, task = config.get("peft_type"), config.get("task_type")
    if kind != "LORA":
        yield Fault(f"its peft_type is {shown(kind)}, not LORA", MERGE, where)
    if task not in (None, "CAUSAL_LM"):
        yield Fault(
            f"its task_type is {shown(task)}", "train it for CAUSAL_LM: a seat writes text", where
        )
    yield from _sizes(config, limits, where)
    for name, what in _NOT_PLAIN.items():
        if config.get(name):
            yield Fault(f"it has {what} ({name})", MERGE, where)
    if config.get("bias", "none") != "none":
        yield Fault(f"it trains biases (bias: {shown(config['bias'])})", MERGE, where)
    start = config.get("init_lora_weights")
    if isinstance(start, str) and start.lower() not in _PLAIN_STARTS:
        yield Fault(
            f"its training changed the base as well (init_lora_weights: {shown(start)})",
            "convert it with peft's path_initial_model_for_weight_conversion",
            where,
        )
    for name in config:
        if config[name] and name not in _KNOWN and name not in _NOT_PLAIN:
            yield Fault(
                f"what its field {shown(name)} does is not known here",
                "take the field out if a plain LoRA adapter does not need it",
                where,
                fatal=False,
            )


def _sizes(config: Mapping[str, Any], limits: Limits, where: str) -> Iterator[Fault]:
    """Its ranks and its alpha."""
    patterns = config.get("rank_pattern")
    values = list(cast(dict[str, Any], patterns).values()) if isinstance(patterns, dict) else []
    all_ranks = [whole(each) for each in (config.get("r"), *values)]
    if None in all_ranks:
        yield Fault(
            "its rank `r`, or one of its rank_pattern, is no whole number from 1",
            f"write {ADAPTER_CONFIG} again with peft's save_pretrained",
            where,
        )
    elif (largest := max(each for each in all_ranks if each)) > limits.rank:
        yield Fault(
            f"its rank is {largest}, and the pool serves {limits.rank} at most",
            f"train it again with --rank {limits.rank} or less, or ask the pool's steward for a "
            "larger max_lora_rank",
            where,
        )
    alpha = config.get("lora_alpha")
    if (
        isinstance(alpha, bool)
        or not isinstance(alpha, int | float)
        or "target_modules" not in config
    ):
        yield Fault(
            "it does not say its `lora_alpha` as a number, or not its `target_modules`",
            f"write {ADAPTER_CONFIG} again with peft's save_pretrained",
            where,
        )
