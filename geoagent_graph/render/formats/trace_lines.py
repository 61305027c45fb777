"""The trace as it is handed on, byte for byte: one JSON object per line, hash-chained."""

from typing import TYPE_CHECKING

from geoagent_graph.render.formats.format import Format
from geoagent_graph.translation import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView


def case_trace(view: "CaseView") -> str:
    """Return the trace of a branch.

    Raises:
        StorageError: it cannot be read.
    """
    return view.trace_text()


def trip_trace(trip: "TripView", views: "Mapping[str, CaseView]") -> str:  # noqa: ARG001
    """Return the joint trace of several photos.

    Raises:
        StorageError: it cannot be read.
    """
    return trip.trace_text()


ROW = Format(
    "jsonl",
    "application/x-ndjson",
    ".geotrace.jsonl",
    mark("Trace (JSON Lines)"),
    note=mark("every step, hash-chained"),
    help="Write the trace as it is stored, for `geoagent verify`.",
    of_case=case_trace,
    of_trip=trip_trace,
    needs_answer=False,
    document="trace.jsonl",
)
