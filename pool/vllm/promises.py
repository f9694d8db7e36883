"""What vLLM promises of asking the same again: whether seeds are sent, and whether batches matter."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

_INVARIANT = "VLLM_BATCH_INVARIANT"
"""The environment variable that turns vLLM's batch invariance on: 0 or 1. GPUs alone have it."""

_CHUNKED = "--enable-chunked"
"""As short as vLLM takes it."""


class Promises(NamedTuple):
    """Of one vLLM."""

    seeds: bool
    """Whether a call's seed is sent."""
    batch_invariant: bool | None
    """Whether a reply is the same, to the last digit, whatever else is computed at the time; None
    where that is not known."""

    def described(self) -> dict[str, Any]:
        """For the record. `replay` is exact only where both hold: else batches change the last
        digits, and with them, now and then, a word. What is not known is absent."""
        said: dict[str, Any] = {"seeds": self.seeds}
        if self.batch_invariant is not None:
            said["batch_invariant"] = self.batch_invariant
        exact = self.seeds and self.batch_invariant
        return said | {"replay": "exact" if exact else "statistical"}


def of_started(gpu: bool, flags: Sequence[str], env: Mapping[str, str]) -> Promises:
    """Of a vLLM that is started here.

    On a CPU a seed together with chunked prefill ends it ("CPU Generator does not use offset"): with
    that flag no seed is sent. Nor is there batch invariance; the variable does nothing.

    Args:
        gpu: whether it runs on GPUs.
        flags: what the user adds to its command line.
        env: its environment.
    """
    chunked = any(flag.replace("_", "-").startswith(_CHUNKED) for flag in flags)
    invariant = False
    with suppress(ValueError):  # vLLM does not start with what is no number.
        invariant = gpu and int(env.get(_INVARIANT, "0")) != 0
    return Promises(gpu or not chunked, invariant)
