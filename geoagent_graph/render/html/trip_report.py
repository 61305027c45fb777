"""The report of a case of several photos, drawn from their traces and the joint trace."""

from collections.abc import Mapping

from geoagent_graph.cases.trip.trip_view import TripView, answer_together
from geoagent_graph.cases.view import CaseView
from geoagent_graph.errors import InputError
from geoagent_graph.render import wording
from geoagent_graph.render.html.case_report import (
    NOBODY,
    acts_of_people,
    list_section,
    markdown_text,
)
from geoagent_graph.render.html.html_report import html_page, limits_section, warnings_box
from geoagent_graph.render.html.markup import element
from geoagent_graph.render.html.trip_sections import (
    TripPhoto,
    fit_words,
    photo_section,
    time_words,
    trip_header,
    trip_headline,
    way_section,
)
from geoagent_graph.render.photo_name import short_name
from geoagent_graph.trip_types import Joined
from geoagent_graph.types import Answer

Views = Mapping[str, CaseView]


def trip_html(trip: TripView, views: Views, pictures: Mapping[str, str | None]) -> str:
    """Return the report as one HTML document; `pictures` are `data:image/jpeg` URIs by branch.

    Raises:
        InputError: the photos have not been weighed together.
    """
    joined, photos = joint_result(trip), _trip_photos(trip, views, pictures)
    main = element(
        "main",
        {"class": "page"},
        trip_header(photos, joined),
        *warnings_box(_trip_warnings(trip, views, joined)),
        *way_section(_photos_by_time(trip, photos)),
        *(photo_section(photo) for photo in photos),
        list_section("people", "What people did", _acts_by_photo(trip, views)),
        list_section("verify", "How to verify this report", _verification_steps(trip)),
        limits_section(),
        element("footer", {}, element("p", {}, wording.ATTRIBUTION)),
    )
    return html_page(f"Where were these photos taken? {trip_headline(photos)}", main)


def trip_markdown(trip: TripView, views: Views) -> str:
    """Return the report as Markdown, without pictures.

    Raises:
        InputError: the photos have not been weighed together.
    """
    joined, photos = joint_result(trip), _trip_photos(trip, views, {})
    lines = [f"# {markdown_text(trip_headline(photos))}", ""]
    lines += [f"* {markdown_text(': '.join(('Fit', ', '.join(fit_words(joined)))))}"]
    lines += [f"* {markdown_text(warning)}" for warning in _trip_warnings(trip, views, joined)]
    for photo in photos:
        lines += ["", f"## Photo {photo.number}: {markdown_text(photo.name)}", ""]
        lines.append(f"* alone: {markdown_text(photo.alone)}")
        if photo.joined is None:
            lines.append(f"* took no part: {markdown_text(photo.left_out or 'not weighed')}")
            continue
        lines.append(f"* {markdown_text(time_words(photo.joined.taken))}")
        share = wording.percent(photo.joined.together)
        lines.append(f"* together: {markdown_text(wording.headline(photo.joined))}, {share}")
        lines += [f"* because {markdown_text(words)}" for words in photo.joined.because]
        for candidates in photo.joined.levels.values():
            for c in candidates[:4]:
                shares = (
                    f"{wording.percent(c.prior)} alone, {wording.percent(c.probability)} together"
                )
                lines.append(f"  * {markdown_text(wording.place_name(c.place))}: {shares}")
    lines += ["", "## What people did", ""]
    lines += [f"* {markdown_text(words)}" for words in _acts_by_photo(trip, views)]
    lines += [
        "",
        "## How to verify",
        "",
        *(f"* {markdown_text(w)}" for w in _verification_steps(trip)),
        "",
    ]
    return "\n".join(lines)


def answers_together(trip: TripView, views: Views) -> list[Answer]:
    """Return the photos' answers with the places they have together, in the order of the way.

    Raises:
        InputError: the photos have not been weighed together.
    """
    joint_result(trip)
    branches = [photo.branch for photo in trip.photos]
    ordered = [*trip.path, *(branch for branch in branches if branch not in trip.path)]
    pairs = ((views[branch].answer, trip.joined(branch)) for branch in ordered)
    return [answer_together(answer, photo) for answer, photo in pairs if answer and photo]


def joint_result(trip: TripView) -> Joined:
    """Return the newest joint result.

    Raises:
        InputError: there is none.
    """
    if trip.joint is None:
        name = trip.opened.case
        raise InputError(
            f"{name}: its photos have no joint result yet. Run: geoagent resume {name}"
        )
    return trip.joint.joined


def _trip_photos(
    trip: TripView, views: Views, pictures: Mapping[str, str | None]
) -> list[TripPhoto]:
    left_out = {item.branch: item.reason for item in trip.joint.left_out} if trip.joint else {}
    found = []
    for number, photo in enumerate(trip.photos, start=1):
        view = views[photo.branch]
        alone = "no answer yet"
        if view.answer is not None:
            alone = wording.headline(view.answer)
            if view.answer.level != "none":
                alone += f" ({wording.percent(view.answer.probability)})"
        command = f"geoagent export {trip.opened.case}/{photo.branch} --html FILE"
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


def _photos_by_time(trip: TripView, photos: list[TripPhoto]) -> list[TripPhoto]:
    place = {branch: index for index, branch in enumerate(trip.path)}
    order = {n: place.get(p.branch, len(place)) for n, p in enumerate(trip.photos, start=1)}
    return sorted(photos, key=lambda photo: order[photo.number])


def _trip_warnings(trip: TripView, views: Views, joined: Joined) -> list[str]:
    said = [joined.contradiction] if joined.contradiction else []
    if not trip.is_current(dict(views)):
        said.append("an answer has changed since the photos were weighed together")
    return [*said, *joined.warnings]


def _acts_by_photo(trip: TripView, views: Views) -> list[str]:
    said = [
        f"Photo {number}: {words}"
        for number, photo in enumerate(trip.photos, start=1)
        for words in acts_of_people(views[photo.branch])
    ]
    return said or [NOBODY]


def _verification_steps(trip: TripView) -> list[str]:
    digests = ", ".join(
        f"photo {n} {p.image.sha256.removeprefix('sha256:')}"
        for n, p in enumerate(trip.photos, start=1)
    )
    return [
        f"This report is drawn from the joint trace of case {trip.opened.case}, "
        f"{len(trip.events)} events, and the traces of its photos. The hash of its last event is "
        f"{trip.head}.",
        f"The photos' files have these SHA-256 digests: {digests}.",
        "With the case: geoagent verify CASE. With the joint trace alone: geoagent verify TRACE; "
        "compare the last hash with the one above, from a copy that you trust.",
    ]
