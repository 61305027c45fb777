"""The query `format` follows the table of formats: a new row is offered, a removed one refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.formats.table import register_format, remove_format
from geoagent_graph.serve.format_name import HTML, FormatName, describe_formats


@pytest.fixture
def csv() -> Iterator[str]:
    """Return the name of a format that is there for one test."""
    register_format(Format("csv", "text/csv", ".csv", "Table", of_answers=lambda answers: ""))
    yield "csv"
    remove_format("csv")


def test_names_of_the_table_pass_and_the_default_is_one_of_them() -> None:
    for name in (HTML, "md", "jsonl"):
        assert TypeAdapter(FormatName).validate_python(name) == name


@pytest.mark.parametrize("name", ["", "HTML", "csv", "html "])
def test_another_name_is_answered_with_all_there_are(name: str) -> None:
    with pytest.raises(ValidationError, match="Input should be one of html, pdf, md"):
        TypeAdapter(FormatName).validate_python(name)


def test_a_format_added_later_is_offered(csv: str) -> None:
    names: dict[str, Any] = TypeAdapter(FormatName).json_schema()
    assert TypeAdapter(FormatName).validate_python(csv) == csv
    assert names["enum"][-1] == csv
    openapi: dict[str, Any] = {
        "paths": {"/v1/cases/{case}/report": {"get": {"responses": {"200": {"content": {}}}}}}
    }
    describe_formats(openapi)
    report = openapi["paths"]["/v1/cases/{case}/report"]["get"]["responses"]["200"]
    assert {"text/csv", "application/pdf", "text/html"} <= set(report["content"])


def test_a_format_for_photos_alone_is_not_offered() -> None:
    register_format(Format("card", "text/x", ".x", "Card", of_photo=lambda answer, pixels: ""))
    try:
        assert "card" not in TypeAdapter(FormatName).json_schema()["enum"]
    finally:
        remove_format("card")
