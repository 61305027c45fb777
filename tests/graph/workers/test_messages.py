"""Messages through a pipe: whole, or none."""

import io

import pytest

from geoagent_graph.workers.messages import read_message, read_requests, write_message


def written(header: dict[str, object], body: bytes) -> bytes:
    """Return a message as bytes."""
    stream = io.BytesIO()
    write_message(stream, header, body)
    return stream.getvalue()


def test_a_message_comes_as_it_went() -> None:
    assert read_message(io.BytesIO(written({"a": "ü"}, b"\n\0")), 2) == (
        {"a": "ü", "bytes": 2},
        b"\n\0",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no json\n",
        b"[]\n",
        b'{"bytes": null}\n',
        b'{"bytes": -1}\n',
        b'{"bytes": 4}\nabc',
        b'{"bytes": 9}\n123456789',
    ],
)
def test_half_a_message_is_none(data: bytes) -> None:
    with pytest.raises(EOFError):
        read_message(io.BytesIO(data), 8)


def test_requests_come_one_after_the_other_until_the_end() -> None:
    stream = io.BytesIO(written({"n": 1}, b"one") + written({"n": 2}, b""))
    assert [(order["n"], data) for order, data in read_requests(stream)] == [(1, b"one"), (2, b"")]
