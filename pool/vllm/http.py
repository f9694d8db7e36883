"""A slim HTTP client for one vLLM server: one session, bounded connections, faults as ours."""

import json
import os
from collections.abc import AsyncIterator, Generator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from typing import Any, cast

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from folkmoot.records import CallRefused, EngineRefused, EngineUnavailable, PoolError, scrub

_SPARE = 8
"""Connections beside those for calls: an abort must get through when every call has one."""

_KEEP_ALIVE_S = 3.0
"""Less than vLLM's own 5 s: else a call may go out on a connection that was just closed."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)

_MAY_COME_BACK = (408, 429)
_NOBODY = (401, 402, 403, 404, 405, 407)
"""What is said to whoever asks, whatever is asked."""

_LARGEST = 32 * 2**20
"""Bytes of an answer that holds no text: more than the tokens of the longest prompt take."""

_LARGEST_TEXT, _LARGEST_TOKEN = 4 * 2**20, 4096
"""Bytes of an answer with a text: so many, and so many for each token that was asked for. A token
in an event of its own takes some hundred."""


class Http:
    """Requests to one server.

    Args:
        url: `http://host:port`; a trailing `/v1` is taken off.
        key_env: the environment variable that holds the API key, if the server wants one.
        connections: how many calls may be on their way at once.
    """

    def __init__(self, url: str, key_env: str | None = None, connections: int = 64) -> None:
        base = _base(url)
        self._base = base.with_user(None) if key_env else base  # A key takes the place of a user.
        self._key_env = key_env
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._paths: dict[str, URL] = {}

    @property
    def address(self) -> str:
        """The address without user, password or query."""
        return str(self._base.with_user(None)).rstrip("/")

    async def open(self) -> None:
        """Make the session. Idempotent.

        Raises:
            PoolError: the key's environment variable is not set.
        """
        if self._session is not None:
            return
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self._key_env is not None:
            key = os.environ.get(self._key_env)
            if not key:
                raise PoolError(
                    f"the environment variable {self._key_env!r} is not set",
                    f"it should hold the API key of the server at {self.address}",
                )
            headers["Authorization"] = f"Bearer {key}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections + _SPARE, keepalive_timeout=_KEEP_ALIVE_S
            ),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10.0),
            auto_decompress=False,
            read_bufsize=2**20,
        )

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str) -> bytes:
        """What a GET of `path` answers. Raises as `post` does."""
        with _faults(self.address):
            async with self._opened.get(self._url(path), allow_redirects=False) as response:
                return await self._body(response, _LARGEST)

    async def get_object(self, path: str) -> dict[str, Any]:
        """What a GET of `path` answers, as the JSON object that it is. Raises as `post` does."""
        with _faults(self.address):
            return _object(await self.get(path))

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What a POST of `body` answers, as the JSON object that it is.

        Raises:
            EngineUnavailable: the server is gone, too busy or broken.
            CallRefused: it refuses the request; its own words are in the message.
        """
        with _faults(self.address):
            async with self._posted(path, body) as response:
                return _object(await self._body(response, _largest(body)))

    async def tell(self, path: str, body: dict[str, Any]) -> bool:
        """POST without caring for the answer: whether the server took it."""
        with suppress(CallRefused), _faults(self.address):
            async with self._posted(path, body) as response:
                return response.status < 300
        return False

    async def stream(self, path: str, body: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """The events of a POST that answers with a stream of JSON objects. Raises as `post`."""
        with _faults(self.address):
            async with self._posted(path, body) as response:
                left = most = _largest(body)
                if response.status >= 300:
                    await self._body(response, most)
                async for line in response.content:
                    left -= len(line)
                    if left < 0:
                        raise self._endless(most)
                    if not line.startswith(b"data:"):
                        continue
                    data = line[5:].strip()
                    if data == b"[DONE]":
                        return
                    yield self._event(data)
                raise EngineUnavailable(f"the stream from {self.address} ended in the middle")

    @property
    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise EngineUnavailable(f"no connection to {self.address} is open")
        return self._session

    def _posted(
        self, path: str, body: dict[str, Any]
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        # Elsewhere nobody was meant to read the prompt.
        return self._opened.post(self._url(path), data=_encode(body), allow_redirects=False)

    def _url(self, path: str) -> URL:
        found = self._paths.get(path)
        if found is None:
            found = self._paths[path] = self._base.with_path(self._base.path.rstrip("/") + path)
        return found

    async def _body(self, response: aiohttp.ClientResponse, most: int) -> bytes:
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > most:
                raise self._endless(most)
        if response.status >= 300:
            wait = response.headers.get("Retry-After", "")
            raise self._refusal(response.status, bytes(body), response.url.path, wait)
        return bytes(body)

    def _endless(self, most: int) -> EngineUnavailable:
        # Leaving the response unread closes its connection.
        said = f"{self.address} sent more than the {most:,} bytes that an answer can take"
        return EngineUnavailable(said, alive=True)

    def _event(self, data: bytes) -> dict[str, Any]:
        event = _object(data)
        if "error" in event:
            code = _inside(event["error"], "code")
            raise self._refusal(code if isinstance(code, int) else 500, data, "")
        return event

    def _refusal(
        self, status: int, body: bytes, path: str, wait: str = ""
    ) -> CallRefused | EngineUnavailable:
        said = f"{self.address}{path} answered {status}: {_words(body)}"
        if 300 <= status < 400:
            said = f"{self.address}{path} answered {status}: it sends whoever asks elsewhere"
            return EngineRefused(said, "give the address at which the server itself answers")
        if status in (401, 403):
            named = f"the one in the environment variable {self._key_env!r} is not accepted"
            unnamed = "name the environment variable that holds it in `key_env`"
            return EngineRefused(
                said, f"it wants an API key; {named if self._key_env else unnamed}"
            )
        if status >= 500 or status in _MAY_COME_BACK:
            wait_s = float(wait) if wait.isdecimal() and len(wait) < 6 else None
            return EngineUnavailable(said, alive=True, wait_s=wait_s)
        return EngineRefused(said) if status in _NOBODY else CallRefused(said)


@contextmanager
def _faults(address: str) -> Generator[None]:
    """What goes wrong on the way becomes EngineUnavailable, with the server's address."""
    try:
        yield
    except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
        said = scrub(str(error)) or type(error).__name__
        raise EngineUnavailable(f"{address} does not answer: {said}") from error
    except (ValueError, RecursionError) as error:
        raise EngineUnavailable(f"{address} does not answer as vLLM does: {error}") from error


def _base(url: str) -> URL:
    try:
        base = URL(url if "://" in url else f"http://{url}")
    except ValueError as error:
        raise PoolError(f"{url!r} is no address of a server: {error}", _EXAMPLE) from None
    if base.scheme not in ("http", "https") or not base.host:
        raise PoolError(f"{url!r} is no address of a server", _EXAMPLE)
    path = base.path.rstrip("/").removesuffix("/v1")
    return base.with_path(path or "/").with_query(None).with_fragment(None)


_EXAMPLE = "write it as http://host:8000"


def _largest(body: dict[str, Any]) -> int:
    """Bytes that the answer to a request may take."""
    tokens = body.get("max_tokens")
    return _LARGEST if tokens is None else _LARGEST_TEXT + _LARGEST_TOKEN * tokens


def _encode(body: dict[str, Any]) -> bytes:
    text = _ENCODER.encode(body)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return scrub(text).encode()


def _object(body: bytes) -> dict[str, Any]:
    found: Any = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError(f"not a JSON object: {body[:80]!r}")
    return cast("dict[str, Any]", found)


def _words(body: bytes) -> str:
    """The server's own words, in one line."""
    try:
        said: object = json.loads(body)
        for name in ("error", "detail", "message"):
            said = _inside(said, name) or said
        words = str(said)
    except (ValueError, RecursionError):
        words = body.decode(errors="replace")
    return scrub(" ".join(words.split()))[:500] or "(nothing)"


def _inside(value: object, name: str) -> object:
    """A field of a JSON object; None of anything else."""
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None
