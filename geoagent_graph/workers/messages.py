"""What goes through the pipes of a worker: a line of JSON, then as many bytes as it says."""

import json
from collections.abc import Iterator
from typing import IO, Any, Final

MAX_HEADER_BYTES: Final = 1 << 20
OUT_OF_TIME_STATUS: Final = 75
"""What a worker that works in forks ends with when one of them has used up its CPU time."""


def write_message(stream: IO[bytes], header: dict[str, Any], body: bytes) -> None:
    """Write a header and the body after it, and flush.

    Raises:
        BrokenPipeError: nobody reads.
    """
    stream.write(json.dumps({**header, "bytes": len(body)}).encode("ascii") + b"\n")
    stream.write(body)
    stream.flush()


def read_message(stream: IO[bytes], max_bytes: int) -> tuple[dict[str, Any], bytes]:
    """Return a header and its body of at most `max_bytes`.

    Raises:
        EOFError: the stream ends before, or holds something else.
    """
    line = stream.readline(MAX_HEADER_BYTES)
    try:
        header = json.loads(line)
        size = int(header["bytes"])
    except (ValueError, TypeError, KeyError) as error:
        raise EOFError from error
    if not 0 <= size <= max_bytes:
        raise EOFError
    body = stream.read(size)
    if len(body) != size:
        raise EOFError
    return header, body


def read_requests(stream: IO[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the requests to a worker until nobody asks any more; they come from its parent."""
    while line := stream.readline():
        order = json.loads(line)
        yield order, stream.read(order["bytes"])
