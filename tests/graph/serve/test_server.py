"""Where the server listens: its socket, its address, and what is said where it cannot."""

import socket
from typing import Any

import pytest
from fastapi import FastAPI

from geoagent_graph.errors import InputError
from geoagent_graph.serve import server
from geoagent_graph.serve.limits import Address
from geoagent_graph.serve.server import Server, listen, server_of, url_of


class FakeRunner:
    """Notes that its streams were ended."""

    closed = 0

    def close(self) -> None:
        """End the streams."""
        self.closed += 1


def test_a_free_port_is_found_and_named() -> None:
    with listen(Address(port=0)) as sock:
        port = sock.getsockname()[1]
        assert url_of(sock, Address(port=0)) == f"http://127.0.0.1:{port}/"
        assert url_of(sock, Address(host="::1", port=0)) == f"http://[::1]:{port}/"


def test_a_port_that_is_taken_is_said_with_the_way_out() -> None:
    with listen(Address(port=0)) as sock:
        port = sock.getsockname()[1]
        taken = rf"127\.0\.0\.1:{port}: cannot listen there \([^()]+\)\. Choose another --port"
        with pytest.raises(InputError, match=taken):
            listen(Address(port=port))


def test_what_the_system_holds_for_a_slow_client_is_bounded() -> None:
    with listen(Address(port=0)) as sock:
        held = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        assert held <= 2 * server.SEND_BUFFER_BYTES


async def test_streams_end_before_the_server_waits_for_its_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app, runner = FastAPI(), FakeRunner()
    app.state.runner = runner
    seen: list[int] = []

    async def shutdown(self: Any, sockets: Any = None) -> None:
        seen.append(runner.closed)

    monkeypatch.setattr(Server.__mro__[1], "shutdown", shutdown)
    await server_of(app).shutdown()
    assert seen == [1]


def test_neither_the_token_nor_the_server_is_told() -> None:
    app = FastAPI()
    app.state.runner = FakeRunner()
    config = server_of(app).config
    assert not config.access_log
    assert not config.server_header
    assert not config.proxy_headers
