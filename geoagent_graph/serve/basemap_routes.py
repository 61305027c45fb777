"""The basemap as a file that the page reads in parts; nothing of it comes from elsewhere."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.service import TheService

router = APIRouter(prefix="/v1", tags=["map"])
PMTILES: Final = "application/vnd.pmtiles"


@router.get(
    "/basemap",
    summary="The basemap, in parts",
    response_class=Response,
    responses={
        200: {"description": "The whole PMTiles file", "content": {PMTILES: {}}},
        206: {"description": "The bytes that `Range` names", "content": {PMTILES: {}}},
        416: {"description": "The file has no such bytes"},
        **problem_responses(404),
    },
)
async def basemap(service: TheService) -> Response:
    """The PMTiles file that the server was started with; 404 where it was started without."""
    found = service.basemap
    if found is None or not found.path.is_file():
        raise HTTPException(404, "this server has no basemap; start it with --basemap FILE")
    return FileResponse(
        found.path,
        media_type=PMTILES,
        headers={"Cache-Control": "private, no-cache"},
    )
