"""Importing torch, and what stands on it, so that it shares the processor politely."""

import os
import sys
from typing import Any

_POLICY = "OMP_WAIT_POLICY"


def import_transformers() -> Any:
    """The module `transformers`, torch having been imported before it."""
    import_torch()
    import transformers

    return transformers


def import_torch() -> Any:
    """The module `torch`.

    OpenMP reads its wait policy when torch is first imported, and by default its threads spin while
    they wait. Next to any other busy process that makes every step many times as slow (296 ms
    against 66 for one token of a 135M model on two busy cores). Unless the user has chosen a policy,
    the passive one is in force during the import; the environment is left as it was.
    """
    if "torch" in sys.modules or _POLICY in os.environ:
        import torch
    else:
        os.environ[_POLICY] = "PASSIVE"
        try:
            import torch
        finally:
            del os.environ[_POLICY]
    return torch
