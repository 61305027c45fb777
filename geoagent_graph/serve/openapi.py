"""The description of the API, in words that generators of clients understand.

FastAPI says of an upload that its media type is `application/octet-stream`, as OpenAPI 3.1 allows;
most generators look for `format: binary` alone and send text otherwise.
"""

from typing import TYPE_CHECKING, Final

from fastapi.openapi.utils import get_openapi

from geoagent_graph.serve.format_name import describe_formats
from geoagent_graph.serve.health_routes import OPEN_PATHS
from geoagent_graph.serve.schemas import Problem
from geoagent_graph.types import Json

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.routing import APIRoute

_BINARY: Final = {"type": "string", "format": "binary"}
_ANY_JSON: Final = "#/components/schemas/JsonValue"
_TEXT: Final = {"type": "string"}
_TEXT_TYPES: Final = ("text/", "application/x-ndjson")


def openapi_schema(app: "FastAPI", *, needs_token: bool) -> Json:
    """Return the OpenAPI of an application; made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=[{"url": "/"}],
        )
        describe_formats(schema)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        _describe_objects(schema)
        _describe_uploads(schema)
        _describe_files(schema)
        _describe_token(schema, needs_token)
        app.openapi_schema = schema
    return app.openapi_schema


def operation_id(route: "APIRoute") -> str:
    """Return the name that generated clients give a route: its function's."""
    return route.name


def _describe_uploads(schema: Json) -> None:
    for model in schema["components"]["schemas"].values():
        for field in model.get("properties", {}).values():
            for upload in (field, field.get("items", {})):
                if upload.pop("contentMediaType", None) == "application/octet-stream":
                    upload["format"] = "binary"


def _describe_objects(schema: Json) -> None:
    """Let objects of any content be just that: a type that refers to itself stops generators."""
    for model in schema["components"]["schemas"].values():
        for field in model.get("properties", {}).values():
            if field.get("additionalProperties") == {"$ref": _ANY_JSON}:
                field["additionalProperties"] = True
    schema["components"]["schemas"].pop("JsonValue", None)


def _describe_files(schema: Json) -> None:
    """Say of every response that is no JSON model whether it is text or bytes."""
    for path in schema["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                for kind, content in response.get("content", {}).items():
                    if kind != "text/event-stream":  # its schema would be that of one event
                        content.setdefault("schema", _schema_of(kind))


def _schema_of(media_type: str) -> Json:
    if media_type.startswith(_TEXT_TYPES):
        return dict(_TEXT)
    return {} if media_type.endswith("json") else dict(_BINARY)


def _describe_token(schema: Json, needs_token: bool) -> None:
    schemes = schema["components"].setdefault("securitySchemes", {})
    schemes["token"] = {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of `geoagent serve --token-file`; loopback may go without.",
    }
    for name, path in schema["paths"].items():
        for operation in path.values():
            asked: list[dict[str, list[str]]] = [{"token": []}]
            operation["security"] = (
                [] if name in OPEN_PATHS else asked if needs_token else [{}, *asked]
            )
