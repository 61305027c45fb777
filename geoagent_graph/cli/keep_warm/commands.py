"""`geoagent keep-warm`: the helpers that `geoagent locate --keep-warm` has left behind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer

from geoagent_graph.cli.keep_warm.sockets import (
    all_sockets,
    can_keep_warm,
    connect_to,
    process_of,
    runtime_folder,
)
from geoagent_graph.cli.streams import write_result
from geoagent_graph.errors import InputError, StorageError

keep_warm_app = typer.Typer(
    name="keep-warm",
    no_args_is_help=True,
    help="Helpers that `geoagent locate --keep-warm` leaves behind: list them, end them.",
    context_settings={"help_option_names": ["--help", "-h"]},
)
_NONE: Final = "no helper is waiting\n"


@keep_warm_app.command()
def status() -> None:
    """List the helpers that wait, with their process."""
    lines = [f"process {process} waits at {path}\n" for path, process in _helpers()]
    write_result("".join(lines) or _NONE)


@keep_warm_app.command()
def stop() -> None:
    """End all helpers; a command that one of them runs goes on to its end."""
    ended = []
    for path, process in _helpers():
        os.kill(process, signal.SIGTERM)
        path.unlink(missing_ok=True)
        ended.append(f"ended process {process}\n")
    write_result("".join(ended) or _NONE)


def _helpers() -> Iterator[tuple[Path, int]]:
    """Yield (socket, process) of each helper; a socket where nobody listens is removed.

    Raises:
        InputError: this system knows no helpers.
        StorageError: their folder cannot be used.
    """
    if not can_keep_warm():
        raise InputError("keep-warm: this system has not what a helper needs; it takes Linux")
    try:
        sockets = all_sockets(runtime_folder())
    except OSError as error:
        raise StorageError(f"{error.filename or error}: cannot be used for helpers") from error
    for path in sockets:
        connection = connect_to(path)
        if connection is None:
            path.unlink(missing_ok=True)
            continue
        with connection:
            yield path, process_of(connection)
