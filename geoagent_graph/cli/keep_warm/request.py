"""What a command sends to its helper: its streams, then its words, folder and environment."""

import array
import contextlib
import json
import os
import socket
from dataclasses import dataclass
from typing import Any, Final

from geoagent_graph.cli.keep_warm.surroundings import environment

MAX_REQUEST_BYTES: Final = 8_000_000  # Linux gives a process no more words and environment
_STREAMS: Final = (0, 1, 2)
_LENGTH_BYTES: Final = 8
_WAIT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """A command: what was typed behind `geoagent`, where, with which environment and streams."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    streams: list[int]


def send_request(connection: socket.socket, arguments: list[str]) -> None:
    """Send this process's own streams, folder and environment.

    Raises:
        OSError: the helper has gone, a stream is closed, or the folder no longer exists.
    """
    told = {"arguments": arguments, "folder": os.getcwd(), "environment": environment()}  # noqa: PTH109  a text
    body = json.dumps(told).encode()
    handles = array.array("i", _STREAMS).tobytes()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, handles)]
    connection.sendmsg([len(body).to_bytes(_LENGTH_BYTES, "little")], rights)
    connection.sendall(body)


def receive_request(connection: socket.socket) -> Request | None:
    """Return a command; None of one that only looked whether somebody listens, or sent no sense."""
    connection.settimeout(_WAIT_SECONDS)
    streams: list[int] = []
    try:
        size, streams = _receive_streams(connection)
        told = json.loads(_receive_bytes(connection, size))
        request = Request(**told, streams=streams)
        if len(streams) == len(_STREAMS) and _is_sound(request):
            connection.settimeout(None)
            return request
    except (OSError, ValueError, TypeError):
        pass  # whoever sends no sense gets no answer
    close_all(streams)
    return None


def close_all(streams: list[int]) -> None:
    """Close streams that another process has now."""
    for stream in streams:
        with contextlib.suppress(OSError):
            os.close(stream)


def _receive_streams(connection: socket.socket) -> tuple[int, list[int]]:
    handles = array.array("i")
    room = socket.CMSG_SPACE(len(_STREAMS) * handles.itemsize)
    head, rights, *_ = connection.recvmsg(_LENGTH_BYTES, room)
    for level, kind, data in rights:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            handles.frombytes(data[: len(data) - len(data) % handles.itemsize])
    size = int.from_bytes(head, "little")
    return (size if len(head) == _LENGTH_BYTES and size <= MAX_REQUEST_BYTES else 0), list(handles)


def _receive_bytes(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size and (part := connection.recv(min(size - len(received), 1 << 16))):
        received += part
    return bytes(received)


def _is_sound(request: Request) -> bool:
    words: list[Any] = [*request.arguments, request.folder]
    pairs = [*request.environment.keys(), *request.environment.values()]
    return all(isinstance(word, str) for word in [*words, *pairs])
