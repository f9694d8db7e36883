"""A proxy before a real server: it passes requests on, or does to them what networks do."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

_LENGTH = re.compile(rb"content-length: ?(\d+)", re.I)

CHAT = "/v1/chat/completions"

Fault = Callable[[str], str | asyncio.Event | None]
"""What happens to a request of this path: None: it is passed on; an event: once that is set;
`500`: that answer in its place; `hang`: no answer; `reset`: the connection is cut in the answer."""

_BROKEN = b'{"error": {"message": "out of memory", "code": 500}}'


class Faulty:
    """The proxy of one server.

    Attributes:
        fault: decides what happens to each request.
        passed: completions that reached the server.
    """

    def __init__(self, url: str) -> None:
        self._port = int(url.rsplit(":", 1)[1])
        self.fault: Fault = lambda _: None
        self.passed = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client: one request, one answer, and its end."""
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        body = await reader.readexactly(int(found[1])) if found else b""
        path = head.split(b" ", 2)[1].decode()
        fault = self.fault(path)
        if fault == "hang":
            await reader.read()  # Until the client has had enough.
            return
        if fault == "500":
            writer.write(
                b"HTTP/1.1 500 no\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(_BROKEN)
            )
            writer.write(_BROKEN)
            await writer.drain()
            return
        if isinstance(fault, asyncio.Event):
            await fault.wait()
        self.passed += path == CHAT
        there_reader, there = await asyncio.open_connection("127.0.0.1", self._port)
        there.write(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + body)
        try:
            gone = asyncio.create_task(reader.read())
            while True:
                read = asyncio.create_task(there_reader.read(65536))
                await asyncio.wait({read, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not read.done() or not (piece := read.result()):
                    read.cancel()
                    break
                writer.write(piece)
                await writer.drain()
                if fault == "reset" and b"data:" in piece:
                    writer.transport.abort()
                    break
            gone.cancel()
        finally:
            there.close()


@asynccontextmanager
async def faulty(url: str) -> AsyncIterator[tuple[Faulty, str]]:
    """A proxy of the server at `url`, and its own address."""
    proxy = Faulty(url)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=2**22)
    async with server:
        yield proxy, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
