"""The commands by which a person adds to a case: add-clue and undo."""

from pathlib import Path
from typing import Annotated

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.cases.commands import CaseName, JsonFlag, Quiet
from geoagent_graph.cli.options import Home, PolicyFlags, takes_policy_flags
from geoagent_graph.cli.sun_options import SunFlags, takes_sun_flags

clue_app = typer.Typer(context_settings={"help_option_names": ["--help", "-h"]})


@clue_app.command("add-clue", epilog=exit_codes.EXPLAINED)
@takes_policy_flags
@takes_sun_flags
def add_clue(
    flags: PolicyFlags,
    sun: SunFlags,
    case: CaseName,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="Text that you read in the photo.")
    ] = None,
    box: Annotated[
        str | None,
        typer.Option(
            metavar="L,T,R,B", help="Where TEXT stands; shares of width and height, 0 to 1."
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A place you recognise: a town, a region, a country."),
    ] = None,
    near: Annotated[
        str | None,
        typer.Option(metavar="LAT,LON,KM", help="It was taken in this circle: look nowhere else."),
    ] = None,
    outline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="It was taken in the polygons of this GeoJSON file."),
    ] = None,
    country: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COUNTRY", help="It was taken in this country, by code or name; repeatable."
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When it was taken; counts beside photos of a trip, or with a shadow or the sun.",
        ),
    ] = None,
    read: Annotated[
        str | None,
        typer.Option(metavar="L,T,R,B", help="Have this part of the photo read again, closer."),
    ] = None,
    as_json: JsonFlag = False,
    quiet: Quiet = False,
    home: Home = None,
) -> None:
    """Add what you see or know to a case, also a finished one, and judge it again.

    A new circle or outline takes the place of the one before, countries that of countries, a shadow
    that of a shadow.
    `geoagent undo CASE` takes it back.
    """
    from geoagent_graph.cli.cases import additions
    from geoagent_graph.cli.cases.runs import OutputForm

    said = sun.statement(time)
    said_time = time if said is None else None
    added = additions.Added(text, box, place, near, outline, country or (), said_time, read, said)
    shown = OutputForm(as_json, quiet)
    raise typer.Exit(additions.add_clue(case, added, flags, shown, home))


@clue_app.command(epilog=exit_codes.EXPLAINED)
@takes_policy_flags
def undo(
    flags: PolicyFlags,
    case: CaseName,
    as_json: JsonFlag = False,
    quiet: Quiet = False,
    home: Home = None,
) -> None:
    """Take back the last thing that you did to a case (a clue, a veto, a reply) and judge it again.

    It stays in the trace. Do it again to take back what came before. Notes stay.
    """
    from geoagent_graph.cli.cases import additions
    from geoagent_graph.cli.cases.runs import OutputForm

    raise typer.Exit(additions.undo(case, flags, OutputForm(as_json, quiet), home))
