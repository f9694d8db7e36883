"""The engines over vLLM: a server somewhere (`client`), one started here (`server`), and vLLM in this
process (`in_process`). What goes over the wire and comes back is in `wire`.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool.vllm, not its folder")
