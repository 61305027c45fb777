"""`geoagent`: the commands and their options, and what every one of them does with an error."""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from geoagent_graph.cli import exit_codes
from geoagent_graph.errors import GeoAgentError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

CASE_COMMANDS = (
    "investigate",
    "add",
    "cases",
    "show",
    "step",
    "resume",
    "fork",
    "veto",
    "note",
    "compare",
    "export",
    "verify",
)
COMMANDS = ("locate", *CASE_COMMANDS, "index", "geocode", "reverse", "serve", "mcp", "doctor")
_GROUP_OPTIONS = frozenset({"--help", "-h", "--version"})


class _Commands(TyperGroup):
    """The commands, with `index` and those of cases imported only when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name == "index" and "index" not in self.commands:
            from geoagent_graph.cli.index import index_app

            self.add_command(typer.main.get_group(index_app), "index")
        if cmd_name == "serve" and "serve" not in self.commands:
            from geoagent_graph.cli.serve import serve_app

            self.add_command(typer.main.get_command(serve_app), "serve")
        if cmd_name in CASE_COMMANDS and cmd_name not in self.commands:
            from geoagent_graph.cli.cases.commands import case_app

            for name, command in typer.main.get_group(case_app).commands.items():
                self.add_command(command, name)
        return super().get_command(ctx, cmd_name)


app = typer.Typer(
    name="geoagent",
    cls=_Commands,
    help="Where was this photo taken? `geoagent PHOTO` is short for `geoagent locate PHOTO`.",
    epilog=exit_codes.EXPLAINED,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

BaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="OpenAI-compatible server, such as http://127.0.0.1:8000/v1."),
]
ModelName = Annotated[
    str | None, typer.Option(metavar="NAME", help="The server's model, or a model's folder.")
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        from geoagent_graph.cli.streams import write_result
        from geoagent_graph.version import package_version

        write_result(f"geoagent {package_version()}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Options that stand before the command."""


@app.command(epilog=exit_codes.EXPLAINED)
def locate(
    photos: Annotated[
        list[str], typer.Argument(metavar="PHOTO", help="Photos; - reads one from stdin.")
    ],
    index: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Reference photos made by `geoagent index build`."),
    ] = None,
    policy: Annotated[
        str,
        typer.Option(metavar="NAME", help="Who decides: `evidence`, `served` or `transformers`."),
    ] = "evidence",
    base_url: BaseUrl = None,
    model: ModelName = None,
    vision: Annotated[
        bool, typer.Option("--vision/--no-vision", help="The model sees photos, or reads only.")
    ] = True,
    fallback: Annotated[
        bool,
        typer.Option(
            "--fallback",
            help="Where the model cannot be used, finish with the policy `evidence` and say so.",
        ),
    ] = False,
    calibration: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Temperatures fitted for the model."),
    ] = None,
    reference_photos: Annotated[
        Path | None,
        typer.Option(
            metavar="MANIFEST",
            help="What --index was built from: the model is shown the reference photos.",
        ),
    ] = None,
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
    geojson: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all answers as GeoJSON.")
    ] = None,
    kml: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all answers as KML.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the report as one HTML file; over several photos (or where it is a "
            "folder) a folder with one report per photo.",
        ),
    ] = None,
    exif: Annotated[
        bool,
        typer.Option("--exif/--no-exif", help="Hear or ignore what the file claims about itself."),
    ] = True,
    online: Annotated[
        bool,
        typer.Option(
            "--online/--offline",
            help="Only the policy `served` talks to a network, and only to --base-url; both do the "
            "same.",
        ),
    ] = False,
    budget: Annotated[
        int | None, typer.Option(min=6, max=1000, help="Most steps one photo may take.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show no steps on stderr, only errors.")
    ] = False,
) -> None:
    """Say where photos were taken, and show how that was found.

    Results go to stdout, steps and errors to stderr. Several photos are answered in the order they
    were given; one that fails is reported on stderr and the others go on. In JSON of several
    photos it leaves `{"photo": ..., "error": ...}` in its place.
    """
    from geoagent_graph.cli.engine import RunRequest
    from geoagent_graph.cli.locate import run
    from geoagent_graph.cli.outputs import OutputChoice

    request = RunRequest(
        index=index,
        policy=policy,
        base_url=base_url,
        model=model,
        vision=vision,
        fallback=fallback,
        calibration=calibration,
        reference_photos=reference_photos,
        in_flight=in_flight,
        keep=keep,
        use_exif=exif,
        budget=budget,
    )
    choice = OutputChoice(as_json, as_jsonl, geojson, kml, html, quiet)
    raise typer.Exit(run(photos, request, choice, online=online))


