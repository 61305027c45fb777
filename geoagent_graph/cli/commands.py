"""The commands that work on no case: locate, geocode, reverse, mcp, doctor, man."""

from pathlib import Path
from typing import Annotated

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.format_options import FormatCommand, chosen_files
from geoagent_graph.cli.known import KnownFlags, takes_known_flags
from geoagent_graph.cli.language_option import takes_language
from geoagent_graph.cli.options import Home, PolicyFlags, takes_policy_flags

command_app = typer.Typer(context_settings={"help_option_names": ["--help", "-h"]})

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@command_app.command(cls=FormatCommand, epilog=exit_codes.EXPLAINED)
@takes_policy_flags
@takes_known_flags
@takes_language
def locate(
    ctx: typer.Context,
    photos: Annotated[
        list[str], typer.Argument(metavar="PHOTO", help="Photos; - reads one from stdin.")
    ],
    flags: PolicyFlags,
    known: KnownFlags,
    in_flight: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Photos worked on at a time.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep every answer in this JSON Lines file; photos answered in it are not "
            "located again.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object; over several photos one array."),
    ] = False,
    as_jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Print one JSON object per line, as photos finish.")
    ] = False,
    exif: Annotated[
        bool,
        typer.Option("--exif/--no-exif", help="Hear or ignore what the file claims about itself."),
    ] = True,
    budget: Annotated[
        int | None, typer.Option(min=6, max=1000, help="Most steps one photo may take.")
    ] = None,
    without_source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Leave out a source of evidence: phones, languages, ... May be given again.",
        ),
    ] = None,
    price: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="IN OUT",
            help="Dollars for a million tokens of the model, in and out: what a run costs is said.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show no steps on stderr, only errors.")
    ] = False,
    keep_warm: Annotated[  # noqa: ARG001  `app.main` hears it before anything is loaded
        bool,
        typer.Option(
            "--keep-warm",
            help="Leave a helper behind that answers the next such command at once, and ends when "
            "nobody asks; see `geoagent keep-warm`. Linux.",
        ),
    ] = False,
) -> None:
    """Say where photos were taken, and show how that was found.

    Results go to stdout, steps and errors to stderr. Several photos are answered in the order they
    were given; one that fails is reported on stderr and the others go on. In JSON of several
    photos it leaves `{"photo": ..., "error": ...}` in its place.
    """
    from geoagent_graph.cli.engine import RunRequest
    from geoagent_graph.cli.locate import run
    from geoagent_graph.cli.model_costs import check_prices
    from geoagent_graph.cli.outputs import OutputChoice

    request = RunRequest(
        options=flags.options(),
        in_flight=in_flight,
        keep=keep,
        use_exif=exif,
        budget=budget,
        without_sources=tuple(without_source or ()),
        prices=check_prices(price),
        known=known,
    )
    choice = OutputChoice(as_json, as_jsonl, chosen_files(ctx), quiet)
    raise typer.Exit(run(photos, request, choice))


@command_app.command()
def geocode(
    name: Annotated[list[str], typer.Argument(metavar="NAME", help="A place in any language.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most places to list.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """List the places a name may mean, the likeliest first; exit status 1 when there is none."""
    from geoagent_graph.cli.geocode import run_forward

    raise typer.Exit(run_forward(" ".join(name), limit=limit, as_json=as_json))


@command_app.command(context_settings={"ignore_unknown_options": True})
def reverse(
    position: Annotated[
        list[str],
        typer.Argument(
            metavar="POSITION",
            help="41.55 -8.42, degrees and minutes, MGRS, a plus code, geo:, the link of a map.",
        ),
    ],
    as_json: JsonFlag = False,
) -> None:
    r"""Say what lies at a point: continent, country, region, the nearest town; other forms of it.

    As in `geoagent reverse 41.55 -8.42`, or "41°33'05\"N 8°25'23\"W" in quotes.
    """
    from geoagent_graph.cli.geocode import run_reverse

    raise typer.Exit(run_reverse(" ".join(position), as_json=as_json))


@command_app.command()
@takes_policy_flags
def mcp(
    flags: PolicyFlags,
    root: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="Photos below it may be read; repeatable. Else the current folder."
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Serve other agents over stdin and stdout (Model Context Protocol); needs the extra `mcp`."""
    from geoagent_graph.cli.mcp import run

    raise typer.Exit(run(root or [], flags.options(), home))


@command_app.command()
@takes_policy_flags
def doctor(flags: PolicyFlags, as_json: JsonFlag = False) -> None:
    """Say what is installed and what is missing; exit status 0 if a photo can be located.

    With `--policy served` the server is asked what it can do.
    """
    from geoagent_graph.cli.doctor import run

    raise typer.Exit(run(flags.options(), as_json=as_json))


@command_app.command()
def man() -> None:
    """Print the manual page: `geoagent man > geoagent.1`, or `geoagent man | man -l -`."""
    from geoagent_graph.cli.man_page import man_page
    from geoagent_graph.cli.streams import write_result

    write_result(man_page())
