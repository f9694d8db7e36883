"""Transcripts of other frameworks, read as dialogues out of which `folkmoot.graphs.imported` makes records.

`read_dialogues` reads a file; `chat` and `inspect` are the two forms.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.records.imports, not its folder")

from folkmoot.records.imports.dialogue import Dialogue, Said
from folkmoot.records.imports.read import FORMS, form_of, read_dialogues

__all__ = ["FORMS", "Dialogue", "Said", "form_of", "read_dialogues"]
