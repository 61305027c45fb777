"""The report as PDF: the HTML report, printed."""

from typing import TYPE_CHECKING

from geoagent_graph.render import pdf
from geoagent_graph.render.formats import html_file
from geoagent_graph.render.formats.format import Format
from geoagent_graph.translation import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView


def case_file(view: "CaseView") -> bytes:
    """Return the report of a case as PDF.

    Raises:
        InputError: the branch has no answer yet, or no browser is installed.
        ToolError: the browser fails or takes more than two minutes.
    """
    return pdf.pdf_bytes(html_file.case_file(view))


def trip_file(trip: "TripView", views: "Mapping[str, CaseView]") -> bytes:
    """Return the report of several photos of one trip as PDF.

    Raises:
        InputError: the photos have not been weighed together, or no browser is installed.
        ToolError: the browser fails or takes more than two minutes.
    """
    return pdf.pdf_bytes(html_file.trip_file(trip, views))


ROW = Format(
    "pdf",
    "application/pdf",
    ".pdf",
    mark("Report (PDF)"),
    note=mark("needs a browser beside the server"),
    help="Write the report as PDF; needs an installed Chromium, Chrome or Edge.",
    of_case=case_file,
    of_trip=trip_file,
    needs_browser=True,
    document="report.pdf",
    speaks=True,
)
