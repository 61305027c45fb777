"""One call, one answer: for programs that want no case to follow."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile
from starlette.exceptions import HTTPException

from geoagent_graph.cases.names import MAIN
from geoagent_graph.questions import Ask
from geoagent_graph.serve.begin_case import (
    FORM_LIMITS,
    Context,
    Countries,
    Near,
    begin_case,
    known_of,
    refuse_unknown_fields,
)
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.schemas import CaseState
from geoagent_graph.serve.service import TheService
from geoagent_graph.serve.waiting import GOING_ON, WaitSeconds, wait_until_ended

router = APIRouter(prefix="/v1", tags=["cases"])


@router.post(
    "/locate",
    summary="Locate a photo in one call",
    responses={
        200: {"description": "The run has ended; `answer` holds where the photo was taken"},
        202: {"description": "It goes on; ask for `Location` again", "model": CaseState},
        **problem_responses(400, 408, 413, 500),
    },
    form_limits=FORM_LIMITS,
    dependencies=[Depends(refuse_unknown_fields)],
)
async def locate(
    service: TheService,
    response: Response,
    photo: Annotated[UploadFile, File(description="The photo.")],
    ask: Annotated[Ask, Form(description="After which verdicts to ask a person.")] = "never",
    use_exif: Annotated[bool, Form(description="Hear what the file claims about itself.")] = True,
    near: Near = "",
    countries: Countries = "",
    context: Context = "",
    wait: WaitSeconds = 60.0,
) -> CaseState:
    """Begin a case and wait for its answer; the run goes on where the wait ends before it.

    500 where the run failed; its case stays, at `Location`, and can be resumed.
    """
    name = await begin_case(service, photo, ask, use_exif, known_of(near, countries, context))
    where = {"Location": f"/v1/cases/{name}"}
    state = await wait_until_ended(service, name, MAIN, wait)
    if state.status == "failed":
        raise HTTPException(500, f"{name}: {state.problem}", where)
    response.headers.update(where)
    response.status_code = 202 if state.status in GOING_ON else 200
    return state
