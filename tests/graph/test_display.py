"""Objects show themselves in notebooks though nothing below `render` knows it."""

import json
import subprocess
import sys

import pytest

from geoagent_graph.display import file_of, html_of, register_display, text_of
from geoagent_graph.types import Answer
from tests.support.answers import porto_answer

FRESH = """
import sys
from geoagent_graph.types import Answer
assert not [name for name in sys.modules if name.startswith("geoagent_graph.render")]
from tests.support.answers import porto_answer
from IPython.core.formatters import DisplayFormatter
shown, _ = DisplayFormatter().format(porto_answer())
print(sorted(shown), shown["text/plain"][:40])
"""


def test_a_fresh_kernel_shows_an_answer_without_importing_render() -> None:
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("['text/html', 'text/plain'] <Answer: The evidence is consistent")


def test_the_drawing_is_the_registered_one() -> None:
    class Shape:
        """Something that is shown."""

    with pytest.raises(TypeError, match="nothing draws objects of type Shape"):
        html_of(Shape())
    register_display(Shape, html=lambda shape: "<p>shape</p>", text=lambda shape: "<Shape>")
    assert html_of(Shape()) == "<p>shape</p>"
    assert text_of(Shape()) == "<Shape>"


def test_an_answer_is_drawn_by_render() -> None:
    answer = porto_answer()
    assert html_of(answer) == answer._repr_html_()
    assert text_of(answer).startswith("<Answer: ")


def test_an_answer_writes_itself_as_json_map_and_page() -> None:
    answer = porto_answer()
    assert Answer.model_validate(answer.to_dict()) == answer
    json.dumps(answer.to_dict(), allow_nan=False)
    roles = [feature["properties"]["role"] for feature in answer.to_geojson()["features"]]
    assert roles[:2] == ["answer", "radius"]
    page = answer.to_html()
    assert page.startswith("<!DOCTYPE html>")
    assert "Porto" in page


def test_what_nothing_writes_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="nothing draws objects of type object"):
        file_of(object(), "geojson")
    with pytest.raises(TypeError, match="nothing draws objects of type Answer"):
        file_of(porto_answer(), "docx")
