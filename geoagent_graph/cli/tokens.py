"""`geoagent tokens`: a token for each person who may reach the server of `geoagent serve`."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from geoagent_graph.cli.options import Home

tokens_app = typer.Typer(
    name="tokens",
    no_args_is_help=True,
    help="A token for each person who may reach `geoagent serve`; traces then name them.",
    context_settings={"help_option_names": ["--help", "-h"]},
)
PersonName = Annotated[str, typer.Argument(metavar="NAME", help="Whose it is, as in traces.")]
TokensFile = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="Else tokens.json in the folder of cases."),
]


@tokens_app.command()
def add(name: PersonName, file: TokensFile = None, home: Home = None) -> None:
    """Print a new token for a person, once; the file keeps what proves it, not the token."""
    from geoagent_graph.cli.streams import write_note, write_result
    from geoagent_graph.serve.token_file import add_token

    path = _path_of(file, home)
    write_result(f"{add_token(path, name)}\n")
    write_note(f"give it to {name.strip()} alone; it is not shown again and stands nowhere")
    write_note(f"the server that takes it: geoagent serve --tokens {shlex.quote(str(path))}")


@tokens_app.command(name="list")
def list_tokens(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    file: TokensFile = None,
    home: Home = None,
) -> None:
    """List who has a token, and since when."""
    from geoagent_graph.cli.streams import write_result
    from geoagent_graph.safe_text import visible
    from geoagent_graph.serve.token_file import read_tokens

    holders = read_tokens(_path_of(file, home))
    if as_json:
        rows = [{"name": holder.name, "made": holder.made} for holder in holders]
        write_result(json.dumps(rows, indent=2) + "\n")
        return
    write_result("".join(f"{visible(h.name)}  since {visible(h.made)}\n" for h in holders))


@tokens_app.command()
def remove(name: PersonName, file: TokensFile = None, home: Home = None) -> None:
    """Take a person's token away; a server that runs refuses it from its next request on."""
    from geoagent_graph.cli.streams import write_note
    from geoagent_graph.serve.token_file import remove_token

    remove_token(_path_of(file, home), name)
    write_note(f"{name.strip()}: has no token any more")


def _path_of(file: Path | None, home: Path | None) -> Path:
    from geoagent_graph.cli.cases.open_cases import settings_in
    from geoagent_graph.serve.token_file import FILE_NAME

    settings = settings_in(home)
    return (file or settings.serve_tokens or settings.home / FILE_NAME).absolute()
