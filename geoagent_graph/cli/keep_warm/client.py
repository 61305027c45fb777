"""The command's side of `--keep-warm`: its helper answers where one is there, else it stays plain.

The helper runs the command with this process's streams, folder and environment; this one passes
signals on and ends as that one ends.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from types import FrameType
from typing import Final

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.keep_warm.flag import FLAG
from geoagent_graph.cli.keep_warm.request import send_request
from geoagent_graph.cli.keep_warm.sockets import (
    can_keep_warm,
    connect_to,
    runtime_folder,
    socket_at,
)
from geoagent_graph.cli.keep_warm.surroundings import (
    environment_of_helper,
    name_of_surroundings,
    search_path,
)
from geoagent_graph.errors import StorageError

_PASSED_ON: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from geoagent_graph.cli.keep_warm.helper import main; main()"
)


@dataclass(frozen=True, slots=True)
class Helper:
    """The helper of a command; taken before the command runs, which changes its environment."""

    name: str
    environment: dict[str, str]
    search_path: list[str]

    @classmethod
    def of_this_process(cls) -> "Helper | None":
        """Return the helper of this command; None where the system has not what one needs."""
        if not can_keep_warm():
            return None
        return cls(name_of_surroundings(), environment_of_helper(), search_path())

    def run(self, arguments: list[str]) -> int | None:
        """Return the exit status of a command that it has run; None where it could not.

        A command that a signal ended ends this process by it.
        """
        try:
            connection = connect_to(socket_at(runtime_folder(), self.name))
        except OSError:
            return None
        if connection is None:
            return None
        with connection:
            return _follow_command(connection, arguments)

    def start(self) -> None:
        """Start it for the next command; it ends at once where there is one.

        Raises:
            StorageError: its folder cannot be used, or no process can be started.
        """
        try:
            path = socket_at(runtime_folder(), self.name)
            subprocess.Popen(  # noqa: S603  our own code
                [sys.executable, "-c", _START, json.dumps(self.search_path), str(path)],
                cwd="/",
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise StorageError(f"{FLAG}: no helper can be started: {error}") from error


def _follow_command(connection: socket.socket, arguments: list[str]) -> int | None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)  # until there is somebody to tell
    try:
        send_request(connection, arguments)
        connection.settimeout(None)
        with connection.makefile("r") as replies:
            process = replies.readline()
            if not process:
                return None  # it has ended before it began
            _pass_signals_on(int(process))
            status = int(replies.readline() or -signal.SIGKILL)
    except OSError:
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)
    return status if status >= 0 else _end_by_signal(-status)


def _pass_signals_on(process: int) -> None:
    def pass_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        os.kill(process, number)

    for number in _PASSED_ON:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)


def _end_by_signal(number: int) -> int:
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return exit_codes.FAILED
