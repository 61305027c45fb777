"""`geoagent export` of a case of several photos: one report, one map, one trace of all."""

from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.exports import Wanted, photo_uri, write_maps, write_pages
from geoagent_graph.cli.cases.trip_text import photo_views
from geoagent_graph.render.files import write_whole

if TYPE_CHECKING:
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.cases.trip.trip_view import TripView


def export_trip(store: "CaseStore", trip: "TripView", wanted: Wanted) -> int:
    """Write what is wanted of a case of several photos and return the exit status.

    Raises:
        GeoAgentError: its photos have no joint result yet, a file cannot be written.
    """
    from geoagent_graph.render.html.trip_report import answers_together, trip_html, trip_markdown

    views = photo_views(store, trip)
    if wanted.jsonl is not None:
        write_whole(wanted.jsonl, store.trip_text(trip.opened.case))
    if wanted.html is not None or wanted.pdf is not None:
        pictures = {branch: photo_uri(store, view) for branch, view in views.items()}
        write_pages(trip_html(trip, views, pictures), wanted)
    if wanted.md is not None:
        write_whole(wanted.md, trip_markdown(trip, views))
    if wanted.geojson is not None or wanted.kml is not None:
        write_maps(answers_together(trip, views), wanted)
    return exit_codes.ANSWERED
