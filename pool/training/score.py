"""How likely a model finds given continuations."""

from collections.abc import Sequence
from pathlib import Path

import torch
from peft import PeftModel
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from folkmoot.pool.models.quiet import quiet
from folkmoot.pool.training.examples import Example
from folkmoot.pool.training.pack import Tree, tokenise, trees


def token_losses(model: torch.nn.Module, tree: Tree) -> torch.Tensor:
    """Return the negative log-likelihood (nats) of each learned token of a tree, shape (learned tokens,)."""
    weights = next(model.parameters())
    places, rows = torch.unique(torch.tensor(tree.at), return_inverse=True)
    out = model(
        input_ids=torch.tensor([tree.tokens], device=weights.device),
        attention_mask=tree.mask(weights.dtype).to(weights.device),
        position_ids=torch.tensor([tree.depths], device=weights.device),
        logits_to_keep=places.to(weights.device),
        use_cache=False,
    )
    logs = torch.log_softmax(out.logits[0].float(), dim=-1)
    return -logs[rows.to(logs.device), torch.tensor(tree.wanted, device=logs.device)]


def log_likelihoods(
    model: PreTrainedModel | torch.nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[Example],
    nodes: int = 512,
) -> list[float]:
    """Score the target of each example given its prompt.

    Args:
        model: A causal language model of transformers, with or without a peft adapter.
        tokenizer: Its tokenizer, with a chat template.
        examples: What to score; neighbours with a common opening are computed together.
        nodes: About how many tokens one forward pass holds.

    Returns:
        The log-likelihood (nats, summed over the target's tokens) of each example, in order.
    """
    sums: list[float] = []
    model.eval()
    with torch.inference_mode():
        for tree in trees([[tokenise(tokenizer, example)] for example in examples], nodes):
            totals = torch.zeros(tree.size)
            totals.index_add_(0, torch.tensor(tree.owners), -token_losses(model, tree).cpu())
            sums.extend(totals.tolist())
    return sums


def likelihoods(base: Path, adapter: Path | None, examples: Sequence[Example]) -> list[float]:
    """Load a model and score the target of each example given its prompt.

    Args:
        base: Folder of a causal language model and its tokenizer with a chat template.
        adapter: Folder of a LoRA adapter on it; None for the model alone.
        examples: What to score.

    Returns:
        The log-likelihood (nats, summed over the target's tokens) of each example, in order.
    """
    tokenizer = AutoTokenizer.from_pretrained(base)
    with quiet():
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    adapted = model if adapter is None else PeftModel.from_pretrained(model, str(adapter))
    return log_likelihoods(adapted, tokenizer, examples)
