"""What a shadow in the photo of a case says, before it is added as a clue."""

from fastapi import APIRouter

from geoagent_graph.cases.names import MAIN
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.sun.report import SunQuestion, SunReport, sun_report
from geoagent_graph.positions.forms import parse_position
from geoagent_graph.protocols import EvidenceModel, ExifReader, Photo
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.schemas import SunRequest
from geoagent_graph.serve.service import Branch, CaseId, TheService
from geoagent_graph.sun_marks import MarkedPhoto

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
    photo = Photo(opened.image, service.runner.store.images)
    reader = service.runner.tools.exif_reader if opened.options.use_exif else None
    return await run_for_route(_report_of, question, photo, reader, service.runner.tools.evidence)


def _report_of(
    question: SunQuestion, photo: Photo, reader: ExifReader | None, evidence: EvidenceModel
) -> SunReport:
    focal_mm = None if reader is None else reader.read(photo.original()).focal_35mm_mm
    image = photo.image
    marked = MarkedPhoto(width=image.width, height=image.height, focal_35mm_mm=focal_mm)
    return sun_report(question, marked, evidence if isinstance(evidence, BayesEvidence) else None)
