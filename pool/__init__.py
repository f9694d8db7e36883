"""What answers: engines behind one `Pool`, which agents and protocols never see.

`engine` is the contract. `embedded` runs a real model in this process (its parts: `loading`,
`prompting`, `prefill`, `attention`, `decoding`, `lane`, `worker`), `vllm_client` asks a vLLM server and
`vllm_server` starts one, `scripted` answers by a function, `replay` from a record. `resolve` finds a
model's files; `rendering` and `fit` make prompts, for every engine alike.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool, not the folder it lives in")

from folkmoot.pool.engine import Engine, OnProgress, OnText, Progress
from folkmoot.pool.pool import Pool
from folkmoot.pool.scripted import Scripted

__all__ = ["Engine", "OnProgress", "OnText", "Pool", "Progress", "Scripted"]
