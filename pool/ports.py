"""Ports for servers that are started here."""

import errno
import socket

from folkmoot.records import PoolError

LOCAL = "127.0.0.1"

LAST_PORT = 65_535


def reserve(port: int | None = None, host: str = LOCAL) -> socket.socket:
    """A port on this machine that a server may listen on for as long as the socket is open.

    vLLM binds with SO_REUSEPORT: two servers on one port would silently share its calls. The socket
    is bound, never listening, so that nobody is given the port who did not ask for it by number.

    Args:
        port: the port; None for a free one.
        host: the address of this machine that the server will listen on.

    Raises:
        PoolError: something listens there already, or the port may not be used.
    """
    try:
        # Without SO_REUSEPORT this fails if anything at all is bound there.
        with _bound(host, port or 0) as probe:
            found = probe.getsockname()[1]
        return _bound(host, found, socket.SO_REUSEPORT)
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "is in use" if taken else f"cannot be used: {error}"
        raise PoolError(
            f"port {port} on {host} {reason}",
            "leave the port out to take a free one; a server that runs there already is used by url",
        ) from error


def _bound(host: str, port: int, *options: int) -> socket.socket:
    bound = socket.socket()
    try:
        for option in (socket.SO_REUSEADDR, *options):
            bound.setsockopt(socket.SOL_SOCKET, option, 1)
        bound.bind((host, port))
    except BaseException:
        bound.close()
        raise
    return bound
