"""Several photos in one case, on the command line: what is given, and what they are together."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.branch_text import branch_json, exit_status, question_text
from geoagent_graph.cli.photos import STDIN, photo_label, read_photos
from geoagent_graph.cli.streams import write_result
from geoagent_graph.errors import InputError
from geoagent_graph.render import wording
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.safe_text import visible

MAX_PLACES = 5  # per level; --json has all

if TYPE_CHECKING:
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.cases.trip.trip_case import PhotoIn
    from geoagent_graph.cases.trip.trip_events import PhotoAdded
    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView
    from geoagent_graph.settings import Settings
    from geoagent_graph.trip_types import JoinedPhoto


def photos_in(arguments: list[str], times: str | None, settings: "Settings") -> "list[PhotoIn]":
    """Return the photos that were asked for, with the times that a person gives.

    A video stands for its frames, which have their times since it began.

    Raises:
        InputError: there are more or fewer times than photos, or one cannot be read.
        PhotoError: standard input is empty or too large.
    """
    from geoagent_graph.cases.trip.trip_case import PhotoIn
    from geoagent_graph.cases.trip.trip_photos import is_video_file, photos_of_video
    from geoagent_graph.trip_types import MAX_PHOTOS, parse_times

    if len(arguments) > MAX_PHOTOS:
        raise InputError(f"{len(arguments)} photos: a case holds at most {MAX_PHOTOS}")
    given = times.split(",") if times is not None else [""] * len(arguments)
    if len(given) != len(arguments):
        raise InputError(f"{len(given)} times for {len(arguments)} photos: give one for each")
    taken = parse_times(given)
    sources = read_photos(arguments, settings.max_bytes)
    films = sum(map(is_video_file, sources))
    if films > 1:
        raise InputError(f"{films} videos: a trip has the times of one; begin a case for each")
    photos: list[PhotoIn] = []
    for source, name, moment in zip(sources, arguments, taken, strict=True):
        if is_video_file(source):
            called, most = photo_label(Path(name).name), MAX_PHOTOS - len(arguments) + 1
            photos += photos_of_video(source, called, settings, most)
        else:
            photos.append(PhotoIn(source, photo_label(name) if name == STDIN else None, moment))
    return photos


def photo_views(store: "CaseStore", trip: "TripView") -> "dict[str, CaseView]":
    """Return the first branch of every photo of a case."""
    name = trip.case
    return {photo.branch: store.read(name, photo.branch) for photo in trip.photos}


def show_trip_end(store: "CaseStore", trip: "TripView", *, as_json: bool) -> int:
    """Print what the photos of a case are together; return the exit status."""
    views = photo_views(store, trip)
    if as_json:
        write_result(json_text(trip_json(trip, views), indent=2) + "\n")
    else:
        write_result("\n".join(trip_lines(trip, views)) + "\n")
        for branch, view in views.items():
            if view.question is not None:
                write_result(question_text(view.question, f"{trip.case}/{branch}"))
    return trip_status(trip, views)


def trip_status(trip: "TripView", views: "dict[str, CaseView]") -> int:
    """Return 4 where a photo waits for a reply, 3 where no photo has a place, else 0."""
    if any(view.question is not None for view in views.values()):
        return exit_codes.WAITING
    joined = [trip.joined(branch) for branch in views]
    if all(photo is None for photo in joined):
        return max(exit_status(view) for view in views.values())
    claims = any(photo is not None and photo.level != "none" for photo in joined)
    return exit_codes.ANSWERED if claims else exit_codes.ABSTAINED


def trip_json(trip: "TripView", views: "dict[str, CaseView]") -> dict[str, Any]:
    """Return a case of several photos as JSON: each photo, and what they are together."""
    return {
        "case": trip.case,
        "head": trip.head,
        "current": trip.is_current(views),
        "joint": trip.joint.model_dump(mode="json") if trip.joint else None,
        "photos": [branch_json(view) for view in views.values()],
    }


def trip_lines(trip: "TripView", views: "dict[str, CaseView]") -> Iterator[str]:
    """Yield what the photos of a case are together, as people read it."""
    yield f"{trip.case}: {len(trip.photos)} photos of one trip"
    joint = trip.joint
    if joint is None:
        yield "they have not been weighed together yet"
    elif views and not trip.is_current(views):
        name = trip.case
        yield f"an answer has changed since they were weighed together: geoagent resume {name}"
    if joint is not None and joint.joined.contradiction:
        yield f"contradiction: {visible(joint.joined.contradiction, 2000)}"
    for photo in trip.photos:
        yield ""
        yield from _photo_lines(trip, photo, views.get(photo.branch))
    if joint is not None:
        yield ""
        for warning in joint.joined.warnings:
            yield f"warning: {visible(warning)}"
    for event in trip.events:
        if event.event in ("custody", "signature"):
            yield f"{event.time[:16]} UTC: {visible(event.sentence)}"
    yield f"last hash {trip.head}"


def _photo_lines(trip: "TripView", photo: "PhotoAdded", view: "CaseView | None") -> Iterator[str]:
    joined = trip.joined(photo.branch)
    name = visible(photo.image.name, 60)
    yield f"photo {trip.number(photo.branch)}, {photo.branch}: {name}{_time_words(joined)}"
    if view is not None:
        yield f"  alone     {_alone_words(view)}"
    if joined is not None:
        yield from _together_lines(joined)
    for left_out in trip.joint.left_out if trip.joint else ():
        if left_out.branch == photo.branch:
            yield f"  took no part: {visible(left_out.reason)}"


def _together_lines(joined: "JoinedPhoto") -> Iterator[str]:
    share = f" ({wording.percent(joined.together)})" if joined.level != "none" else ""
    yield f"  together  {visible(wording.headline(joined))}{share}"
    if joined.level != "none":
        within = wording.distance(joined.radius_km)
        yield f"  point     {joined.lat_deg:.5f}, {joined.lon_deg:.5f}, within {within}"
    for words in joined.because:
        yield f"            {visible(words, 1000)}"


def _alone_words(view: "CaseView") -> str:
    if view.answer is None:
        return view.status
    words = visible(wording.headline(view.answer))
    if view.answer.level == "none":
        return words
    return f"{words} ({wording.percent(view.answer.probability)})"


def side_by_side(trip: "TripView") -> Iterator[str]:
    """Yield each photo's candidates, alone and together with the others."""
    for photo in trip.photos:
        joined = trip.joined(photo.branch)
        if joined is None:
            continue
        yield f"photo {trip.number(photo.branch)}, {photo.branch}: {visible(photo.image.name, 60)}"
        yield f"{'':32}{'alone':>12}{'together':>12}"
        for level, candidates in joined.levels.items():
            yield f"  {level}"
            for candidate in candidates[:MAX_PLACES]:
                shares = f"{candidate.prior:>12.1%}{candidate.probability:>12.1%}"
                yield f"    {visible(candidate.place.name, 27):28}{shares}"


def _time_words(joined: "JoinedPhoto | None") -> str:
    if joined is None:
        return ""
    if joined.taken is None:
        return ", no time known"
    source = "its file claims" if joined.taken.said_by == "file" else "a person says"
    return f", {source} {visible(joined.taken.text)}"
