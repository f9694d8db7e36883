"""What a vLLM that is started here is to be, as its user said it."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from folkmoot.pool.engine import OnProgress, Progress
from folkmoot.pool.models.resolve import home
from folkmoot.pool.placement.placed import Source
from folkmoot.pool.ports import LOCAL
from folkmoot.pool.vllm.child import environment
from folkmoot.pool.vllm.install import vllm_available
from folkmoot.pool.vllm.plan import Plan, plan
from folkmoot.pool.vllm.promises import Promises, of_started
from folkmoot.records import ModelRef, PoolError


class Wanted(NamedTuple):
    """One base model and adapters on it, and how vLLM is to compute them."""

    name: str
    """The engine's name."""
    models: Mapping[str, str | Source]
    """What panels call a model → where it comes from."""
    window: int | None
    """Tokens of context; None for the model's own."""
    kv_cache_gib: int
    """Memory for keys and values, on a CPU."""
    flags: tuple[str, ...]
    """More of vLLM's arguments; they win over ours."""
    logs: Path | None
    """Folder of its log; None for Folkmoot's own."""
    gpus: tuple[int, ...]
    """Which of the GPUs that this process sees; () for all."""

    async def plan(
        self, on_progress: OnProgress | None = None, port: int = 0, host: str = LOCAL
    ) -> Plan:
        """Find the models and decide how to serve them.

        Raises:
            PoolError: vLLM cannot run here, a model is not found, or they do not share one base.
        """
        if (reason := vllm_available()) is not None:
            raise PoolError(f"engine {self.name!r} cannot start: {reason}")
        tell = _in_loop(on_progress)
        return await asyncio.to_thread(
            plan, self.name, self.models, port, self.window, self.flags, tell, host
        )

    def environment(self, made: Plan) -> dict[str, str]:
        """Environment of its processes."""
        return environment(made.serving.gpu, self.kv_cache_gib, self.gpus)

    def promises(self, made: Plan) -> Promises:
        """What it promises of asking the same again."""
        return of_started(made.serving.gpu, self.flags, self.environment(made))

    def log(self, ending: str) -> Path:
        """A new log's file."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        return (self.logs or home() / "logs") / f"vllm-{stamp}-{ending}.log"

    def reference(self, made: Plan | None, model: str) -> ModelRef:
        """What pins the model: the files that it is computed from.

        Raises:
            PoolError: there is no plan yet, or the model is not in it.
        """
        if made is None or model not in made.references:
            raise self.unserved(model)
        return made.references[model]

    def unserved(self, model: str) -> PoolError:
        """That it does not answer for this model, or not yet."""
        return PoolError(
            f"model {model!r} is not served by engine {self.name!r}", "open the pool for it"
        )


def _in_loop(on_progress: OnProgress | None) -> OnProgress | None:
    """The same for a worker thread: watchers are called in the loop's own thread."""
    if on_progress is None:
        return None
    loop, told = asyncio.get_running_loop(), on_progress

    def tell(progress: Progress) -> None:
        loop.call_soon_threadsafe(told, progress)

    return tell
