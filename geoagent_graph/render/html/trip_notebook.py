"""A trip in a notebook: where its photos were taken together, a map, a row for each photo."""

from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.display import register_display
from geoagent_graph.render import wording
from geoagent_graph.render.html.markup import Element, element, own_words, unbroken, untrusted
from geoagent_graph.render.html.notebook import (
    CELL,
    HEAD,
    QUIET,
    ROW,
    TABLE,
    card_html,
    make_paragraph,
    picture_figure,
    warning_lines,
)
from geoagent_graph.render.html.trip_sections import (
    ASKED,
    TripPhoto,
    fit_sentence,
    trip_headline,
    way_caption,
    way_map,
)
from geoagent_graph.render.photo_name import short_name
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import gettext
from geoagent_graph.trip_types import Joined


def trip_card(trip: TripView) -> str:
    """Return the newest joint result of a trip; its photos alone where there is none yet."""
    branches = [photo.branch for photo in trip.photos]
    places = {branch: index for index, branch in enumerate(trip.path)}
    ordered = sorted(branches, key=lambda branch: places.get(branch, len(places)))
    photos = [_photo(trip, branch) for branch in ordered]
    joined = trip.joint.joined if trip.joint else None
    heading = trip_headline(photos) if joined else gettext("There is no answer yet.")
    contradiction = [joined.contradiction] if joined and joined.contradiction else []
    return card_html(
        make_paragraph(QUIET, gettext(ASKED), " ", untrusted(trip.case)),
        make_paragraph(HEAD, untrusted(heading)),
        *([make_paragraph("margin:.2rem 0", _fit_line(joined))] if joined else []),
        *warning_lines([*contradiction, *(joined.warnings if joined else ())]),
        *_map_row(photos),
        element("table", {"style": TABLE}, element("tbody", {}, *map(_row, photos))),
    )


def _fit_line(joined: Joined) -> str:
    return f"{gettext('Fit')}: {fit_sentence(joined)}"


def _photo(trip: TripView, branch: str) -> TripPhoto:
    number = trip.number(branch)
    reasons = {item.branch: item.reason for item in trip.joint.left_out} if trip.joint else {}
    return TripPhoto(
        number=number,
        name=short_name(trip.photos[number - 1].image),
        alone="",
        joined=trip.joined(branch),
        on_way=branch in trip.path,
        report="",
        left_out=reasons.get(branch),
    )


def _map_row(photos: list[TripPhoto]) -> list[Element]:
    drawn = way_map(photos)
    if drawn is None:
        return []
    picture = picture_figure(drawn, gettext("On the map"), way_caption())
    return [element("div", {"style": ROW}, picture)]


def _row(photo: TripPhoto) -> Element:
    joined = photo.joined
    said, share = say_stored(photo.left_out or ""), ""
    if joined is not None:
        said = wording.headline(joined)
        share = wording.percent(joined.together) if joined.level != "none" else ""
    return element(
        "tr",
        {"style": "background:none"},
        element("td", {"style": CELL}, str(photo.number)),
        element("td", {"style": CELL}, untrusted(photo.name, 120)),
        element("td", {"style": CELL}, own_words(said)),
        element("td", {"style": CELL}, unbroken(share)),
    )


register_display(TripView, html=trip_card)
