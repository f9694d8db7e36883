"""Which server runs where: from models and machines (`gathering`, `needs`) to servers with their shares
(`placing`), and from those to engines (`assembly`). Pure, but for what reads hardware and files.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.pool.placement, not its folder")
