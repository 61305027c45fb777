"""What is no message is answered: with an error, under its id where it has one."""

import json
from typing import Any

import pytest
from mcp.types import jsonrpc_message_adapter

from geoagent_graph.mcp_server.readable_messages import error_response


def answer_to(line: str) -> tuple[Any, int]:
    with pytest.raises(ValueError) as caught:
        jsonrpc_message_adapter.validate_json(line, by_name=False)
    answer = json.loads(error_response(caught.value).model_dump_json(by_alias=True))
    assert answer["jsonrpc"] == "2.0"
    assert answer["error"]["message"].isprintable()
    return answer["id"], answer["error"]["code"]


@pytest.mark.parametrize(
    ("line", "number", "code"),
    [
        (r'{"jsonrpc":"2.0","id":2,"method":"x","params":{"name":"\ud800"}}', 2, -32700),
        (r'{"jsonrpc":"2.0","id":"a","method":"\udfff"}', "a", -32700),
        (r'{"jsonrpc":"2.0","id":"\ud800","method":"x"}', None, -32700),
        (r'{"jsonrpc":"2.0","id":true,"method":"\ud800"}', None, -32700),
        (r'{"\ud800":1,"id":3}', 3, -32700),
        ("no JSON", None, -32700),
        ("[" * 5000, None, -32700),
        ("", None, -32700),
        ("{}", None, -32600),
        ("[]", None, -32600),
        ('{"jsonrpc":"1.0","id":4,"method":"x"}', 4, -32600),
    ],
)
def test_a_line_that_is_no_message_is_answered(line: str, number: object, code: int) -> None:
    assert answer_to(line) == (number, code)


def test_a_line_of_megabytes_is_not_read_again_for_its_id() -> None:
    line = '{"id":5,"method":"\\ud800' + "x" * (1 << 20) + '"}'
    assert answer_to(line) == (None, -32700)


def test_what_is_no_error_of_the_reading_is_answered_too() -> None:
    answer = error_response(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"))
    assert (answer.id, answer.error.code) == (None, -32700)
