"""Serves the application: a uvicorn server that ends its streams, and connections that hurry."""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import h11
import uvicorn
from sse_starlette.sse import AppStatus
from uvicorn.protocols.http.h11_impl import H11Protocol

from geoagent_graph.errors import InputError
from geoagent_graph.serve.event_routes import ABORT
from geoagent_graph.serve.limits import Address

if TYPE_CHECKING:
    from fastapi import FastAPI

HEAD_SECONDS: Final = 10.0
SHUTDOWN_SECONDS: Final = 5
SEND_BUFFER_BYTES: Final = 128 << 10


class Connection(H11Protocol):
    """A connection that is closed when the head of a request does not come in time.

    It can also be cut off by the application: a plain close would wait for a client that does not
    read.
    """

    _waiting: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        inner: Any = self.app

        async def with_abort(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[ABORT] = self.cut_off
            await inner(scope, receive, send)

        self.app = with_abort

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take what came; the wait ends with the head of a request."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._waiting is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End with the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def cut_off(self) -> None:
        """End the connection at once; what its client has not taken is dropped."""
        self.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.transport.abort()

    def _wait_for_head(self) -> None:
        self._waiting = self.loop.call_later(HEAD_SECONDS, self.cut_off)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class Server(uvicorn.Server):
    """A server that ends all streams of events as soon as it is to stop."""

    def __init__(self, config: uvicorn.Config, close: Callable[[], None]) -> None:
        super().__init__(config)
        self._close = close

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        self._close()
        await super().shutdown(sockets)


def server_of(app: "FastAPI") -> Server:
    """Return the server of an application; `run` it with the socket of `listen`."""
    # It would cut streams off; `Server` ends them.
    AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_config=None,  # warnings go where the process sends them, to stderr by default
        log_level=logging.WARNING,
        access_log=False,  # its lines would hold `/?token=`
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    return Server(config, app.state.runner.close)


def listen(address: Address) -> socket.socket:
    """Return a socket that listens.

    Raises:
        InputError: the address is none of this machine's, or its port is taken.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        sock = socket.create_server((address.host, address.port), family=family, backlog=512)
    except OSError as error:
        raise InputError(
            f"{address.host}:{address.port}: cannot listen there ({reason_of(error)}). "
            "Choose another --port or --host."
        ) from error
    # Connections inherit it: what the system holds for a client that does not read is bounded.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return sock


def reason_of(error: OSError) -> str:
    """Return the system's words alone: Python adds the address to them."""
    if error.errno is not None and error.errno > 0:  # those of name servers are negative
        return os.strerror(error.errno)
    return error.strerror or str(error)


def url_of(sock: socket.socket, address: Address) -> str:
    """Return the address of the page."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"http://{host}:{sock.getsockname()[1]}/"
