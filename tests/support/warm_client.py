"""The client of `warm_server.py`: a stand-in for `python` that starts without its imports.

    python -I -S warm_client.py SOCKET [-m MODULE | -c CODE | SCRIPT] [ARGUMENTS]

It hands its streams, folder and environment to the server, whose fork runs the command with them,
passes signals on, and ends as the fork ends. Options of the interpreter need one of its own, which
then takes the client's place.
"""

import array
import json
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

_FORWARDED = {
    signal.SIGINT: signal.SIGINT,
    signal.SIGTERM: signal.SIGTERM,
    signal.SIGHUP: signal.SIGHUP,
    signal.SIGUSR1: signal.SIGKILL,
}


def main() -> None:
    """Run a command in a fork of the server and end with its status."""
    address, *arguments = sys.argv[1:]
    if arguments and arguments[0].startswith("-") and arguments[0] not in ("-m", "-c"):
        os.execv(sys.executable, [sys.executable, *arguments])
    signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)  # until there is somebody to tell
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.connect(address)
        send_request(server, arguments)
        with server.makefile("r") as replies:
            forward_signals(int(replies.readline()))
            code = int(replies.readline() or -signal.SIGKILL)
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def send_request(server: socket.socket, arguments: list[str]) -> None:
    """Send the three streams, then the length of the request and the request."""
    request = {"arguments": arguments, "folder": str(Path.cwd()), "environment": dict(os.environ)}
    body = json.dumps(request).encode()
    streams = array.array("i", [0, 1, 2]).tobytes()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)]
    server.sendmsg([len(body).to_bytes(8, "little")], rights)
    server.sendall(body)


def forward_signals(pid: int) -> None:
    """Let the process get the signals that come here."""

    def forward(number: int, frame: FrameType | None) -> None:
        os.kill(pid, _FORWARDED[signal.Signals(number)])

    for number in _FORWARDED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, forward)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FORWARDED)


main()
