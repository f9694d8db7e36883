"""Records in the forms of other tools.

`form.FORMS` says which there are. Each form is a module with one function `export`; it is imported when it
is asked for, and what it needs beside Folkmoot is an extra.
"""

if not __name__.startswith("folkmoot."):
    raise ImportError("import folkmoot.records.exports, not its folder")

from folkmoot.records.exports.form import FORMS, Form, export_record, export_records, form

__all__ = ["FORMS", "Form", "export_record", "export_records", "form"]
