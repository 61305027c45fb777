"""Errors as RFC 9457 problems: one line for people, never a traceback, never an echo of input."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.errors import (
    CaseHeld,
    CaseNotFound,
    CheckpointError,
    GeoAgentError,
    InputError,
    PlaceNotFound,
    StorageError,
)
from geoagent_graph.questions import REPLY_KINDS
from geoagent_graph.safe_text import visible
from geoagent_graph.serve.headers import ALWAYS
from geoagent_graph.serve.schemas import Problem
from geoagent_graph.validation_words import validation_words

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse
    from starlette.exceptions import HTTPException

MEDIA_TYPE: Final = "application/problem+json"
_STATUS: Final[tuple[tuple[type[GeoAgentError], int], ...]] = (
    (CaseHeld, 409),
    (CaseNotFound, 404),
    (PlaceNotFound, 404),
    (InputError, 422),
    (CheckpointError, 409),
    (StorageError, 507),
)
_MAX_DETAIL = 1000
# What Starlette says of forms, by its beginning, and what people are told.
_FORM_WORDS: Final = (
    ("Part exceeded maximum size", "a field is too long; a photo is sent as a file, with its name"),
    ("Too many files", "too many files for one request"),
    ("Too many fields", "too many fields in the form"),
    ("Missing boundary", "the form's Content-Type names no boundary; let the HTTP client write it"),
    ("Invalid multipart", "the form cannot be read; it is multipart/form-data with a file `photo`"),
)


def install(app: "FastAPI") -> None:
    """Let every error of an application be answered as a problem."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    app.add_exception_handler(GeoAgentError, _of_error)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _of_defect)


def problem_response(
    status: int, detail: str, headers: dict[str, str] | None = None
) -> "JSONResponse":
    """Return a problem as a response; its detail is one safe line."""
    from fastapi.responses import JSONResponse

    title = HTTPStatus(status).phrase
    problem = Problem(title=title, status=status, detail=visible(detail, _MAX_DETAIL))
    return JSONResponse(
        problem.model_dump(), status_code=status, headers=headers, media_type=MEDIA_TYPE
    )


def problem_responses(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says about the problems that a route may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        code: {
            "description": HTTPStatus(code).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for code in codes
    }


async def _of_error(_request: "Request", error: Any) -> "JSONResponse":
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    return problem_response(status, str(error))


async def _of_http(_request: "Request", error: Any) -> "JSONResponse":
    raised: HTTPException = error
    said = str(raised.detail)
    ours = (words for beginning, words in _FORM_WORDS if said.startswith(beginning))
    return problem_response(raised.status_code, next(ours, said), dict(raised.headers or {}))


async def _of_validation(_request: "Request", error: Any) -> "JSONResponse":
    raised: RequestValidationError = error
    return problem_response(422, validation_words(raised, "body", REPLY_KINDS | {"body", "query"}))


async def _of_defect(_request: "Request", _error: Any) -> "JSONResponse":
    # Starlette answers these outside of all middleware.
    return problem_response(500, "a defect of this server; its log has more", dict(ALWAYS))


def too_many(detail: str, seconds: int) -> "HTTPException":
    """Return the refusal of a request that may come again after some seconds."""
    from starlette.exceptions import HTTPException

    return HTTPException(429, detail, {"Retry-After": str(seconds)})
