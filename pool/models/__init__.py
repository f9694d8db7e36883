"""What a model is made of: found, pinned by digest, merged, loaded. No engine lives here."""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool.models, not its folder")
