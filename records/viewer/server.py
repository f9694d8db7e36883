"""The server behind `folkmoot view`: for this machine, this browser and this session alone.

It listens on the loopback address. A page from elsewhere in the same browser may try to reach it, also
under another name for this address (DNS rebinding), so it answers only under its own name and port,
only to itself as origin, and only under a path that holds a random token. It reads; the one thing that it
writes is an annotation.
"""

import hmac
import json
import secrets
import sys
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote

from folkmoot.records.chain import JOURNAL_FILE
from folkmoot.records.errors import FolkmootError
from folkmoot.records.journal_reader import JournalView, read_journal
from folkmoot.records.outcome import outcome_of
from folkmoot.records.viewer.data import calls, core
from folkmoot.records.viewer.integrity import integrity
from folkmoot.records.viewer.kept import Kept, state_of
from folkmoot.records.viewer.notes import add_note, notes
from folkmoot.records.viewer.page import as_json, policy, saved, shell
from folkmoot.records.viewer.shelf import Shelf

LOOPBACK: Final = "127.0.0.1"

_LARGEST_NOTE: Final = 64 << 10
"""Bytes of an annotation as it is sent."""

_KEPT: Final = 12
"""Parts of records that are kept: two runs are compared, and one looks from one to the next."""

_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json"


class Body(NamedTuple):
    """What is answered."""

    status: HTTPStatus
    kind: str
    data: bytes


