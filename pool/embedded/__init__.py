"""The embedded engine: a real model in this process. `engine` is the contract's side of it; `worker` is
the one thread that computes, `lane` all of its work for one model: `prefill`, then `decoding`.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool.embedded, not its folder")
