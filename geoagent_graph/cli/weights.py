"""`geoagent weights`: what can be downloaded, what is here, and whether it is still what it was."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.weights.entry import Entry
    from geoagent_graph.weights.store import WeightStore
    from geoagent_graph.weights.web import Progress

EXPLAINED = (
    "Exit status: 0 done; 1 weights that are missing, changed or cannot be had; 2 wrong usage."
)

weights_app = typer.Typer(
    name="weights",
    help="Weights that others have published: pulled when you ask for them, and never otherwise.",
    no_args_is_help=True,
    epilog=EXPLAINED,
)

_NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A row of `weights list`.")]
_JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@weights_app.command("list", epilog=EXPLAINED)
def list_weights(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show everything about one row.")
    ] = None,
    as_json: _JsonOption = False,
) -> None:
    """List what can be pulled, what it is for, how large it is, and under which licence."""
    from geoagent_graph.weights.catalogue import catalogue, find_entry

    store = open_store()
    entries = [find_entry(name)] if name else list(catalogue().values())
    if as_json:
        _write_json([_entry_fields(entry, store) for entry in entries])
    elif name:
        write_result("".join(_detail_lines(entries[0], store)))
    else:
        write_result("".join(_entry_line(entry, store) for entry in entries))


@weights_app.command(epilog=EXPLAINED)
def pull(
    name: _NameArgument,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FOLDER",
            help="Take the files from this folder: for a machine without a network.",
        ),
    ] = None,
    accept_licence: Annotated[
        bool,
        typer.Option(
            "--accept-licence", help="Accept a licence that forbids commercial use, unasked."
        ),
    ] = False,
) -> None:
    """Bring a row to this machine; a pull that was broken off goes on where it was.

    Every file is compared with the digest that is pinned, and looked at, before it gets its name.
    """
    from geoagent_graph.settings import hub_is_offline
    from geoagent_graph.weights.catalogue import find_entry
    from geoagent_graph.weights.pulling import open_supplier
    from geoagent_graph.weights.pulling import pull as pull_entry

    entry, store = find_entry(name), open_store()
    accepted = accept_licence or _ask_about_licence(entry, store)
    with _progress_bar() as progress:
        supplier = open_supplier(entry, source, offline=hub_is_offline(), progress=progress)
        done = pull_entry(entry, store, supplier, accept_licence=accepted, note=write_note)
    size = f"{done.size_bytes / 1e6:,.1f} MB"
    write_result(f"{name}: {done.outcome}, {size}, in {visible(str(done.folder), 300)}\n")
    for needed in entry.needs:
        if store.state(find_entry(needed)) != "there":
            write_note(f"{name} is of use together with: geoagent weights pull {needed}")


@weights_app.command(epilog=EXPLAINED)
def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One row; else all that were pulled.")
    ] = None,
    as_json: _JsonOption = False,
) -> None:
    """Read every byte that was pulled and compare it with what is pinned."""
    from geoagent_graph.weights.catalogue import find_entry

    store = open_store()
    entries = [find_entry(name)] if name else store.entries("there", "partly", "changed")
    problems = [problem for entry in entries for problem in store.verify(entry)]
    if as_json:
        _write_json({
            "verified": [entry.name for entry in entries],
            "problems": [{"name": p.name, "file": p.path, "problem": p.problem} for p in problems],
        })  # fmt: skip
    else:
        for problem in problems:
            write_result(
                f"{' '.join(filter(None, (problem.name, problem.path)))}: {problem.problem}\n"
            )
        sound = [entry.name for entry in entries if entry.name not in {p.name for p in problems}]
        write_result("".join(f"{found}: sound\n" for found in sound) or _nothing(entries))
    raise typer.Exit(exit_codes.FAILED if problems else exit_codes.ANSWERED)


@weights_app.command(epilog=EXPLAINED)
def remove(name: _NameArgument) -> None:
    """Delete the files of a row and forget what was pinned of it."""
    from geoagent_graph.weights.catalogue import find_entry

    store = open_store()
    entry = find_entry(name)
    if store.state(entry) == "absent" and not store.arrivals_of(name).is_dir():
        write_note(f"{name}: not on this machine")
        raise typer.Exit(exit_codes.FAILED)
    write_result(f"{name}: removed, {store.remove(name) / 1e6:,.1f} MB\n")


@weights_app.command(epilog=EXPLAINED)
def where(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One row; else the folder of all.")
    ] = None,
) -> None:
    """Print the folder that weights lie in (GEOAGENT_WEIGHTS_DIR)."""
    from geoagent_graph.weights.catalogue import find_entry

    store = open_store()
    folder = store.require(find_entry(name)) if name else store.folder
    write_result(f"{folder}\n")


def open_store() -> "WeightStore":
    """Return the weights of this machine."""
    from geoagent_graph.settings import load_settings, prepare_process
    from geoagent_graph.weights.store import WeightStore

    prepare_process()
    return WeightStore(load_settings().weights_dir)


def _ask_about_licence(entry: "Entry", store: "WeightStore") -> bool:
    """Return whether a person at a terminal accepts a licence that forbids commercial use."""
    pin = store.pin(entry.name)
    if entry.licence.commercial or (pin and pin.accepted_licence == entry.licence.id):
        return False
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(
        f"{entry.title}: licence {entry.licence.id}, not for commercial use. Accept it?", err=True
    )


def _entry_line(entry: "Entry", store: "WeightStore") -> str:
    state = store.state(entry)
    return (
        f"{entry.name:<20} {state:<8} {_size_words(entry):>8}  {entry.licence.id:<13} "
        f"{entry.purpose}\n"
    )


def _size_words(entry: "Entry") -> str:
    if entry.size_bytes is None:
        return "?"
    return (
        f"{entry.size_bytes / 1e9:.2f} GB"
        if entry.size_bytes > 1e9
        else f"{entry.size_bytes / 1e6:.0f} MB"
    )


def _detail_lines(entry: "Entry", store: "WeightStore") -> Iterator[str]:
    source, licence = entry.source, entry.licence
    figure = f"{entry.figure.says} ({entry.figure.source})" if entry.figure else "none was found"
    rows = {
        "title": entry.title,
        "for": entry.purpose,
        "state": store.state(entry),
        "size": _size_words(entry),
        "repository": source.repository,
        "revision": getattr(source, "revision", None) or "pinned at the first pull",
        "files": ", ".join(f.path for f in entry.files)
        or " ".join(getattr(source, "patterns", ())),
        "licence": f"{licence.id}, read on {licence.read_on} in: {licence.read_in}",
        "commercial": "allowed" if licence.commercial else "forbidden; asked for before a pull",
        "input": entry.preprocessing,
        "output": entry.output,
        "improves": entry.improves,
        "published": figure,
    }
    return (f"{name:<12}{words}\n" for name, words in rows.items())


def _entry_fields(entry: "Entry", store: "WeightStore") -> dict[str, Any]:
    return {**entry.model_dump(mode="json"), "state": store.state(entry)}


def _nothing(entries: "list[Entry]") -> str:
    return "" if entries else "nothing was pulled; `geoagent weights list` shows what there is\n"


@contextmanager
def _progress_bar() -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        tasks: dict[str, Any] = {}

        def show(file: str, done: int, total: int | None) -> None:
            if file not in tasks:
                tasks[file] = bar.add_task(file, total=total)
            bar.update(tasks[file], completed=done, total=total)

        yield show


def _write_json(value: Any) -> None:
    write_result(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
