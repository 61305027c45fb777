"""Routes that hand out files of a case: its photo, its trace, its report."""

import asyncio
import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Header, Query, Response
from starlette.exceptions import HTTPException

from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.trace_file import SUFFIX
from geoagent_graph.errors import PhotoError
from geoagent_graph.render.html.photo_data import JPEG_QUALITY, jpeg_data_uri
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.service import Branch, CaseId, Service, TheService

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoagent_graph.cases.view import CaseView

router = APIRouter(prefix="/v1/cases/{case}", tags=["files"], responses=problem_responses(404, 409))
Format = Literal["html", "pdf", "md", "geojson", "kml", "jsonl"]
TRACE_TYPE: Final = "application/x-ndjson"
PHOTO_SIDE: Final = 1600
TYPES: Final[dict[Format, str]] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "jsonl": TRACE_TYPE,
}
_SANDBOX = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@router.get(
    "/photo",
    summary="The photo",
    response_class=Response,
    responses={200: {"description": "A JPEG without metadata", "content": {"image/jpeg": {}}}},
)
async def photo(
    service: TheService,
    case: CaseId,
    branch: Branch = MAIN,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The upright photo as a fresh JPEG, at most 1600 pixels long, without the file's metadata."""
    image = (await service.view(case, branch)).opened.image
    tag = f'"{image.sha256.removeprefix("sha256:")}-{PHOTO_SIDE}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=86400"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    try:
        pixels = await asyncio.to_thread(service.runner.store.images.pixels, image, PHOTO_SIDE)
    except PhotoError as error:
        raise HTTPException(409, str(error)) from error
    content = await asyncio.to_thread(_jpeg_bytes, pixels)
    return Response(content, media_type="image/jpeg", headers=headers)


@router.get(
    "/trace",
    summary="The trace",
    response_class=Response,
    responses={200: {"description": "The trace, byte for byte", "content": {TRACE_TYPE: {}}}},
)
async def trace(service: TheService, case: CaseId, branch: Branch = MAIN) -> Response:
    """The events as stored, one JSON object per line; see `geoagent verify`."""
    service.require(case, branch)
    text = await asyncio.to_thread(service.runner.store.trace_text, case, branch)
    return Response(text, media_type=TRACE_TYPE)


@router.get(
    "/report",
    summary="The report",
    response_class=Response,
    responses={
        200: {
            "description": "A file to keep",
            "content": {t.split(";")[0]: {} for t in TYPES.values()},
        },
        **problem_responses(406),
    },
)
async def report(
    service: TheService,
    case: CaseId,
    branch: Branch = MAIN,
    format: Annotated[Format, Query(description="Which file.")] = "html",  # noqa: A002
) -> Response:
    """The report or the map of the answer as a file to keep; 409 while there is no answer."""
    view = await service.view(case, branch)
    if format != "jsonl" and view.answer is None:
        raise HTTPException(409, f"{case}/{branch}: has no answer yet")
    content = await _file_content(service, view, format)
    suffix = SUFFIX if format == "jsonl" else f".{format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{case}-{branch}{suffix}"',
        "Content-Security-Policy": _SANDBOX,
    }
    return Response(content, media_type=TYPES[format], headers=headers)


async def _file_content(service: Service, view: "CaseView", wanted: Format) -> bytes:
    from geoagent_graph.render.formats.geojson import feature_collection
    from geoagent_graph.render.formats.kml import kml_document
    from geoagent_graph.render.html.case_report import answer_in, report_markdown

    opened = view.opened
    if wanted == "pdf":
        return await _pdf_content(service, view)
    makers: dict[str, Callable[[], str]] = {
        "html": lambda: _report_html(service, view),
        "md": lambda: report_markdown(view),
        "geojson": lambda: json.dumps(feature_collection([answer_in(view)]), ensure_ascii=False),
        "kml": lambda: kml_document([answer_in(view)]),
        "jsonl": lambda: service.runner.store.trace_text(opened.case, opened.branch),
    }
    return (await asyncio.to_thread(makers[wanted])).encode("utf-8", "replace")


async def _pdf_content(service: Service, view: "CaseView") -> bytes:
    from geoagent_graph.render.pdf import find_browser, write_pdf

    if find_browser() is None:
        raise HTTPException(406, "PDF needs Chromium, Chrome or Edge on the server; take html")

    def print_report() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "report.pdf"
            write_pdf(_report_html(service, view), target)
            return target.read_bytes()

    async with service.runner.print_slots:
        return await asyncio.to_thread(print_report)


def _report_html(service: Service, view: "CaseView") -> str:
    from geoagent_graph.render.html.case_report import report_html
    from geoagent_graph.render.html.photo_data import MAX_SIDE

    try:
        uri = jpeg_data_uri(service.runner.store.images.pixels(view.opened.image, MAX_SIDE))
    except PhotoError:  # gone or changed: `verify` says so, the report goes without the picture
        uri = None
    return report_html(view, uri)


def _jpeg_bytes(pixels: "object") -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=JPEG_QUALITY)  # type: ignore[arg-type]
    return stream.getvalue()
