"""Ports are held for the server that will listen on them."""

import socket

import pytest

from folkmoot.pool.ports import LOCAL, reserve
from folkmoot.records import PoolError


def test_a_port_in_use_is_refused_by_number_even_where_it_is_shared():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as vLLM binds
        taken.bind((LOCAL, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PoolError, match=rf"port {port} .* in use"):
            reserve(port)


def test_a_number_that_is_no_port_is_refused():
    with pytest.raises(PoolError, match=r"70000 .* cannot be used"):
        reserve(70_000)


def test_only_who_shares_the_port_may_listen_on_it():
    with reserve() as held:
        port = held.getsockname()[1]
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((LOCAL, port))
        with socket.socket() as server:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):  # as vLLM binds
                server.setsockopt(socket.SOL_SOCKET, option, 1)
            server.bind((LOCAL, port))
            server.listen()
            # The reserving socket takes no connections away from the server.
            for _ in range(8):
                with socket.create_connection((LOCAL, port), timeout=5):
                    server.accept()[0].close()
    with reserve(port) as again:
        assert again.getsockname()[1] == port
