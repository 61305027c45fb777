"""JSON for people's screens: readable, parsed back to the same, and without hidden characters."""

import json
import unicodedata

import pytest

from geoagent_graph.render.formats.json_answer import json_text
from tests.support.answers import HOSTILE


def test_readable_letters_stay_and_hidden_ones_are_escaped() -> None:
    text = json_text({"place": "Île 東京", "note": "a\u202eb\x9bc\u2028d"})
    assert "Île 東京" in text
    assert "a\\u202eb\\u009bc\\u2028d" in text


def test_hostile_text_comes_back_as_it_was_and_drives_nothing() -> None:
    text = json_text([HOSTILE])
    assert json.loads(text) == [HOSTILE]
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in text)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_has_no_way_to_write_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"x": number})


def test_an_indent_puts_every_field_on_a_line() -> None:
    assert json_text({"a": 1}, indent=2) == '{\n  "a": 1\n}'
