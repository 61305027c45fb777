"""`geoagent export` and `verify`: what of a case is handed on, and whether it holds."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.open_cases import open_store, settings_in
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.render.files import check_target, write_whole
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.cases.verification import Verification
    from geoagent_graph.cases.view import CaseView
    from geoagent_graph.types import Answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """The files to write, and the collector to tell."""

    html: Path | None = None
    geojson: Path | None = None
    kml: Path | None = None
    jsonl: Path | None = None
    md: Path | None = None
    pdf: Path | None = None
    otel: str | None = None

    def check(self) -> None:
        """Refuse what cannot work before anything is read.

        Raises:
            InputError: no file is asked for, or one cannot be there.
        """
        named = {option: getattr(self, option) for option in self.__slots__}
        if not any(named.values()):
            raise InputError(f"name a file: {', '.join(f'--{option}' for option in named)}")
        for option, path in named.items():
            if isinstance(path, Path):
                check_target(path, f"--{option}")


def run(words: str, wanted: Wanted, photo: Path | None, home: Path | None) -> int:
    """Write what is wanted of a case, or of a trace that was handed on; return the exit status.

    Raises:
        GeoAgentError: there is no such case, it has no answer yet, a file cannot be written.
    """
    from geoagent_graph.cases.names import MAIN, split_name
    from geoagent_graph.cases.trace_file import SUFFIX
    from geoagent_graph.cases.view import read_view

    wanted.check()
    store = open_store(home)
    if words.endswith(SUFFIX):
        view = read_view(Path(words))
        text = Path(words).read_text("ascii", "replace")
        return _export(view, wanted, lambda: text, lambda: _handed_photo(view, photo, home))
    if photo is not None:
        raise InputError("--photo: belongs to a trace file; a case has its photo in its store")
    name, branch = split_name(words)
    trip = store.read_trip(name) if "/" not in words else None
    if trip is not None:
        if wanted.otel is not None:
            raise InputError(f"--otel: name one photo of the case, as in {name}/{MAIN}")
        from geoagent_graph.cli.cases.trip_exports import export_trip

        return export_trip(store, trip, wanted)
    view = store.read(name, branch)
    return _export(
        view, wanted, lambda: store.trace_text(name, branch), lambda: photo_uri(store, view)
    )


def _export(
    view: "CaseView",
    wanted: Wanted,
    trace: "Callable[[], str]",
    picture: "Callable[[], str | None]",
) -> int:
    if wanted.jsonl is not None:
        write_whole(wanted.jsonl, trace())
    if wanted.html is not None or wanted.pdf is not None:
        from geoagent_graph.render.html.case_report import report_html

        write_pages(report_html(view, picture()), wanted)
    if wanted.md is not None:
        from geoagent_graph.render.html.case_report import report_markdown

        write_whole(wanted.md, report_markdown(view))
    if wanted.geojson is not None or wanted.kml is not None:
        from geoagent_graph.render.html.case_report import answer_in

        write_maps([answer_in(view)], wanted)
    if wanted.otel is not None:
        from geoagent_graph.cli.cases.span_export import send_spans

        send_spans(view, wanted.otel)
    return exit_codes.ANSWERED


def write_pages(html: str, wanted: Wanted) -> None:
    """Write a report as the page and the PDF that are wanted."""
    if wanted.html is not None:
        write_whole(wanted.html, html)
    if wanted.pdf is not None:
        from geoagent_graph.render.pdf import write_pdf

        write_pdf(html, wanted.pdf)


def write_maps(answers: "list[Answer]", wanted: Wanted) -> None:
    """Write answers as the maps that are wanted."""
    if wanted.geojson is not None:
        from geoagent_graph.render.formats.geojson import feature_collection

        collection = feature_collection(answers)
        write_whole(wanted.geojson, json.dumps(collection, ensure_ascii=False) + "\n")
    if wanted.kml is not None:
        from geoagent_graph.render.formats.kml import kml_document

        write_whole(wanted.kml, kml_document(answers))


def _handed_photo(view: "CaseView", photo: Path | None, home: Path | None) -> str | None:
    """Return the photo beside a trace for its report, None where none is given.

    Raises:
        InputError: it is not the one in the trace.
    """
    if photo is None:
        return None
    from geoagent_graph.images.store import PhotoStore
    from geoagent_graph.render.html.photo_data import MAX_SIDE, jpeg_data_uri

    images = PhotoStore(settings_in(home))
    opened = images.open(photo)
    if opened.image.sha256 != view.opened.image.sha256:
        raise InputError(f"{photo.name}: is not the photo in the trace: another SHA-256")
    return jpeg_data_uri(images.pixels(opened.image, MAX_SIDE))


def photo_uri(store: "CaseStore", view: "CaseView") -> str | None:
    """Return a case's photo for its report; None, with a note, where it is gone or changed."""
    from geoagent_graph.render.html.photo_data import MAX_SIDE, jpeg_data_uri

    try:
        return jpeg_data_uri(store.images.pixels(view.opened.image, MAX_SIDE))
    except PhotoError as error:
        write_note(f"{error} The report goes without the picture.")
        return None


def verify(words: str, photo: Path | None, home: Path | None, *, as_json: bool) -> int:
    """Print what was checked and what is wrong; return 1 if anything is.

    Raises:
        GeoAgentError: there is no such case, branch or file.
    """
    from geoagent_graph.cases.names import split_name
    from geoagent_graph.cases.trace_file import SUFFIX
    from geoagent_graph.cases.trip.trip_events import TRIP_SUFFIX
    from geoagent_graph.cases.verification import (
        verify_case,
        verify_file,
        verify_trip,
        verify_trip_file,
    )

    if words.endswith(SUFFIX):
        found = verify_file(Path(words), photo)
    elif photo is not None:
        raise InputError(
            "--photo: belongs to a trace file (*.geotrace.jsonl); a case has its photos in it"
        )
    elif words.endswith(TRIP_SUFFIX):
        found = verify_trip_file(Path(words))
    elif "/" in words:
        found = asyncio.run(verify_case(open_store(home), *split_name(words)))
    else:
        found = asyncio.run(verify_trip(open_store(home), split_name(words)[0]))
    _print(found, as_json)
    return exit_codes.ANSWERED if found.holds else exit_codes.FAILED


def _print(found: "Verification", as_json: bool) -> None:
    if as_json:
        described = {
            "holds": found.holds,
            "checked": found.checked,
            "problems": [visible(problem) for problem in found.problems],
            "head": found.head,
        }
        write_result(json_text(described, indent=2) + "\n")
        return
    lines = [f"ok: {words}" for words in found.checked]
    lines += [f"WRONG: {visible(problem)}" for problem in found.problems]
    write_result("\n".join(lines) + "\n")
