"""`geoagent sun`: where the sun stood in a photo, and what that says of the place or the time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.sun_options import SHADOW_OPTION, SunFlags, takes_sun_flags

if TYPE_CHECKING:
    from geoagent_graph.evidence.evidence_model import BayesEvidence
    from geoagent_graph.settings import Settings
    from geoagent_graph.sun_marks import MarkedPhoto, SunStatement

sun_app = typer.Typer(context_settings={"help_option_names": ["--help", "-h"]})


@sun_app.command(epilog=exit_codes.EXPLAINED)
@takes_sun_flags
def sun(
    sun: SunFlags,
    photo: Annotated[
        Path | None, typer.Argument(metavar="PHOTO", help="The photo that the marks are on.")
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When it was taken: 2024-06-21T15:30Z, the same without Z in the local time of "
            "the place, a day, or two of them with / between.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="POSITION", help="Where it was taken: 41.55,-8.42 or another form."),
    ] = None,
    day: Annotated[
        str | None, typer.Option(metavar="DATE", help="With --at: the day, as 2024-06-21.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Measure a shadow: how high the sun stood, and where or when that is so.

    With --time it says in which countries the sun stands so then; with --at at which times of the
    day and the year it does there; with both, whether they fit. To have it weighed with all else
    that a photo shows: `geoagent add-clue CASE --shadow ...`. Nothing is asked of the network.
    """
    raise typer.Exit(_print_report(sun, photo, time, at, day, as_json=as_json))


def _print_report(
    flags: SunFlags,
    photo: Path | None,
    time: str | None,
    at: str | None,
    day: str | None,
    *,
    as_json: bool,
) -> int:
    """Print the report and return the exit status.

    Raises:
        GeoAgentError: something given cannot be read, or the photo cannot.
    """
    from geoagent_graph.cli.streams import write_result
    from geoagent_graph.cli.sun_words import sun_lines
    from geoagent_graph.errors import InputError
    from geoagent_graph.evidence.sun.report import SunQuestion, sun_report
    from geoagent_graph.positions.forms import parse_position
    from geoagent_graph.render.formats.json_answer import json_text
    from geoagent_graph.settings import load_settings

    said = flags.statement(time)
    if said is None:
        raise InputError(
            f"say where the sun stood: {SHADOW_OPTION}, --sun-height, --sun-bearing or --sun-side"
        )
    if day is not None and (at is None or time is not None):
        raise InputError("--day: belongs to --at, without --time")
    settings = load_settings()
    marked = _marked_photo(said, photo, settings)
    where = {} if at is None else dict(zip(("lat_deg", "lon_deg"), parse_position(at), strict=True))
    question = SunQuestion.model_validate({"said": said, "day": day, **where})
    report = sun_report(question, marked, _open_evidence(settings))
    if as_json:
        write_result(json_text(report.model_dump(mode="json"), indent=2) + "\n")
    else:
        write_result("".join(f"{line}\n" for line in sun_lines(report)))
    return exit_codes.ANSWERED


def _marked_photo(said: "SunStatement", photo: Path | None, settings: "Settings") -> "MarkedPhoto":
    """Return what is known of the photo; nothing of it is needed where no marks are on it."""
    from geoagent_graph.errors import InputError
    from geoagent_graph.images.exif import read_file_claims
    from geoagent_graph.images.store import PhotoStore
    from geoagent_graph.sun_marks import MarkedPhoto, SunShadow

    if photo is None:
        if isinstance(said, SunShadow):
            raise InputError(f"{SHADOW_OPTION}: name the photo that it is marked on")
        return MarkedPhoto(width=1, height=1)
    images = PhotoStore(settings)
    image = images.open(photo).image
    claims = read_file_claims(images.original(image), settings)
    return MarkedPhoto(width=image.width, height=image.height, focal_35mm_mm=claims.focal_35mm_mm)


def _open_evidence(settings: "Settings") -> "BayesEvidence":
    """Return an evidence model of the sun alone; compiling its tables shows on stderr."""
    from geoagent_graph.evidence.evidence_model import BayesEvidence
    from geoagent_graph.evidence.sources.sun import SOURCE
    from geoagent_graph.geo.gazetteer import open_gazetteer
    from geoagent_graph.render.terminal.preparation import preparation_bar

    with preparation_bar() as progress:
        return BayesEvidence(open_gazetteer(settings, progress), (SOURCE,))
