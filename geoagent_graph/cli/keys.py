"""`geoagent keys`: the key that signs the traces you hand on, and those of people you trust."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoagent_graph.cli.options import Home

if TYPE_CHECKING:
    from geoagent_graph.cases.key_store import KeyStore
    from geoagent_graph.cases.signing import PublicKey
    from geoagent_graph.settings import Settings

keys_app = typer.Typer(
    name="keys",
    no_args_is_help=True,
    help="Keys that sign traces, and those of people you trust.",
    context_settings={"help_option_names": ["--help", "-h"]},
)
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@keys_app.command()
def create(
    name: Annotated[
        str | None,
        typer.Option(
            "--name", metavar="NAME", help="Whose key it is; else GEOAGENT_PERSON or you."
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Make a key; from then on every trace that is exported is signed with it."""
    from geoagent_graph.settings import current_person

    settings, keys = _open_keys(home)
    key = keys.create(name or current_person(settings))
    _write_text(f"{key.line}\n")
    _write_remark(f"the private key is in {keys.private_path}, for you alone: keep a copy of it")
    _write_remark(f"its fingerprint, to be told by another way than the traces: {key.fingerprint}")


@keys_app.command()
def show(as_json: JsonFlag = False, home: Home = None) -> None:
    """Print your public key, for others to trust; exit status 1 if there is none."""
    from geoagent_graph.errors import InputError

    key = _open_keys(home)[1].own()
    if key is None:
        raise InputError("there is no key here yet. Run: geoagent keys create")
    _write_text(
        json.dumps(_key_json(key, own=True), indent=2) + "\n" if as_json else f"{key.line}\n"
    )


@keys_app.command(name="list")
def list_keys(as_json: JsonFlag = False, home: Home = None) -> None:
    """List your key and those you trust, with their fingerprints."""
    from geoagent_graph.safe_text import visible

    known = _open_keys(home)[1].known()
    rows = [_key_json(key, own=False) for key in known.trusted]
    rows = [_key_json(known.own, own=True), *rows] if known.own is not None else rows
    if as_json:
        _write_text(json.dumps(rows, indent=2) + "\n")
        return
    lines = [
        f"{row['fingerprint']}  {visible(row['name'])}{'  (your own)' if row['own'] else ''}"
        for row in rows
    ]
    _write_text("".join(f"{line}\n" for line in lines) or "no keys yet: geoagent keys create\n")


@keys_app.command()
def trust(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A line `ssh-ed25519 ...`, or a file with one.")
    ],
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="What to call its owner.")
    ] = None,
    home: Home = None,
) -> None:
    """Take signatures of a key for its owner's; compare the fingerprint with them first."""
    from geoagent_graph.cases.key_store import read_public_key
    from geoagent_graph.safe_text import visible

    found = read_public_key(key, name)
    _open_keys(home)[1].trust(found)
    _write_text(f"{visible(found.name)}: trusted, {found.fingerprint}\n")


@keys_app.command()
def forget(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `geoagent keys list` shows it.")],
    home: Home = None,
) -> None:
    """Trust somebody's key no more."""
    from geoagent_graph.safe_text import visible

    gone = _open_keys(home)[1].forget(name)
    _write_text(f"{visible(gone.name)}: trusted no more, {gone.fingerprint}\n")


def _open_keys(home: Path | None) -> "tuple[Settings, KeyStore]":
    from geoagent_graph.cases.key_store import KeyStore
    from geoagent_graph.cli.cases.open_cases import settings_in

    settings = settings_in(home)
    return settings, KeyStore(settings.home.absolute())


def _key_json(key: "PublicKey", *, own: bool) -> dict[str, Any]:
    return {"name": key.name, "fingerprint": key.fingerprint, "key": key.line, "own": own}


def _write_text(text: str) -> None:
    from geoagent_graph.cli.streams import write_result

    write_result(text)


def _write_remark(text: str) -> None:
    from geoagent_graph.cli.streams import write_note

    write_note(text)