class Viewer:
    """What the server answers, without the network.

    Args:
        shelf: the records.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.token = secrets.token_urlsafe(24)
        self._kept = Kept(_KEPT)

    def get(self, path: str) -> Body:
        """Answer a request for what lies under the token, by its path there as it stands in the address:
        the page, or a part of its data."""
        if path == "":
            return Body(HTTPStatus.OK, _HTML, shell())
        if path == "api/runs":
            return _json({"runs": self.shelf.rows()})
        key, part = _named(path)
        folder = self.shelf.folder(key)
        if folder is None:
            return _fault(HTTPStatus.NOT_FOUND, "there is no such record here")
        try:
            return self._part(folder, key, part)
        except FolkmootError as error:
            return _fault(HTTPStatus.UNPROCESSABLE_ENTITY, error.message, error.hint)

    def post(self, path: str, sent: bytes) -> Body:
        """Answer a request to write: an annotation on a record."""
        key, part = _named(path)
        folder = self.shelf.folder(key)
        if folder is None or part != "notes":
            return _fault(HTTPStatus.NOT_FOUND, "there is nothing here to write to")
        try:
            add_note(folder, json.loads(sent))
            return _json(notes(folder))
        except (ValueError, RecursionError):
            return _fault(HTTPStatus.BAD_REQUEST, "that is no annotation")
        except FolkmootError as error:
            return _fault(HTTPStatus.UNPROCESSABLE_ENTITY, error.message, error.hint)

    def _part(self, folder: Path, key: str, part: str) -> Body:
        if part == "core":
            return Body(HTTPStatus.OK, _JSON, self._core(folder))
        if part == "calls":
            tag = state_of(folder, (JOURNAL_FILE,))
            made = self._kept.get((folder, part), tag, lambda: as_json(calls(self._view(folder))))
            return Body(HTTPStatus.OK, _JSON, made)
        if part == "tag":
            return _json({"tag": state_of(folder, (JOURNAL_FILE,))})
        if part == "integrity":
            tag = state_of(folder)
            return _json(self._kept.get((folder, part), tag, lambda: integrity(folder)))
        if part == "notes":
            return _json(notes(folder))
        if part == "page.html":
            return Body(HTTPStatus.OK, _HTML, saved(self.shelf, key))
        return _fault(HTTPStatus.NOT_FOUND, "there is no such part of a record")

    def _core(self, folder: Path) -> bytes:
        # The state is taken before the journal is read: it may be written to meanwhile.
        tag = state_of(folder, (JOURNAL_FILE,))

        def made() -> bytes:
            view = self._view(folder)
            return as_json({**core(view, outcome_of(view)), "tag": tag})

        return self._kept.get((folder, "core"), tag, made)

    def _view(self, folder: Path) -> JournalView:
        tag = state_of(folder, (JOURNAL_FILE,))
        return self._kept.get((folder, "view"), tag, lambda: read_journal(folder))


class ViewServer:
    """A viewer on the loopback address.

    Args:
        shelf: the records.
        port: the port to listen on; any free one for 0.

    Raises:
        OSError: the port is not to be had.
    """

    def __init__(self, shelf: Shelf, port: int = 0) -> None:
        self.viewer = Viewer(shelf)
        self._server = _Quiet(
            (LOOPBACK, port), _handler(self.viewer, lambda: self._server.server_port)
        )

    @property
    def url(self) -> str:
        """The address of the page, token and all."""
        return f"http://{LOOPBACK}:{self._server.server_port}/{self.viewer.token}/"

    def url_of(self, key: str) -> str:
        """The address of the record of that name."""
        return f"{self.url}#/r/{quote(key, safe='')}"

    def serve(self) -> None:
        """Answer until `close`, or an interrupt."""
        self._server.serve_forever(poll_interval=0.2)

    def release(self) -> None:
        """Let the port go, once nobody serves any more."""
        self._server.server_close()

    def close(self) -> None:
        """End serving, from another thread than the one that serves."""
        self._server.shutdown()
        self.release()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no fault; any other is one, and is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def _handler(viewer: Viewer, port: Callable[[], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "folkmoot", ""

        def do_GET(self) -> None:
            self._answer(viewer.get)

        def do_POST(self) -> None:
            if (sent := self._sent()) is not None:
                self._answer(lambda path: viewer.post(path, sent), writes=True)

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _sent(self) -> bytes | None:
            length = self.headers.get("Content-Length", "")
            if length.isascii() and length.isdigit() and int(length) <= _LARGEST_NOTE:
                return self.rfile.read(int(length))
            self._send(_fault(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "an annotation is not so long"))
            return None

        def _answer(self, answer: Callable[[str], Body], *, writes: bool = False) -> None:
            asked = self.path.partition("?")[0]
            token, slash, path = asked.removeprefix("/").partition("/")
            if not _is_own(self.headers, port(), writes=writes):
                body = _fault(HTTPStatus.FORBIDDEN, "only the page itself may ask")
            elif not slash or not hmac.compare_digest(token.encode(), viewer.token.encode()):
                body = _fault(HTTPStatus.NOT_FOUND, "there is nothing here")
            else:
                body = answer(path)
            self._send(body)

        def _send(self, body: Body) -> None:
            self.send_response(body.status)
            for name, value in (
                ("Content-Type", body.kind),
                ("Content-Length", str(len(body.data))),
                ("Content-Security-Policy", policy(served=True) + "; frame-ancestors 'none'"),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.data)

    return Handler


def _is_own(headers: Message, port: int, *, writes: bool) -> bool:
    """Whether a request is for this server by its own name, and comes from its own page."""
    hosts = headers.get_all("Host") or []
    if len(hosts) != 1 or hosts[0] not in (f"{LOOPBACK}:{port}", f"localhost:{port}"):
        return False
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    if origin is not None and origin != f"http://{hosts[0]}":
        return False
    if site is not None and site not in ("same-origin", "none"):
        # A link elsewhere may lead here, as a page of its own: who knows the token was given it.
        followed = (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest"))
        return not writes and origin is None and followed == ("navigate", "document")
    return not writes or (origin is not None and headers.get_content_type() == _JSON)


def _json(value: object) -> Body:
    return Body(HTTPStatus.OK, _JSON, as_json(value))


def _fault(status: HTTPStatus, error: str, hint: str = "") -> Body:
    return Body(status, _JSON, as_json({"error": error, "hint": hint}))


def _named(path: str) -> tuple[str, str]:
    """The record and its part in `api/run/RECORD/PART`; empty where it is no such path."""
    parts = path.split("/")
    if len(parts) != 4 or parts[:2] != ["api", "run"]:
        return "", ""
    return unquote(parts[2], errors="replace"), parts[3]
