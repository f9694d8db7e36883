"""What is served where: a model's source, and one vLLM server with what of a machine it gets."""

from pathlib import Path

from pydantic import Field

from folkmoot.records.base import Frozen


class Source(Frozen):
    """Where a model comes from."""

    base: str
    """A packaged name, a folder or a hub id."""
    adapter: str | None = None
    """A LoRA adapter on that base: a folder in the peft layout, or a hub id."""

    @classmethod
    def of(cls, given: "str | Source") -> "Source":
        """A name alone stands for a base without an adapter."""
        return given if isinstance(given, Source) else cls(base=given)

    def below(self, folder: Path) -> "Source":
        """The same with relative folders that exist counted from `folder`."""
        adapter = None if self.adapter is None else _below(folder, self.adapter)
        return Source(base=_below(folder, self.base), adapter=adapter)


class Placed(Frozen):
    """One vLLM server to be started, and what of its machine it gets."""

    name: str
    """As replies name it; replicas are numbered."""
    models: dict[str, Source]
    """What panels call a model → where it comes from. All of one base."""
    machine: str
    host: str
    port: int
    gpus: tuple[int, ...] = ()
    """Indices of the GPUs it runs on; () on a CPU."""
    share: float | None = None
    """Of each GPU's memory (`--gpu-memory-utilization`); None on a CPU."""
    kv_cache_gib: float
    """Memory for keys and values, over all its GPUs."""
    window: int | None = None
    """Tokens of context; None for the model's own."""
    replica_of: str | None = None
    """What its replicas are called together; None where there is one alone."""
    turns: str | None = None
    """Servers with the same name here do not fit beside each other and take turns."""
    flags: tuple[str, ...] = ()
    why: tuple[str, ...] = Field(default=())
    """Why it stands there, a line each."""


def _below(folder: Path, name: str) -> str:
    inside = folder / Path(name).expanduser()
    return str(inside.resolve()) if name and inside.is_dir() else name
