"""Several photos of one trip: sent together, followed, and what they say together."""

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from starlette.exceptions import HTTPException

from geoagent_graph.cases.custody import CaseDeed, add_trip_deeds
from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.questions import Ask
from geoagent_graph.render.formats.format import Content, Format
from geoagent_graph.render.formats.table import named_format
from geoagent_graph.serve.begin_case import (
    Context,
    Countries,
    Near,
    known_of,
    refuse_unknown_fields,
    run_options,
)
from geoagent_graph.serve.begin_trip import TRIP_FORM_LIMITS, create_trip
from geoagent_graph.serve.case_runner import WAY
from geoagent_graph.serve.file_routes import (
    file_content,
    file_headers,
    media_type_for,
    require_printable,
)
from geoagent_graph.serve.format_name import BYTES_TYPE, HTML, FormatName
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.schemas import TripState
from geoagent_graph.serve.service import CaseId, Service, TheService
from geoagent_graph.serve.trip_state import trip_state
from geoagent_graph.serve.waiting import POLL_SECONDS, WaitSeconds
from geoagent_graph.translation import LanguageTag
from geoagent_graph.trip_types import MAX_PHOTOS

if TYPE_CHECKING:
    from geoagent_graph.cases.events import Deed

router = APIRouter(prefix="/v1", tags=["trips"])


@router.post(
    "/trips",
    status_code=201,
    summary="Begin a trip",
    responses=problem_responses(400, 408, 413),
    form_limits=TRIP_FORM_LIMITS,
    dependencies=[Depends(refuse_unknown_fields)],
)
async def begin_trip(
    service: TheService,
    response: Response,
    photos: Annotated[
        list[UploadFile],
        File(
            min_length=1,
            description=f"At most {MAX_PHOTOS} photos of one trip; one of them may be a video "
            "(MP4, MOV, WebM), of which the frames count where its picture changes.",
        ),
    ],
    times: Annotated[
        str,
        Form(
            description="When they were taken, one for each photo in their order, separated by "
            "commas and empty where unknown: 2024-05-01T10:35,,2024-05-01T12:00+02:00."
        ),
    ] = "",
    ask: Annotated[Ask, Form(description="After which verdicts to ask a person.")] = "never",
    use_exif: Annotated[bool, Form(description="Hear what the files claim of themselves.")] = True,
    near: Near = "",
    countries: Countries = "",
    context: Context = "",
    wait: WaitSeconds = 0.0,
) -> TripState:
    """Store photos as one case and let all run; once each has its answer they are weighed together.

    A file that cannot be used takes no part: `refused` names it. `near`, `countries` and `context`
    count for every photo. With `wait`, the reply comes once all is done or the time is over; ask
    `Location` for the rest. Every photo is a branch of the case, which is deleted as a whole.
    """
    options = run_options(ask, use_exif, known_of(near, countries, context))
    name, refused = await create_trip(service, photos, times, options)
    await _wait_for_trip(service, name, wait)
    response.headers["Location"] = f"/v1/cases/{name}/trip"
    state = await trip_state(service, name)
    return state.model_copy(update={"refused": refused})


@router.get(
    "/cases/{case}/trip", summary="Several photos together", responses=problem_responses(404)
)
async def read_trip(service: TheService, case: CaseId, wait: WaitSeconds = 0.0) -> TripState:
    """The joint result of a case of several photos; without photos it is a case of one.

    With `wait`, once nothing of it runs any more or the time is over.
    """
    service.require_case(case)
    await _wait_for_trip(service, case, wait)
    return await trip_state(service, case)


@router.get(
    "/cases/{case}/trip/report",
    tags=["files"],
    summary="The report of several photos",
    response_class=Response,
    responses={
        200: {"description": "A file to keep", "content": {BYTES_TYPE: {}}},
        **problem_responses(404, 406, 409),
    },
)
async def trip_report(
    service: TheService,
    request: Request,
    case: CaseId,
    format: Annotated[FormatName, Query(description="Which file.")] = HTML,  # noqa: A002
    language: Annotated[LanguageTag, Query(description="What a report is written in.")] = "en",
) -> Response:
    """The report of all photos of a case as a file to keep; 409 before they were weighed."""
    service.require_case(case)
    store, row = service.runner.store, named_format(format)
    trip = await run_for_route(store.read_trip, case)
    if trip is None or trip.joint is None:
        raise HTTPException(409, f"{case}: has no photos that were weighed together")
    require_printable(row)
    row.require_possible("trip", case)
    action: Deed = "handed_on" if row.name == "jsonl" else "exported"
    deed = CaseDeed(action, service.person, WAY, row.name)
    await service.runner.change(
        case, MAIN, lambda held: add_trip_deeds(held, [deed], sign=True), beside_run=True
    )
    content = await file_content(service, row, language, lambda: _trip_content(store, case, row))
    headers = file_headers(f"{case}-trip{row.ending}")
    return Response(content, media_type=media_type_for(request, row.media_type), headers=headers)


def _trip_content(store: CaseStore, case: str, row: Format) -> Content:
    trip = store.read_trip(case)
    assert trip is not None  # its caller has looked
    return row.trip_content(trip, {p.branch: store.read(case, p.branch) for p in trip.photos})


async def _wait_for_trip(service: Service, name: str, seconds: float) -> None:
    """Return once no photo of a case runs or waits, or after some seconds."""
    runner, now = service.runner, asyncio.get_running_loop().time
    ends = now() + seconds
    while runner.is_busy(name) and not runner.closing.is_set() and now() < ends:
        for branch in runner.store.branches(name):
            runner.subscribers.touch((name, branch))
        await asyncio.sleep(min(POLL_SECONDS / 4, max(0.0, ends - now())))
