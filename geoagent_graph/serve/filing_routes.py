"""Routes that look after cases: another name, tags, put away and back."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from geoagent_graph.call_threads import run_in_thread
from geoagent_graph.cases.filing import file_case
from geoagent_graph.cases.labels import MAX_TAGS, Tag
from geoagent_graph.cases.names import MAIN, NAME_PATTERN
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.schemas import CaseState
from geoagent_graph.serve.service import CaseId, TheService
from geoagent_graph.types import FrozenModel

router = APIRouter(prefix="/v1", tags=["cases"])
Tags = Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)]


class FilingRequest(FrozenModel):
    """How a case is to be filed; what is left out stays as it is."""

    name: Annotated[str, Field(pattern=NAME_PATTERN)] | None = None
    add_tags: Tags = ()
    remove_tags: Tags = ()
    archived: bool | None = None


@router.patch(
    "/cases/{case}",
    summary="Rename, tag or archive a case",
    responses=problem_responses(400, 404, 408, 409, 413),
)
async def file(
    service: TheService, response: Response, case: CaseId, change: FilingRequest
) -> CaseState:
    """File a case; its address is another one after a new name, see `Location`.

    A case that runs or waits for its turn cannot be renamed: 409.
    """
    service.require(case, MAIN)
    store, new = service.runner.store, change.name
    if change.add_tags or change.remove_tags or change.archived is not None:
        await run_in_thread(
            lambda: file_case(
                store,
                case,
                add=change.add_tags,
                remove=change.remove_tags,
                archived=change.archived,
            )
        )
    if new is not None and new != case:
        if service.runner.is_busy(case):
            raise HTTPException(409, f"{case}: its run goes on; stop it or wait, then rename it")
        await service.runner.rename(case, new, service.person)
    response.headers["Location"] = f"/v1/cases/{new or case}"
    return await service.state(new or case)
