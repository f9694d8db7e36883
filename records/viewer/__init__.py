"""The page that shows records: its data, one file of it, and the server on this machine.

`page/` has the sources of the front end, `static/` what is built from them (`npm run build` there) and
shipped.
"""

from folkmoot.records.viewer.data import calls, core
from folkmoot.records.viewer.page import save, saved
from folkmoot.records.viewer.server import Viewer, ViewServer
from folkmoot.records.viewer.shelf import Shelf

__all__ = ["Shelf", "ViewServer", "Viewer", "calls", "core", "save", "saved"]
