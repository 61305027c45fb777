"""Reports as Markdown, without pictures."""

from typing import TYPE_CHECKING

from geoagent_graph.render.formats.format import Format
from geoagent_graph.translation import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView


def case_file(view: "CaseView") -> str:
    """Return the report of a case.

    Raises:
        InputError: the branch has no answer yet.
    """
    from geoagent_graph.render.markdown_report import report_markdown

    return report_markdown(view)


def trip_file(trip: "TripView", views: "Mapping[str, CaseView]") -> str:
    """Return the report of several photos of one trip.

    Raises:
        InputError: the photos have not been weighed together.
    """
    from geoagent_graph.render.markdown_report import trip_markdown

    return trip_markdown(trip, views)


ROW = Format(
    "md",
    "text/markdown",
    ".md",
    mark("Report (Markdown)"),
    help="Write the report as Markdown.",
    of_case=case_file,
    of_trip=trip_file,
    document="report.md",
    speaks=True,
)
