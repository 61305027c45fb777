"""The query `format`: one of the names in the table of formats, as the table is now."""

from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from geoagent_graph.render.formats.table import formats_for
from geoagent_graph.types import Json


class _TableOfFormats:
    """Validates a name and describes it in OpenAPI by the rows of the table."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_check_name, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Json:
        return {**handler(schema), "enum": [row.name for row in formats_for("case")]}


FormatName = Annotated[str, _TableOfFormats()]
HTML: Final = "html"
BYTES_TYPE: Final = "application/octet-stream"  # what generated clients know how to take


def describe_formats(openapi: Json) -> None:
    """Add the media types of all formats to what OpenAPI says of the report."""
    report = openapi["paths"]["/v1/cases/{case}/report"]["get"]
    types = {row.media_type for row in formats_for("case")}
    # plain bytes first: generators take the first type they know, and a report may be any
    order = [BYTES_TYPE, *sorted(types)]
    report["responses"]["200"]["content"] = {kind: {} for kind in order}


def _check_name(name: str) -> str:
    names = [row.name for row in formats_for("case")]
    if name not in names:
        raise PydanticCustomError("format", "must be one of {names}", {"names": ", ".join(names)})
    return name
