"""Routes that hand out files of a case: its photo, its trace, its report."""

import io
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.exceptions import HTTPException

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.cases.custody import CaseDeed
from geoagent_graph.cases.names import MAIN, name_for
from geoagent_graph.errors import PhotoError
from geoagent_graph.render import pdf
from geoagent_graph.render.formats.format import Content, Format
from geoagent_graph.render.formats.table import named_format
from geoagent_graph.render.html.photo_data import JPEG_QUALITY
from geoagent_graph.serve.case_runner import WAY
from geoagent_graph.serve.format_name import BYTES_TYPE, HTML, FormatName
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.service import Branch, CaseId, Service, TheService
from geoagent_graph.translation import LanguageTag, use_language

if TYPE_CHECKING:
    from geoagent_graph.cases.events import Deed
    from geoagent_graph.cases.view import CaseView
    from geoagent_graph.protocols import ImageStore
    from geoagent_graph.types import ImageRef

router = APIRouter(prefix="/v1/cases/{case}", tags=["files"], responses=problem_responses(404, 409))
TRACE_TYPE: Final = "application/x-ndjson"
PHOTO_SIDE: Final = 1600
MIN_SIDE: Final = 64
MAX_SIDE: Final = 8192
_UNNAMED: Final = re.compile(r"[0-9a-f]{32}")
_MAX_STEM: Final = 40
_SANDBOX = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@router.get(
    "/photo",
    summary="The photo",
    response_class=Response,
    responses={
        200: {
            "description": "A JPEG without metadata",
            "content": {BYTES_TYPE: {}, "image/jpeg": {}},
        }
    },
)
async def photo(
    service: TheService,
    request: Request,
    case: CaseId,
    branch: Branch = MAIN,
    max_side: Annotated[
        int,
        Query(ge=MIN_SIDE, le=MAX_SIDE, description="Its longest side is at most so many pixels."),
    ] = PHOTO_SIDE,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The upright photo as a fresh JPEG, without the file's metadata; never enlarged."""
    image = (await service.view(case, branch)).opened.image
    tag = f'"{image.sha256.removeprefix("sha256:")}-{max_side}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=86400"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    try:
        async with service.runner.view_slots:
            content = await run_in_thread(
                _photo_bytes, service.runner.store.images, image, max_side
            )
    except PhotoError as error:
        raise HTTPException(409, str(error)) from error
    return Response(content, media_type=media_type_for(request, "image/jpeg"), headers=headers)


@router.get(
    "/trace",
    summary="The trace",
    response_class=Response,
    responses={
        200: {
            "description": "The trace, byte for byte",
            "content": {BYTES_TYPE: {}, TRACE_TYPE: {}},
        }
    },
)
async def trace(
    service: TheService, request: Request, case: CaseId, branch: Branch = MAIN
) -> Response:
    """The events as stored, one JSON object per line; see `geoagent verify`."""
    service.require(case, branch)
    await service.note_view(case, branch)
    text = await run_for_route(service.runner.store.trace_text, case, branch)
    return Response(text, media_type=media_type_for(request, TRACE_TYPE))


@router.get(
    "/report",
    summary="The report",
    response_class=Response,
    responses={
        200: {"description": "A file to keep", "content": {}},  # `describe_formats` adds its types
        **problem_responses(406),
    },
)
async def report(
    service: TheService,
    request: Request,
    case: CaseId,
    branch: Branch = MAIN,
    format: Annotated[FormatName, Query(description="Which file.")] = HTML,  # noqa: A002
    language: Annotated[LanguageTag, Query(description="What a report is written in.")] = "en",
) -> Response:
    """The report or the map of the answer as a file to keep; 409 while there is no answer."""
    view = await service.view(case, branch)
    row = named_format(format)
    if row.needs_answer and view.answer is None:
        raise HTTPException(409, f"{case}/{branch}: has no answer yet")
    require_printable(row)
    action: Deed = "handed_on" if row.name == "jsonl" else "exported"
    deed = CaseDeed(action, service.person, WAY, row.name)
    await service.note_deeds(case, branch, [deed], sign=True)
    view = await service.view(case, branch)
    content = await file_content(service, row, language, lambda: row.case_content(view))
    ending = f"-{branch}{row.ending}"
    plain, own = _file_stems(view)
    headers = file_headers(f"{plain}{ending}", f"{own}{ending}")
    return Response(content, media_type=media_type_for(request, row.media_type), headers=headers)


def _file_stems(view: "CaseView") -> tuple[str, str]:
    """Return what files of a case are called: its name, or its photo's while nobody named it.

    The second one has the letters of all scripts.
    """
    if not _UNNAMED.fullmatch(view.case):
        return view.case, view.case
    photo = view.opened.image.name
    plain = name_for(photo)
    if photo.isascii():
        return plain, plain
    stem = photo.rpartition(".")[0] or photo
    words = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in stem).split()
    return plain, "-".join(words)[:_MAX_STEM].strip("-") or plain


def media_type_for(request: Request, own: str) -> str:
    """Return the media type of a file: plain bytes where a client accepts nothing else."""
    accepted = request.headers.get("accept", "").partition(";")[0].strip().lower()
    return BYTES_TYPE if accepted == BYTES_TYPE else own


def file_headers(name: str, own: str | None = None) -> dict[str, str]:
    """Return the headers of a file to keep: its name, and that it may run nothing.

    `name` is plain ASCII; `own` is for clients that know other letters (RFC 6266).
    """
    better = f"; filename*=UTF-8''{quote(own)}" if own is not None and own != name else ""
    return {
        "Content-Disposition": f'attachment; filename="{name}"{better}',
        "Content-Security-Policy": _SANDBOX,
    }


def require_printable(row: Format) -> None:
    """Refuse what needs a browser where there is none, before the trace says that it was taken.

    Raises:
        HTTPException: 406, there is none.
    """
    if row.needs_browser and pdf.find_browser() is None:
        raise HTTPException(
            406, f"{row.title} needs Chromium, Chrome or Edge on the server; take html"
        )


async def file_content(
    service: Service, row: Format, language: LanguageTag, write: Callable[[], Content]
) -> bytes:
    """Return what a format writes, in a language, when its turn has come."""
    slots = service.runner.print_slots if row.needs_browser else service.runner.view_slots
    with use_language(language):
        async with slots:
            content = await run_in_thread(write)
    return content.encode("utf-8", "replace") if isinstance(content, str) else content


def _photo_bytes(images: "ImageStore", image: "ImageRef", max_side: int) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    pixels = images.pixels(image, max_side)
    Image.fromarray(pixels).save(stream, "JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()
