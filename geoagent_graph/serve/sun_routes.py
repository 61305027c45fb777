"""What a shadow in the photo of a case says, before it is added as a clue."""

from fastapi import APIRouter

from geoagent_graph.cases.names import MAIN
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.sun.report import SunQuestion, SunReport, sun_report
from geoagent_graph.geo.positions import parse_position
from geoagent_graph.protocols import Photo
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.schemas import SunRequest
from geoagent_graph.serve.service import Branch, CaseId, TheService
from geoagent_graph.sun_marks import MarkedPhoto
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import ImageRef

router = APIRouter(
    prefix="/v1/cases/{case}", tags=["steering"], responses=problem_responses(400, 404, 413, 422)
)


@router.post("/sun", summary="Measure a shadow")
async def measure_sun(
    service: TheService, case: CaseId, asked: SunRequest, branch: Branch = MAIN
) -> SunReport:
    """Say how high the sun stood, and where, or at a place when; nothing is added to the case."""
    opened = (await service.view(case, branch)).opened
    where = {}
    if asked.position is not None:
        lat_deg, lon_deg = parse_position(asked.position)
        where = {"lat_deg": lat_deg, "lon_deg": lon_deg}
    question = SunQuestion.model_validate({"said": asked.said, "day": asked.day, **where})
    hears_file = opened.options.use_exif
    return await run_for_route(
        _report_of, question, opened.image, service.runner.tools, hears_file=hears_file
    )


def _report_of(
    question: SunQuestion, image: ImageRef, tools: Toolbox, *, hears_file: bool
) -> SunReport:
    focal_mm = None
    if hears_file and tools.exif_reader is not None:
        claims = tools.exif_reader.read(Photo(image, tools.images).original())
        focal_mm = claims.focal_35mm_mm
    photo = MarkedPhoto(width=image.width, height=image.height, focal_35mm_mm=focal_mm)
    evidence = tools.evidence if isinstance(tools.evidence, BayesEvidence) else None
    return sun_report(question, photo, evidence)
