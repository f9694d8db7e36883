"""What answers: engines behind one `Pool`, which agents and protocols never see.

`engine` is the contract. A call goes through `pool` to a `desk` (its line in `admission`, its
`breaker`), from there perhaps by `replicas` or `turns`, and on to an engine: `embedded` runs a real
model in this process, `vllm` asks or starts vLLM, `scripted` answers by a function, `replay` from a
record. `pool_file` and `config` read pool.yaml, `placement` says what runs where, `up` keeps a pool
standing. `models` finds a model's files; `rendering` and `fit` make prompts, for every engine alike.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool, not the folder it lives in")

from folkmoot.pool.engine import Engine, OnProgress, OnText, Progress
from folkmoot.pool.pool import Pool
from folkmoot.pool.scripted import Scripted

__all__ = ["Engine", "OnProgress", "OnText", "Pool", "Progress", "Scripted"]
