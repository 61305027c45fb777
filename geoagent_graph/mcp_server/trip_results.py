"""What the tools for several photos return."""

from collections.abc import Mapping, Sequence

from geoagent_graph.cases.trip.trip_photos import RefusedPhoto
from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView, Status
from geoagent_graph.render import wording
from geoagent_graph.render.html.trip_report import photos_by_time, trip_photos, trip_warnings
from geoagent_graph.render.html.trip_sections import (
    TripPhoto,
    fit_sentence,
    time_words,
    trip_headline,
)
from geoagent_graph.safe_text import visible
from geoagent_graph.types import ClaimLevel, FrozenModel


class TripPhotoResult(FrozenModel):
    """One photo: where it was taken with the others, and by itself.

    `level` none claims nothing, and there is no point. `because` says what the others change.
    """

    branch: str
    photo: str
    status: Status
    time: str
    together: str
    level: ClaimLevel
    probability: float
    lat_deg: float | None
    lon_deg: float | None
    radius_km: float | None
    because: tuple[str, ...]
    by_itself: str


class TripResult(FrozenModel):
    """What the photos of a case say together, in the order of their times.

    `headline` is None before they were weighed together. `refused` are the files that took no part.
    """

    case: str
    headline: str | None
    fit: str | None
    warnings: tuple[str, ...]
    refused: tuple[RefusedPhoto, ...]
    photos: tuple[TripPhotoResult, ...]


def trip_result(
    trip: TripView, views: Mapping[str, CaseView], refused: Sequence[RefusedPhoto] = ()
) -> TripResult:
    """Return where several photos stand as their traces tell it."""
    photos = photos_by_time(trip, trip_photos(trip, views, {}))
    joined = trip.joint.joined if trip.joint else None
    return TripResult(
        case=trip.case,
        headline=trip_headline(photos) if joined else None,
        fit=fit_sentence(joined) if joined else None,
        warnings=tuple(map(visible, trip_warnings(trip, views, joined))) if joined else (),
        refused=tuple(refused),
        photos=tuple(_photo_result(trip, views, photo) for photo in photos),
    )


def _photo_result(
    trip: TripView, views: Mapping[str, CaseView], photo: TripPhoto
) -> TripPhotoResult:
    branch, joined = trip.photos[photo.number - 1].branch, photo.joined
    claims = joined is not None and joined.level != "none"
    return TripPhotoResult(
        branch=branch,
        photo=visible(photo.name),
        status=views[branch].status,
        time=time_words(joined.taken) if joined else "",
        together=wording.headline(joined) if joined else (photo.left_out or "not weighed yet"),
        level=joined.level if joined else "none",
        probability=joined.together if joined else 0.0,
        lat_deg=joined.lat_deg if joined and claims else None,
        lon_deg=joined.lon_deg if joined and claims else None,
        radius_km=joined.radius_km if joined and claims else None,
        because=tuple(map(visible, joined.because)) if joined else (),
        by_itself=photo.alone,
    )
