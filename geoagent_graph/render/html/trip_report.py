"""The report of a case of several photos, drawn from their traces and the joint trace."""

from collections.abc import Mapping

from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView
from geoagent_graph.render import wording
from geoagent_graph.render.claim import joint_result
from geoagent_graph.render.html.case_report import (
    NOBODY,
    Deed,
    custody_section,
    deeds_of_people,
    list_section,
    traces_of,
)
from geoagent_graph.render.html.html_report import html_page, limits_section, warnings_box
from geoagent_graph.render.html.markup import element
from geoagent_graph.render.html.trace_check import check_section
from geoagent_graph.render.html.trip_sections import (
    ASKED,
    TripPhoto,
    photo_section,
    trip_header,
    trip_headline,
    way_section,
)
from geoagent_graph.render.photo_name import short_name
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import gettext
from geoagent_graph.trip_types import Joined

Views = Mapping[str, CaseView]


def trip_html(trip: TripView, views: Views, pictures: Mapping[str, str | None]) -> str:
    """Return the report as one HTML document; `pictures` are `data:image/jpeg` URIs by branch.

    Raises:
        InputError: the photos have not been weighed together.
    """
    joined, photos = joint_result(trip), trip_photos(trip, views, pictures)
    main = element(
        "main",
        {"class": "page"},
        trip_header(photos, joined),
        *warnings_box(trip_warnings(trip, views, joined)),
        *way_section(photos_by_time(trip, photos)),
        *(photo_section(photo) for photo in photos),
        list_section("people", gettext("What people did"), deeds_by_photo(trip, views)),
        *custody_section(trip, *views.values()),
        list_section("verify", gettext("How to verify this report"), verification_steps(trip)),
        *check_section(trip_traces(trip, views)),
        limits_section(),
        element("footer", {}, element("p", {}, gettext(wording.ATTRIBUTION))),
    )
    return html_page(f"{gettext(ASKED)} {trip_headline(photos)}", main)


def trip_photos(
    trip: TripView, views: Views, pictures: Mapping[str, str | None]
) -> list[TripPhoto]:
    """Return the photos of a trip as its report shows them, in the order they were added."""
    left_out = {item.branch: item.reason for item in trip.joint.left_out} if trip.joint else {}
    found = []
    for number, photo in enumerate(trip.photos, start=1):
        view = views[photo.branch]
        alone = gettext("no answer yet")
        if view.answer is not None:
            alone = wording.headline(view.answer)
            if view.answer.level != "none":
                alone += f" ({wording.percent(view.answer.probability)})"
        command = f"geoagent export {trip.case}/{photo.branch} --html FILE"
        found.append(
            TripPhoto(
                number=number,
                name=short_name(photo.image),
                alone=alone,
                joined=trip.joined(photo.branch),
                on_way=photo.branch in trip.path,
                report=command,
                picture=pictures.get(photo.branch),
                left_out=left_out.get(photo.branch),
            )
        )
    return found


def photos_by_time(trip: TripView, photos: list[TripPhoto]) -> list[TripPhoto]:
    """Return the photos in the order of their times, those without one after them."""
    place = {branch: index for index, branch in enumerate(trip.path)}
    order = {n: place.get(p.branch, len(place)) for n, p in enumerate(trip.photos, start=1)}
    return sorted(photos, key=lambda photo: order[photo.number])


def trip_warnings(trip: TripView, views: Views, joined: Joined) -> list[str]:
    """Return what must be known first about a joint result."""
    said = [say_stored(joined.contradiction)] if joined.contradiction else []
    if not trip.is_current(dict(views)):
        said.append(gettext("an answer has changed since the photos were weighed together"))
    return [*said, *joined.warnings]


def acts_by_photo(trip: TripView, views: Views) -> list[str]:
    """Return what people did with each photo, as sentences."""
    deeds = deeds_by_photo(trip, views)
    return [deed.sentence if isinstance(deed, Deed) else deed for deed in deeds]


def deeds_by_photo(trip: TripView, views: Views) -> list[Deed | str]:
    """Return what people did with each photo; a sentence where nobody did anything."""
    said: list[Deed | str] = [
        Deed(deed.time, gettext("photo {number}: {act}").format(number=number, act=deed.words))
        for number, photo in enumerate(trip.photos, start=1)
        for deed in deeds_of_people(views[photo.branch])
    ]
    return said or [gettext(NOBODY)]


def trip_traces(trip: TripView, views: Views) -> list[tuple[str, str]]:
    """Return the joint trace and those of its photos by their names, as far as they are files."""
    joint = (
        [(gettext("{case}, all photos").format(case=trip.case), trip.trace_text())]
        if trip.trace_path
        else []
    )
    return [*joint, *(trace for view in views.values() for trace in traces_of(view))]


def verification_steps(trip: TripView) -> list[str]:
    """Return how the report can be checked against the joint trace, as sentences."""
    digests = ", ".join(
        gettext("photo {number}").format(number=n) + f" {p.image.sha256.removeprefix('sha256:')}"
        for n, p in enumerate(trip.photos, start=1)
    )
    return [
        gettext(
            "This report is drawn from the joint trace of case {case}, {number} events, and the "
            "traces of its photos. The hash of its last event is {hash}."
        ).format(case=trip.case, number=len(trip.events), hash=trip.head),
        gettext("The photos' files have these SHA-256 digests: {digests}.").format(digests=digests),
        gettext(
            "With the case: geoagent verify CASE. With the joint trace alone: geoagent verify "
            "TRACE; compare the last hash with the one above, from a copy that you trust."
        ),
    ]
