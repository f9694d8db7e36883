"""What a steward allows of a contribution, and what is known of those that are seated already."""

from pydantic import Field

from folkmoot.records.base import Frozen


class Limits(Frozen):
    """From where on a contribution is too much for the pool that is to serve it."""

    rank: int = Field(default=16, ge=1)
    """The largest rank of an adapter; vLLM's `max_lora_rank`, unless it is told otherwise."""
    bytes: int = Field(default=64 * 2**20, ge=1)
    """Of the whole folder."""
    files: int = Field(default=200, ge=1)
    """Files and folders in the folder, at any depth."""
    magnitude: float = Field(default=1000.0, gt=0)
    """The largest absolute value of a weight. Trained LoRA matrices stay below 10."""
    bases: tuple[str, ...] | None = None
    """Bases that the pool serves, under every name that it knows them by; None: any."""
    aliases: dict[str, str] = Field(default_factory=dict)
    """Packaged name of a base → the name that trainers write into an adapter: its hub id."""


class Seated(Frozen):
    """What is known of a contribution that has a seat: enough to recognise a copy of it."""

    name: str
    contributor: str
    adapter: str | None = None
    """SHA-256 of its `adapter_model.safetensors`; None: the base as it is."""
    tensors: str | None = None
    """`Fingerprint.tensors` of it."""
    sketch: tuple[float, ...] = ()
    """`Fingerprint.sketch` of it."""


class Fingerprint(Frozen):
    """What an adapter is recognised by."""

    adapter: str
    """SHA-256 of `adapter_model.safetensors`."""
    tensors: str | None = None
    """SHA-256 of the tensors alone: their names in order, shapes, and values as float32. The order in
    the file, its metadata and a type that holds the same values change nothing. None: unreadable."""
    sketch: tuple[float, ...] = ()
    """What it changes in the base, as 256 numbers of length 1 together (`sketch` says how they are
    made); () for an adapter that changes nothing, or that cannot be read."""
