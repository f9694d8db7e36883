"""Train a LoRA adapter on packed examples (Hu et al. 2021, arXiv 2106.09685) and save it in the peft layout."""

import json
import logging
import math
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save
from transformers import AutoModelForCausalLM, AutoTokenizer

from folkmoot.pool.models.quiet import quiet
from folkmoot.pool.training.examples import Example, digest
from folkmoot.pool.training.pack import Tokens, Tree, tokenise, trees
from folkmoot.pool.training.score import token_losses
from folkmoot.pool.training.settings import LoraSettings, Step, TrainingReport

log = logging.getLogger(__name__)


def train(
    base: Path,
    examples: Sequence[Example],
    settings: LoraSettings,
    out: Path,
    on_step: Callable[[Step], None] | None = None,
    start: Path | None = None,
) -> TrainingReport:
    """Train an adapter and save `adapter_model.safetensors`, `adapter_config.json` and `training.json`.

    With the same settings, examples, versions and machine the result is the same, unless `budget_s` is set.

    Args:
        base: Folder of a causal language model and its tokenizer with a chat template.
        examples: What to learn. Each pass sees every group once, in an order drawn from the seed.
        settings: How to train.
        out: Folder for the adapter; made if absent, and saved into every `save_every` steps.
        on_step: Called after each optimiser step.
        start: An adapter of the same shape to go on from.

    Returns:
        The report that is also saved.

    Raises:
        ValueError: If there are no examples, if the base has fewer layers than `first_layer`, or if the loss stops being a number.
    """
    if not examples:
        raise ValueError("no examples to train on")
    torch.manual_seed(settings.seed)
    tokenizer = AutoTokenizer.from_pretrained(base)
    groups = _groups(examples, tokenizer)
    model = _adapted(base, settings)
    if start:
        set_peft_model_state_dict(model, load_file(start / "adapter_model.safetensors"))
    run = _Run(model, settings, out, on_step)
    run.follow(groups)
    report = TrainingReport(
        settings=settings,
        examples=len(examples),
        examples_sha256=digest(examples),
        examples_seen=run.seen,
        parameters=sum(weight.numel() for weight in run.weights),
        steps=run.number,
        elapsed_s=round(time.monotonic() - run.start, 1),
        curve=tuple(run.curve),
        versions={name: version(name) for name in ("torch", "transformers", "peft")},
    )
    save_adapter(model, out, settings.stored_as)
    (out / "training.json").write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return report


def save_adapter(model: Any, out: Path, stored_as: str) -> None:
    """Save the adapter of a peft model, its weights in the named number type (`float16`, `bfloat16`, `float32`)."""
    out.mkdir(parents=True, exist_ok=True)
    kind = getattr(torch, stored_as)
    # Embeddings are never trained here; to look for changed ones, peft would ask the hub.
    trained = get_peft_model_state_dict(model, save_embedding_layers=False)
    weights = {name: weight.detach().to(kind).contiguous() for name, weight in trained.items()}
    part = out / "adapter_model.safetensors.part"
    part.write_bytes(save(weights, metadata={"format": "pt"}))
    part.replace(out / "adapter_model.safetensors")
    model.peft_config["default"].save_pretrained(str(out))
    path = out / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config |= {"inference_mode": True, "target_modules": sorted(config["target_modules"])}
    path.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _groups(examples: Sequence[Example], tokenizer: Any) -> list[list[Tokens]]:
    found: dict[str, list[Tokens]] = {}
    for number, example in enumerate(examples):
        found.setdefault(example.group or f"\0{number}", []).append(tokenise(tokenizer, example))
    return list(found.values())


def _adapted(base: Path, settings: LoraSettings) -> Any:
    with quiet():
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    layers = model.config.num_hidden_layers
    if settings.first_layer >= layers:
        raise ValueError(
            f"first_layer is {settings.first_layer}, but {base} has {layers} layers, counted from 0"
        )
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        target_modules=list(settings.projections),
        layers_to_transform=list(range(settings.first_layer, layers))
        if settings.first_layer
        else None,
        task_type="CAUSAL_LM",
        base_model_name_or_path=settings.base_name or base.name,
    )
    adapted = get_peft_model(model, config)
    adapted.peft_config["default"].base_model_name_or_path = settings.base_name or base.name
    return adapted


