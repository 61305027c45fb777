"""The query `format` follows the table of formats: a new row is offered, a removed one refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.formats.table import register_format, remove_format
from geoagent_graph.serve.format_name import HTML, FormatName, describe_formats


@pytest.fixture
def tsv() -> Iterator[str]:
    """Return the name of a format that is there for one test."""
    register_format(Format("tsv", "text/x-tsv", ".tsv", "Table", of_answers=lambda answers: ""))
    yield "tsv"
    remove_format("tsv")


def test_names_of_the_table_pass_and_the_default_is_one_of_them() -> None:
    for name in (HTML, "md", "jsonl"):
        assert TypeAdapter(FormatName).validate_python(name) == name


@pytest.mark.parametrize("name", ["", "HTML", "tsv", "html "])
def test_another_name_is_answered_with_all_there_are(name: str) -> None:
    with pytest.raises(ValidationError, match="must be one of html, pdf, md"):
        TypeAdapter(FormatName).validate_python(name)


def test_a_format_added_later_is_offered(tsv: str) -> None:
    names: dict[str, Any] = TypeAdapter(FormatName).json_schema()
    assert TypeAdapter(FormatName).validate_python(tsv) == tsv
    assert names["enum"][-1] == tsv
    openapi: dict[str, Any] = {
        "paths": {"/v1/cases/{case}/report": {"get": {"responses": {"200": {"content": {}}}}}}
    }
    describe_formats(openapi)
    report = openapi["paths"]["/v1/cases/{case}/report"]["get"]["responses"]["200"]
    assert {"text/x-tsv", "application/pdf", "text/html"} <= set(report["content"])


def test_a_format_for_photos_alone_is_not_offered() -> None:
    register_format(Format("card", "text/x", ".x", "Card", of_photo=lambda answer, pixels: ""))
    try:
        assert "card" not in TypeAdapter(FormatName).json_schema()["enum"]
    finally:
        remove_format("card")
