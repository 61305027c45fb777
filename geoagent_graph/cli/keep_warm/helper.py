"""The helper: it has loaded what a photo needs, and runs each command in a fork of itself.

It listens on a socket of its user alone, on no network, and ends when nobody has asked for some
minutes. A command gets the streams, the folder and the environment of whoever sent it, so that its
output and its exit status are those of a process of its own; a supervisor waits for it, and ends it
when its sender is gone.
"""

import atexit
import contextlib
import fcntl
import gc
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Literal, Never, TextIO

from geoagent_graph.cli.keep_warm.request import Request, close_all, receive_request
from geoagent_graph.cli.keep_warm.sockets import user_of
from geoagent_graph.cli.keep_warm.surroundings import take_over


def main() -> None:
    """Serve commands on the socket that the first argument names."""
    from geoagent_graph.cli.app import main as run_typed
    from geoagent_graph.cli.keep_warm.warm_up import idle_seconds, warm_up

    serve_at(Path(sys.argv[1]), idle_seconds, warm_up, run_typed)


def serve_at(
    path: Path,
    idle_seconds: Callable[[], float],
    warm_up: Callable[[], None],
    run_typed: Callable[[], None],
) -> None:
    """Warm up, then serve until nobody has asked for `idle_seconds`; a second one ends at once."""
    lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    warm_up()
    request = _listen_at(path, idle_seconds())
    os.close(lock)  # in a fork the lock stays with the helper
    if request is not None:
        become(request)
        leave_with(run_typed)


def _listen_at(path: Path, idle_seconds: float) -> Request | None:
    gc.collect()
    gc.freeze()  # a fork need not look through it, and shares its pages
    mask = os.umask(0o177)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        path.unlink(missing_ok=True)  # of one that was killed: the lock says that it has ended
        listener.bind(str(path))
        os.umask(mask)
        listener.listen(16)
        request = serve_commands(listener, idle_seconds)
    if request is None:
        path.unlink(missing_ok=True)
    return request


def serve_commands(listener: socket.socket, idle_seconds: float) -> Request | None:
    """Return None once nobody has asked for so long; in a fork, the command that it is to run."""
    running: set[int] = set()
    while True:
        ready, _, _ = select.select([listener], [], [], idle_seconds)
        running -= {process for process in running if os.waitpid(process, os.WNOHANG)[0]}
        if not ready:
            if running:
                continue
            return None
        connection, _ = listener.accept()
        with connection:
            request = receive_request(connection) if user_of(connection) == os.getuid() else None
            if request is None:
                continue
            supervisor = os.fork()
            if supervisor == 0:
                listener.close()
                if _is_command(connection, request):
                    return request
            running.add(supervisor)
            close_all(request.streams)


def _is_command(connection: socket.socket, request: Request) -> bool:
    """Return True in a new process; here wait for it, tell the sender, and never return."""
    process = os.fork()
    if process == 0:
        connection.close()
        return True
    close_all(request.streams)  # or a reader behind a pipe would wait for this one
    with contextlib.suppress(OSError):  # the sender may be gone
        connection.sendall(f"{process}\n".encode())
    handle = os.pidfd_open(process)
    waiting: list[socket.socket | int] = [connection, handle]
    ready, _, _ = select.select(waiting, [], [])
    if connection in ready:  # it sends nothing more: it is gone
        os.kill(process, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with contextlib.suppress(OSError):  # nobody may be left to hear how it ended
        connection.sendall(f"{status}\n".encode())
    os._exit(0)


def become(request: Request) -> None:
    """Take over what a command has from its sender."""
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
    close_all([stream for stream in request.streams if stream > 2])
    sys.stdin = sys.__stdin__ = _open_stream(0, "r", sys.stdin)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _open_stream(1, "w", sys.stdout)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _open_stream(2, "w", sys.stderr)  # type: ignore[misc]
    os.chdir(request.folder)
    take_over(request.environment)
    sys.argv = ["geoagent", *request.arguments]


def leave_with(run_typed: Callable[[], None]) -> Never:
    """Run a command and end this fork as its process would end.

    What was registered for the end runs; the memory that the fork shares is not taken apart object
    by object, which would copy it page by page.
    """
    status = 0
    try:
        run_typed()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception:  # noqa: BLE001  a defect, shown as Python shows it
        sys.excepthook(*sys.exc_info())
        status = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a pipe nobody reads, or a closed stream
            stream.flush()
    os._exit(status)


def _open_stream(number: int, mode: Literal["r", "w"], like: TextIO) -> TextIOWrapper:
    return open(number, mode, encoding=like.encoding, errors=like.errors, closefd=False)