class _Run:
    """The state of one training run."""

    def __init__(
        self, model: Any, settings: LoraSettings, out: Path, on_step: Callable[[Step], None] | None
    ) -> None:
        self.model, self.settings, self.out, self.on_step = model, settings, out, on_step
        self.weights: list[torch.Tensor] = [
            weight for weight in model.parameters() if weight.requires_grad
        ]
        self.optimiser = torch.optim.AdamW(
            self.weights, lr=settings.learning_rate, weight_decay=settings.decay, betas=(0.9, 0.99)
        )
        self.start = time.monotonic()
        self.number = 0
        self.seen = 0
        self.curve: list[tuple[int, float]] = []
        self.recent: list[float] = []

    def follow(self, groups: list[list[Tokens]]) -> None:
        """Go through the groups, pass by pass, until the passes or the time are used up."""
        order = random.Random(self.settings.seed)
        total = self.settings.passes * sum(len(group) for group in groups)
        self.model.train()
        lanes = self.settings.lanes
        with ThreadPoolExecutor(lanes, initializer=torch.set_num_threads, initargs=(1,)) as cores:
            for _ in range(math.ceil(self.settings.passes)):
                order.shuffle(groups)
                packed = trees(groups, self.settings.nodes_per_step // lanes)
                while batch := list(islice(packed, lanes)):
                    done = self._done(total)
                    if done >= 1:
                        return
                    self._learn(batch, done, cores)

    def _done(self, total: float) -> float:
        budget = self.settings.budget_s
        spent = (time.monotonic() - self.start) / budget if budget else 0.0
        return max(self.seen / total, spent)

    def _learn(self, batch: list[Tree], done: float, cores: ThreadPoolExecutor) -> None:
        rate = self.settings.learning_rate * _rate(done, self.settings.warmup)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        size = sum(tree.size for tree in batch)
        parts = list(cores.map(self._gradients, batch, [size] * len(batch)))
        loss = sum(part for part, _ in parts)
        if not math.isfinite(loss):
            raise ValueError(f"the loss is {loss} at step {self.number}: lower learning_rate")
        for place, weight in enumerate(self.weights):
            weight.grad = torch.stack([gradients[place] for _, gradients in parts]).sum(dim=0)
        torch.nn.utils.clip_grad_norm_(self.weights, self.settings.clip)
        self.optimiser.step()
        self.number += 1
        self.seen += size
        self._note(loss, rate, done, sum(len(tree.tokens) for tree in batch))

    def _gradients(self, tree: Tree, size: int) -> tuple[float, tuple[torch.Tensor, ...]]:
        half = self.settings.computed_in == "bfloat16"
        with torch.autocast(self.weights[0].device.type, torch.bfloat16, enabled=half):
            losses = token_losses(self.model, tree)
        loss = (losses * torch.tensor(tree.weights, device=losses.device)).sum() / size
        return loss.item(), torch.autograd.grad(loss, self.weights)

    def _note(self, loss: float, rate: float, done: float, nodes: int) -> None:
        self.recent.append(loss)
        if len(self.recent) == 20:
            self.curve.append((self.number, round(sum(self.recent) / 20, 4)))
            self.recent.clear()
        if self.number % self.settings.save_every == 0:
            save_adapter(self.model, self.out, self.settings.stored_as)
            log.info("step %d, loss %.3f, saved", self.number, loss)
        if self.on_step:
            elapsed = time.monotonic() - self.start
            self.on_step(
                Step(
                    number=self.number,
                    done=done,
                    loss=loss,
                    rate=rate,
                    nodes=nodes,
                    elapsed_s=elapsed,
                )
            )


def _rate(done: float, warmup: float) -> float:
    """Return the part of the learning rate to use when `done` (0 to 1) of the run is done."""
    if done < warmup:
        return max(0.02, done / warmup)
    return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))
