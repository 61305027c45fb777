"""The report as one HTML file that loads nothing: of a photo, of a case, of a trip."""

from typing import TYPE_CHECKING

from geoagent_graph.render.formats.format import Format
from geoagent_graph.translation import mark
from geoagent_graph.types import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView, Pixels


def photo_file(answer: Answer, pixels: "Pixels | None") -> str:
    """Return the report of one answer; without its picture where the photo is gone."""
    from geoagent_graph.render.html.html_report import html_report
    from geoagent_graph.render.html.photo_data import photo_data_uri

    return html_report(answer, photo_data_uri(answer.image, pixels))


def case_file(view: "CaseView") -> str:
    """Return the report of a case; without its picture where the photo is gone.

    Raises:
        InputError: the branch has no answer yet.
    """
    from geoagent_graph.render.html.case_report import report_html
    from geoagent_graph.render.html.photo_data import photo_data_uri

    return report_html(view, photo_data_uri(view.opened.image, view.pixels))


def trip_file(trip: "TripView", views: "Mapping[str, CaseView]") -> str:
    """Return the report of several photos of one trip.

    Raises:
        InputError: the photos have not been weighed together.
    """
    from geoagent_graph.render.html.photo_data import photo_data_uri
    from geoagent_graph.render.html.trip_report import trip_html

    pictures = {
        branch: photo_data_uri(view.opened.image, view.pixels) for branch, view in views.items()
    }
    return trip_html(trip, views, pictures)


ROW = Format(
    "html",
    "text/html",
    ".html",
    mark("Report (HTML)"),
    note=mark("opens anywhere, with no network"),
    help="Write the report as one HTML file; over several photos (or where it is a folder) a "
    "folder with one report per photo.",
    of_photo=photo_file,
    of_case=case_file,
    of_trip=trip_file,
    document="report.html",
    speaks=True,
)
