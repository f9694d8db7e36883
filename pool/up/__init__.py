"""Pools that stay up: a supervisor with its servers, and every process of this machine that attaches."""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool.up, not its folder")
