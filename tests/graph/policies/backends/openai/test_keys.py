"""Keys as they go into a header, and what is said of those that cannot."""

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.backends.openai.keys import plain_key


@pytest.mark.parametrize("key", ["sk-1234", "sk-1234\n", " sk-1234\r\n", "\tsk-1234 "])
def test_white_space_around_a_key_is_left_out(key: str) -> None:
    assert plain_key(key) == "sk-1234"
    chat = OpenAIChat(ServerOptions(base_url="http://127.0.0.1:1/v1", model="m", api_key=key))
    assert chat.options.api_key == "sk-1234"


@pytest.mark.parametrize("key", ["", " ", "\n"])
def test_an_empty_key_is_none(key: str) -> None:
    assert plain_key(key) == "none"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("sk-12\n34", "character 6 of 8 is white space"),
        ("sk-12\r\nX-Other: 34", "character 6 of 18 is white space"),
        ("sk-12–34", "character 6 of 8 is no letter"),
        ("sk-12\x0034", "character 6 of 8 is no letter"),
    ],
)
def test_a_key_that_no_header_carries_is_refused_unseen(key: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        OpenAIChat(ServerOptions(base_url="http://127.0.0.1:1/v1", model="m", api_key=key))
    assert not any(part in str(caught.value) for part in ("sk-", "34", "\n"))
