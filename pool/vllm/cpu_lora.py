"""A worker for vLLM on a CPU whose adapters are dense products (`dense_lora`).

vLLM's own kernels for a CPU copy a pair of adapter matrices for every token of the batch, and take
index -1, which stands for no adapter, for the last slot.

Imported by vLLM alone, in the worker process of a server that is started with `--worker-cls WORKER`.
"""

from typing import Any

import torch
from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU
from vllm.platforms import current_platform
from vllm.v1.worker.cpu_worker import CPUWorker

from folkmoot.pool.vllm.dense_lora import Batch, Laid, add, batch, lay_out


class DenseWorker(CPUWorker):
    """vLLM's worker on a CPU, with `DensePunica` for its adapters."""

    def load_model(self, *args: Any, **kwargs: Any) -> None:
        """Load the model; meanwhile vLLM asks its platform which kernels adapters get."""
        kernels = f"{DensePunica.__module__}.{DensePunica.__qualname__}"
        platform: Any = type(current_platform)
        platform.get_punica_wrapper = classmethod(lambda _: kernels)
        super().load_model(*args, **kwargs)


class DensePunica(PunicaWrapperCPU):
    """Applies adapters to linear layers by dense products. All else is vLLM's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._layers: dict[int, Laid] = {}
        self._batch = Batch((), torch.empty(0, 0))

    def update_metadata(
        self, mapping: Any, lora_index_to_id: list[int | None], *args: Any, **kwargs: Any
    ) -> None:
        """Note which tokens of the next batch have which adapter."""
        super().update_metadata(mapping, lora_index_to_id, *args, **kwargs)
        self._batch = batch(self.token_lora_indices, len(lora_index_to_id))

    def add_lora_linear(
        self,
        y: torch.Tensor,
        x: torch.Tensor,
        lora_a_stacked: tuple[torch.Tensor, ...],
        lora_b_stacked: tuple[torch.Tensor, ...],
        scale: float,
        output_slices: tuple[int, ...],
        **kwargs: Any,
    ) -> None:
        """Add to `y` (tokens, outputs) what each token's adapter makes of `x` (tokens, inputs)."""
        if len(x) != len(self._batch.mask) or x.dtype != lora_a_stacked[0].dtype:
            super().add_lora_linear(
                y, x, lora_a_stacked, lora_b_stacked, scale, output_slices, **kwargs
            )
        elif self._batch.runs:
            add(y, x, self._laid(lora_a_stacked, lora_b_stacked), self._batch, scale)

    def _laid(self, lora_a: tuple[torch.Tensor, ...], lora_b: tuple[torch.Tensor, ...]) -> Laid:
        """A layer's adapters, laid out when it is first met."""
        found = self._layers.get(lora_a[0].data_ptr())
        if found is None:
            found = lay_out(lora_a, lora_b)
            self._layers[lora_a[0].data_ptr()] = found
        return found
