"""Where a trip stands: each photo's run, and what they say together."""

from collections.abc import Mapping

from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.store import CaseStore
from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView
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
    fit_sentence,
    time_words,
    trip_headline,
    way_map,
)
from geoagent_graph.serve.route_threads import run_for_route
from geoagent_graph.serve.schemas import (
    BranchState,
    JointClaim,
    RunStatus,
    TripPhotoState,
    TripState,
)
from geoagent_graph.serve.service import Service
from geoagent_graph.trip_types import JoinedPhoto


async def trip_state(service: Service, name: str) -> TripState:
    """Return where a case of several photos stands; whoever asks is interested in all its runs.

    Raises:
        CheckpointError: a trace is damaged or was changed.
    """
    branches = {state.branch: state for state in await service.branches(name)}
    for branch in branches:
        service.runner.subscribers.touch((name, branch))
    return await run_for_route(_read_state, service.runner.store, name, branches)


def _read_state(store: CaseStore, name: str, branches: Mapping[str, BranchState]) -> TripState:
    trip = store.read_trip(name)
    if trip is None:
        first = branches.get(MAIN)
        status = first.status if first else "unfinished"
        return TripState(id=name, status=status, notes=_notes_in(store.read(name)))
    views = {photo.branch: store.read(name, photo.branch) for photo in trip.photos}
    photos = photos_by_time(trip, trip_photos(trip, views, {}))
    states = tuple(_photo_state(trip, photo, branches) for photo in photos)
    notes = _notes_in(views[trip.photos[0].branch])
    status = _status_of(trip, views, [state.status for state in states])
    state = TripState(id=name, status=status, notes=notes, photos=states)
    if trip.joint is None:
        return state
    joined, drawn = trip.joint.joined, way_map(photos)
    return state.model_copy(
        update={
            "headline": trip_headline(photos),
            "fit": fit_sentence(joined),
            "warnings": tuple(trip_warnings(trip, views, joined)),
            "map": None if drawn is None else svg_uri(drawn),
        }
    )


def _notes_in(view: CaseView) -> tuple[str, ...]:
    return tuple(event.text for event in view.events if event.event == "note")


def _status_of(trip: TripView, views: Views, statuses: list[RunStatus]) -> RunStatus:
    """Return the status of all photos together; those that go on come first."""
    order: tuple[RunStatus, ...] = ("running", "queued", "waiting", "failed", "unfinished")
    found = next((status for status in order if status in statuses), None)
    if found is not None:
        return found
    return "answered" if trip.is_current(dict(views)) else "unfinished"


def _photo_state(
    trip: TripView, photo: TripPhoto, branches: Mapping[str, BranchState]
) -> TripPhotoState:
    branch, joined = trip.photos[photo.number - 1].branch, photo.joined
    run = branches.get(branch)
    return TripPhotoState(
        branch=branch,
        number=photo.number,
        name=photo.name,
        status=run.status if run else "unfinished",
        steps=run.steps if run else 0,
        time="" if joined is None else time_words(joined.taken),
        together=None if joined is None else _together_words(joined),
        joint=None if joined is None else _joint_claim(joined),
        alone=photo.alone,
        left_out=photo.left_out,
    )


def _together_words(joined: JoinedPhoto) -> str:
    share = f" ({wording.percent(joined.together)})" if joined.level != "none" else ""
    return wording.headline(joined) + share


def _joint_claim(joined: JoinedPhoto) -> JointClaim:
    return JointClaim(
        level=joined.level,
        probability=joined.together,
        lat_deg=joined.lat_deg,
        lon_deg=joined.lon_deg,
        radius_km=joined.radius_km,
    )
