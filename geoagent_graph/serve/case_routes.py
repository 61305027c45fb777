"""Routes that begin cases and show them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, Query, Response, UploadFile
from starlette.exceptions import HTTPException

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.cases.case_search import CaseSearch, Filed
from geoagent_graph.cases.filing import search_cases
from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.verification import verify_case
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
from geoagent_graph.serve.schemas import (
    About,
    CaseList,
    CaseState,
    StepState,
    VerificationState,
)
from geoagent_graph.serve.service import Branch, CaseId, TheService
from geoagent_graph.serve.trace_cache import candidates_of
from geoagent_graph.serve.waiting import WaitSeconds, wait_until_ended
from geoagent_graph.types import Answer

router = APIRouter(prefix="/v1", tags=["cases"])


@router.get("/about", summary="What this server is")
async def about(service: TheService) -> About:
    """Version, policy and limits of this server."""
    return service.about


@router.post(
    "/cases",
    status_code=201,
    summary="Begin a case",
    responses=problem_responses(400, 408, 413),
    form_limits=FORM_LIMITS,
    dependencies=[Depends(refuse_unknown_fields)],
)
async def begin(
    service: TheService,
    response: Response,
    photo: Annotated[UploadFile, File(description="The photo.")],
    ask: Annotated[Ask, Form(description="After which verdicts to ask a person.")] = "never",
    use_exif: Annotated[bool, Form(description="Hear what the file claims about itself.")] = True,
    near: Near = "",
    countries: Countries = "",
    context: Context = "",
) -> CaseState:
    """Store a photo and let its run begin; it queues where enough cases run.

    The run goes on to its end whether anybody asks or not, unless the server was started to stop
    runs that nobody watches.
    """
    name = await begin_case(service, photo, ask, use_exif, known_of(near, countries, context))
    response.headers["Location"] = f"/v1/cases/{name}"
    return await service.state(name)


@router.get("/cases", summary="List the cases")
async def cases(
    service: TheService,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Newer ones to leave out.")] = 0,
    q: Annotated[
        str, Query(max_length=500, description="Words of name, photo, place, tags, notes, day.")
    ] = "",
    tag: Annotated[list[str] | None, Query(max_length=50, description="With all of these.")] = None,
    since: Annotated[date | None, Query(description="Begun on this day (UTC) or later.")] = None,
    until: Annotated[date | None, Query(description="Begun on this day (UTC) or earlier.")] = None,
    filed: Annotated[Filed, Query(description="Whether those that were put away.")] = "open",
) -> CaseList:
    """The cases that fit, of those that are not put away; what was changed last comes first."""
    store, wanted = service.runner.store, CaseSearch(q, tuple(tag or ()), since, until, filed)
    names = await run_in_thread(search_cases, store, wanted)
    away = await run_in_thread(search_cases, store, CaseSearch(filed="archived"))
    rows = []
    for row in await service.views.rows(names[offset : offset + limit]):
        now = tuple(service.now(row.id, branch) for branch in row.branches)
        rows.append(row.model_copy(update={"branches": now}))
    return CaseList(cases=tuple(rows), total=len(names), archived=len(away))


@router.get("/cases/{case}", summary="A case as it stands", responses=problem_responses(404, 409))
async def show(
    service: TheService, case: CaseId, branch: Branch = MAIN, wait: WaitSeconds = 0.0
) -> CaseState:
    """Where a branch of a case stands: its candidates, its question, its answer.

    With `wait`, once its run has ended or the time is over.
    """
    state = await wait_until_ended(service, case, branch, wait)
    await service.note_view(case, branch)
    return state


@router.delete(
    "/cases/{case}",
    status_code=204,
    summary="Delete a case",
    responses=problem_responses(404, 409),
)
async def delete(service: TheService, case: CaseId) -> None:
    """End its runs and delete it with all branches, and the photos that no other case holds."""
    service.require_case(case)
    await service.runner.delete(case)


@router.get(
    "/cases/{case}/steps/{number}",
    summary="One step in full",
    responses=problem_responses(404, 409),
)
async def step(
    service: TheService,
    case: CaseId,
    number: Annotated[int, Path(ge=0, le=100_000)],
    branch: Branch = MAIN,
) -> StepState:
    """A step with its tool calls, and its candidates before and after the evidence."""
    view = await service.view(case, branch)
    for event in view.events:
        if event.event == "step" and event.step.index == number:
            return StepState(
                seq=event.seq,
                time=event.time,
                hash=event.hash,
                step=event.step,
                candidates=candidates_of(event.step.detail),
            )
    raise HTTPException(404, f"{number}: no such step; the last one is {len(view.steps) - 1}")


@router.get("/cases/{case}/answer", summary="The answer", responses=problem_responses(404, 409))
async def answer(service: TheService, case: CaseId, branch: Branch = MAIN) -> Answer:
    """The answer with all its steps and tool calls; 409 while there is none."""
    view = await service.view(case, branch)
    if view.answer is None:
        raise HTTPException(409, f"{case}/{branch}: has no answer yet")
    return view.answer


@router.get(
    "/cases/{case}/verify", summary="Whether the trace holds", responses=problem_responses(404, 409)
)
async def verify(service: TheService, case: CaseId, branch: Branch = MAIN) -> VerificationState:
    """Check the hash chain, the stored photo, and the checkpoints behind the trace."""
    service.require(case, branch)
    found = await verify_case(service.runner.store, case, branch)
    return VerificationState(
        holds=found.holds, checked=found.checked, problems=found.problems, head=found.head
    )
