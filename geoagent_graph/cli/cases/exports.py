"""`geoagent export`: what of a case, of a trip or of a trace is handed on."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.custody import note_files
from geoagent_graph.cli.cases.open_cases import open_store, settings_in
from geoagent_graph.cli.photos import noting_pixels
from geoagent_graph.errors import InputError
from geoagent_graph.render.claim import answer_in, joint_result
from geoagent_graph.render.files import check_target, write_whole
from geoagent_graph.render.formats.table import formats_for, named_format

if TYPE_CHECKING:
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView

_MISSING_PICTURE = "The report goes without the picture."


@dataclass(frozen=True, slots=True)
class Wanted:
    """The files to write, by the names of their formats, the collector to tell, whether to sign.

    `sign` None signs where there is a key.
    """

    files: Mapping[str, Path]
    otel: str | None = None
    sign: bool | None = None

    @property
    def kinds(self) -> list[str]:
        """The formats of all that is taken."""
        return [*self.files, *(["otel"] if self.otel is not None else [])]

    def check(self) -> None:
        """Refuse what cannot work before anything is read.

        Raises:
            InputError: no file is asked for, or one cannot be there.
        """
        if not self.files and self.otel is None:
            options = [f"--{row.name}" for row in formats_for("case")]
            raise InputError(f"name a file: {', '.join([*options, '--otel'])}")
        for name, path in self.files.items():
            check_target(path, f"--{name}")


def run(words: str, wanted: Wanted, photo: Path | None, home: Path | None) -> int:
    """Write what is wanted of a case, or of a trace that was handed on; return the exit status.

    Raises:
        GeoAgentError: there is no such case, it has no answer yet, a file cannot be written.
    """
    from geoagent_graph.cases.handed_on import file_kind
    from geoagent_graph.cases.names import split_name

    wanted.check()
    store = open_store(home)
    kind = file_kind(words, store.has)
    if kind is not None and wanted.sign:
        raise InputError("--sign: signs cases of yours; a trace file is handed on as it is")
    if kind == "trip":
        raise InputError(f"{words}: a trip's trace has no photos; name its case or a photo's trace")
    if kind == "case":
        return _export_case(_handed_on_view(Path(words), photo, home), wanted)
    if photo is not None:
        raise InputError("--photo: belongs to a trace file; a case has its photo in its store")
    name, branch = split_name(words)
    trip = store.read_trip(name) if "/" not in words else None
    if trip is not None:
        return _export_trip(store, trip, wanted)
    _require_possible(store.read(name, branch), wanted)
    note_files(store, name, branch, wanted.kinds, wanted.sign)
    return _export_case(store.read(name, branch), wanted)


def _require_possible(view: "CaseView", wanted: Wanted) -> None:
    """Refuse what could not be drawn before the trace says that it was taken."""
    for name in wanted.files:
        named_format(name).require_possible("case", view.case)
    if any(named_format(name).needs_answer for name in wanted.files):
        answer_in(view)


def _export_case(view: "CaseView", wanted: Wanted) -> int:
    view = _noting(view)
    for name, path in wanted.files.items():
        write_whole(path, named_format(name).case_content(view))
    if wanted.otel is not None:
        from geoagent_graph.cli.cases.span_export import send_spans

        send_spans(view, wanted.otel)
    return exit_codes.ANSWERED


def _export_trip(store: "CaseStore", trip: "TripView", wanted: Wanted) -> int:
    from geoagent_graph.cases.names import MAIN
    from geoagent_graph.cli.cases.trip_text import photo_views

    if wanted.otel is not None:
        raise InputError(f"--otel: name one photo of the case, as in {trip.case}/{MAIN}")
    for name in wanted.files:
        named_format(name).require_possible("trip", trip.case)
    if any(named_format(name).needs_answer for name in wanted.files):
        joint_result(trip)
    note_files(store, trip.case, None, wanted.kinds, wanted.sign)
    trip = store.read_trip(trip.case) or trip
    views = {branch: _noting(view) for branch, view in photo_views(store, trip).items()}
    for name, path in wanted.files.items():
        write_whole(path, named_format(name).trip_content(trip, views))
    return exit_codes.ANSWERED


def _handed_on_view(trace: Path, photo: Path | None, home: Path | None) -> "CaseView":
    """Return the view of a trace file, with the photo beside it where one is given.

    Raises:
        CheckpointError: it is no trace, damaged or changed.
        InputError: the photo is not the one in the trace.
    """
    from geoagent_graph.cases.view import read_view

    view = read_view(trace)
    if photo is None:
        return view
    from geoagent_graph.images.store import PhotoStore

    images = PhotoStore(settings_in(home))
    if images.open(photo).image.sha256 != view.opened.image.sha256:
        raise InputError(f"{photo.name}: is not the photo in the trace: another SHA-256")
    return dataclasses.replace(view, pixels=images.pixels)


def _noting(view: "CaseView") -> "CaseView":
    """Return a view that says on stderr when its photo is gone or changed."""
    if view.pixels is None:
        return view
    return dataclasses.replace(view, pixels=noting_pixels(view.pixels, _MISSING_PICTURE))