@app.command()
def geocode(
    name: Annotated[list[str], typer.Argument(metavar="NAME", help="A place in any language.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most places to list.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """List the places a name may mean, the likeliest first; exit status 1 when there is none."""
    from geoagent_graph.cli.geocode import run_forward

    raise typer.Exit(run_forward(" ".join(name), limit=limit, as_json=as_json))


@app.command(context_settings={"ignore_unknown_options": True})
def reverse(
    lat: Annotated[float, typer.Argument(help="Latitude in degrees, south negative.")],
    lon: Annotated[float, typer.Argument(help="Longitude in degrees, west negative.")],
    as_json: JsonFlag = False,
) -> None:
    """Say what lies at a point: continent, country, region and the nearest town."""
    from geoagent_graph.cli.geocode import run_reverse

    raise typer.Exit(run_reverse(lat, lon, as_json=as_json))


@app.command()
def mcp(
    root: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="Photos below it may be read; repeatable. Else the current folder."
        ),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Reference photos for `search_references`.")
    ] = None,
    policy: Annotated[
        str,
        typer.Option(metavar="NAME", help="Who decides: `evidence`, `served` or `transformers`."),
    ] = "evidence",
    base_url: BaseUrl = None,
    model: ModelName = None,
    vision: Annotated[
        bool, typer.Option("--vision/--no-vision", help="The model sees photos, or reads only.")
    ] = True,
    home: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where cases are kept; else GEOAGENT_HOME, else XDG's."),
    ] = None,
) -> None:
    """Serve other agents over stdin and stdout (Model Context Protocol); needs the extra `mcp`."""
    from geoagent_graph.cli.engine import RunRequest
    from geoagent_graph.cli.mcp import run

    request = RunRequest(index=index, policy=policy, base_url=base_url, model=model, vision=vision)
    raise typer.Exit(run(root or [], request, home))


@app.command()
def doctor(
    as_json: JsonFlag = False,
    policy: Annotated[
        str, typer.Option(metavar="NAME", help="`served` asks the server what it can do.")
    ] = "evidence",
    base_url: BaseUrl = None,
    model: ModelName = None,
) -> None:
    """Say what is installed and what is missing; exit status 0 if a photo can be located."""
    from geoagent_graph.cli.doctor import run
    from geoagent_graph.cli.engine import RunRequest

    request = RunRequest(policy=policy, base_url=base_url, model=model)
    raise typer.Exit(run(request, as_json=as_json))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status; never with a traceback of ours."""
    from geoagent_graph.cli.streams import prepare_streams

    prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_guarded(lambda: _dispatch(given)))


def _dispatch(arguments: list[str]) -> int:
    from geoagent_graph.cli.photos import is_typing_error

    if not arguments:
        raise InputError("name a photo or a command. Try: geoagent --help")
    first = arguments[0]
    if not (first in COMMANDS or first in _GROUP_OPTIONS):
        near = get_close_matches(first, COMMANDS, n=1, cutoff=0.7)
        if near and is_typing_error(first):
            raise typer.BadParameter(f"{first}: no such command or photo; did you mean {near[0]}?")
        arguments = ["locate", *arguments]
    command = typer.main.get_command(app)
    try:
        # Not `command.main()`: it answers interrupts and broken pipes in its own way.
        with command.make_context("geoagent", arguments) as context:
            command.invoke(context)
    except typer.Exit as left:
        return left.exit_code
    return exit_codes.ANSWERED


def _guarded(command: "Callable[[], int]") -> int:
    """Return the exit status of a command; errors become one line on stderr."""
    from geoagent_graph.cli import streams

    try:
        return command()
    except BrokenPipeError:
        streams.silence_stdout()
        return exit_codes.BROKEN_PIPE
    except (KeyboardInterrupt, typer.Abort):
        streams.write_note("interrupted")
        return exit_codes.INTERRUPTED
    except typer.TyperException as error:
        return _usage_error(error)
    except GeoAgentError as error:
        streams.write_error(str(error))
        return error.exit_code
    except OSError as error:
        streams.write_error(_os_error_line(error))
        return exit_codes.FAILED


def _usage_error(error: typer.TyperException) -> int:
    from geoagent_graph.cli import streams

    if type(error).__name__ == "NoArgsIsHelpError":
        return exit_codes.USAGE  # the help has been shown
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "geoagent"
    streams.write_error(f"{error.format_message().rstrip('.')}. Try: {command} --help")
    return exit_codes.USAGE


def _os_error_line(error: OSError) -> str:
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{error.strerror or error}"
