"""The library's protocols, one module for each that has a page of its own; `recipes` holds the others.

Each carries the defaults of the paper that it names. All are made of the same stages.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.protocols.named, not its folder")
