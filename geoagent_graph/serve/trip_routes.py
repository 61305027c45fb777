"""What several photos of one case say together."""

from fastapi import APIRouter

from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.render import wording
from geoagent_graph.render.html.notebook import svg_uri
from geoagent_graph.render.html.trip_report import (
    Views,
    photos_by_time,
    trip_photos,
    trip_warnings,
)
from geoagent_graph.render.html.trip_sections import (
    TripPhoto,
    fit_words,
    time_words,
    trip_headline,
    way_map,
)
from geoagent_graph.serve.problems import problem_responses
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.schemas import TripPhotoState, TripState
from geoagent_graph.serve.service import CaseId, TheService

router = APIRouter(prefix="/v1/cases/{case}", tags=["cases"], responses=problem_responses(404))


@router.get("/trip", summary="Several photos together")
async def read_trip(service: TheService, case: CaseId) -> TripState:
    """The joint result of a case of several photos; without photos it is a case of one."""
    service.require_case(case)
    return await run_for_route(_trip_state, service.runner.store, case)


def _trip_state(store: CaseStore, name: str) -> TripState:
    trip = store.read_trip(name)
    if trip is None:
        return TripState()
    views = {photo.branch: store.read(name, photo.branch) for photo in trip.photos}
    photos = photos_by_time(trip, trip_photos(trip, views, {}))
    states = tuple(_photo_state(trip, photo) for photo in photos)
    if trip.joint is None:
        return TripState(photos=states)
    return _joint_state(trip, views, photos).model_copy(update={"photos": states})


def _joint_state(trip: TripView, views: Views, photos: list[TripPhoto]) -> TripState:
    assert trip.joint is not None
    joined, drawn = trip.joint.joined, way_map(photos)
    return TripState(
        headline=trip_headline(photos),
        fit=", ".join(fit_words(joined)),
        warnings=tuple(trip_warnings(trip, views, joined)),
        map=None if drawn is None else svg_uri(drawn),
    )


def _photo_state(trip: TripView, photo: TripPhoto) -> TripPhotoState:
    joined = photo.joined
    together = None
    if joined is not None:
        share = f" ({wording.percent(joined.together)})" if joined.level != "none" else ""
        together = wording.headline(joined) + share
    return TripPhotoState(
        branch=trip.photos[photo.number - 1].branch,
        number=photo.number,
        name=photo.name,
        time="" if joined is None else time_words(joined.taken),
        together=together,
        alone=photo.alone,
        left_out=photo.left_out,
    )
