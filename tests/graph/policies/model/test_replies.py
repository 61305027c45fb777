"""JSON of a reply: strict, mended in its notation, or refused with a reason."""

import pytest
from pydantic import JsonValue

from geoagent_graph.policies.model.replies import (
    MAX_DEPTH,
    MAX_REPLY_CHARS,
    ReplyError,
    read_json,
    read_object,
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('Sure! {"a": 1} and {"a": 2}', {"a": 1}),
        ("{'a': True, 'b': None}", {"a": True, "b": None}),
        ('{"a": "say "hi", twice"}', {"a": 'say "hi", twice'}),
        ("{a: 20%, b: -3, c: 1.5}", {"a": "20%", "b": -3, "c": 1.5}),
        ("｛“a”：“b”，“c”：【1、2】｝", {"a": "b", "c": [1, 2]}),
        ('{"a": {"b": [1, {"c": []}],},}', {"a": {"b": [1, {"c": []}]}}),
        ('{"a": 1, "a": 1}', {"a": 1}),
        ('{"a": "\\ud800"}', {"a": "?"}),
        ('{"a": 123456789012345678901}', {"a": 123456789012345678901.0}),
        ('{"a":}', {"a": None}),
    ],
)
def test_the_notation_is_mended(text: str, wanted: dict[str, JsonValue]) -> None:
    assert read_object(text) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no object at all", "holds no JSON object"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": 1e999}', "1e999 is not a finite number"),
        ("{a: Infinity}", "Infinity"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("{a: maybe }", "'maybe' must stand in double quotes"),
        ("{'a': [1}", "closes what"),
        ("{'a': 1, {}: 2}", "stands where a key is expected"),
        ('{"a": "b', "ends before it is closed"),
        ("{" + '"a": {' * MAX_DEPTH, "nested deeper than 32"),
        ("{'a': " + "[" * MAX_DEPTH, "nested deeper than 32"),
        ("{" + " " * MAX_REPLY_CHARS, "at most 200000 are read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(ReplyError, match=said):
        read_object(text)


def test_half_a_text_or_number_is_not_taken_for_a_whole_one() -> None:
    reply = read_json('{"country": "Niger", "region": "Nia')
    assert (reply.value, reply.complete) == ({"country": "Niger"}, False)
    assert read_json("{'lat': 12, 'lon': -3").value == {"lat": 12}


def test_a_second_object_is_read_from_where_the_first_ends() -> None:
    text = "{'a': 1} then {'b': 2}"
    first = read_json(text)
    assert text[first.end :] == " then {'b': 2}"
    assert read_json(text, first.end).value == {"b": 2}
