"""Routes by which people steer a case."""

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.exceptions import HTTPException

from geoagent_graph.cases.additions import add_to_case, undo_last
from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.sun_check import require_measurable
from geoagent_graph.questions import Reply, Statement, read_reply
from geoagent_graph.serve.case_runner import RunRequest
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.schemas import (
    CaseState,
    ForkRequest,
    NoteRequest,
    ResumeRequest,
    VetoRequest,
)
from geoagent_graph.serve.service import Branch, CaseId, TheService

router = APIRouter(
    prefix="/v1/cases/{case}",
    tags=["steering"],
    responses=problem_responses(400, 404, 408, 409, 413),
)
AnyReply = Annotated[Reply, Body(discriminator="kind")]
AddedStatement = Annotated[Statement, Body(discriminator="kind")]


@router.post("/resume", status_code=202, summary="Go on")
async def resume(
    service: TheService, case: CaseId, change: ResumeRequest | None = None, branch: Branch = MAIN
) -> CaseState:
    """Let a stopped run go on, or take one step; nothing happens where it runs already."""
    service.require(case, branch)
    one_step = change is not None and change.one_step
    await service.runner.resume(case, branch, RunRequest(one_step=one_step))
    return await service.state(case, branch)


@router.post("/answer", status_code=202, summary="Reply to the open question")
async def reply(
    service: TheService, case: CaseId, reply: AnyReply, branch: Branch = MAIN
) -> CaseState:
    """Reply to the question that waits; one that does not fit is refused and it stays open."""
    view = await service.view(case, branch)
    question = view.question
    if question is None or service.runner.status(case, branch) is not None:
        raise HTTPException(409, f"{case}/{branch}: no question is open")
    fitting = require_measurable(
        read_reply(reply.model_dump(mode="json"), question), view.opened.image
    )
    await service.note_change(case, branch, f"reply: {fitting.kind}")
    run_request = RunRequest(reply=fitting.model_dump(mode="json"), question=question)
    await service.runner.resume(case, branch, run_request)
    return await service.state(case, branch)


@router.post("/fork", status_code=201, summary="Make a branch")
async def fork(
    service: TheService, case: CaseId, change: ForkRequest, branch: Branch = MAIN
) -> CaseState:
    """Make a branch that leaves this one after a step, with places set, and let it run."""
    service.require(case, branch)
    made = await service.runner.change(
        case,
        branch,
        lambda held: held.fork(change.at_step, change.set, change.name),
        beside_run=True,
    )
    await service.note_change(case, made, "fork")
    await service.runner.resume(case, made, RunRequest())
    return await service.state(case, made)


@router.post("/veto", status_code=202, summary="Exclude a place")
async def veto(
    service: TheService, case: CaseId, change: VetoRequest, branch: Branch = MAIN
) -> CaseState:
    """Exclude a place for a reason; the run goes back to its level and on from there."""
    service.require(case, branch)
    await service.runner.change(case, branch, lambda held: held.veto(change.place, change.because))
    await service.note_change(case, branch, "veto")
    await service.runner.resume(case, branch, RunRequest())
    return await service.state(case, branch)


@router.post("/clues", status_code=202, summary="Add what you see")
async def add_clue(
    service: TheService, case: CaseId, statement: AddedStatement, branch: Branch = MAIN
) -> CaseState:
    """Add text, a place, an area or a time, also to a finished case; it is judged anew with it.

    A drawn area takes the place of the one before, countries that of countries.
    """
    service.require(case, branch)
    said = statement.model_dump(mode="json")
    await service.runner.change(case, branch, lambda held: add_to_case(held, said))
    await service.note_change(case, branch, f"clue: {statement.kind}")
    await service.runner.resume(case, branch, RunRequest())
    return await service.state(case, branch)


@router.post("/undo", status_code=202, summary="Take back the last change")
async def undo(service: TheService, case: CaseId, branch: Branch = MAIN) -> CaseState:
    """Take back the last thing a person did; it stays in the trace, and the run judges anew."""
    service.require(case, branch)
    await service.runner.change(case, branch, undo_last)
    await service.note_change(case, branch, "undo")
    await service.runner.resume(case, branch, RunRequest())
    return await service.state(case, branch)


@router.post("/notes", status_code=202, summary="Add a note")
async def note(
    service: TheService, case: CaseId, change: NoteRequest, branch: Branch = MAIN
) -> CaseState:
    """Add a note to the trace; it changes nothing in the run."""
    service.require(case, branch)
    await service.runner.change(
        case, branch, lambda held: held.note(change.text, service.person), beside_run=True
    )
    return await service.state(case, branch)


@router.post("/stop", status_code=202, summary="Stop the run")
async def stop(service: TheService, case: CaseId, branch: Branch = MAIN) -> CaseState:
    """Stop a run, or take it out of the queue; what is stored stays and can be resumed."""
    service.require(case, branch)
    await service.runner.stop(case, branch)
    return await service.state(case, branch)
