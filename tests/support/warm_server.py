"""Runs Python commands in forks of one process that has imported what they need.

    python -m tests.support.warm_server SOCKET agent|kernels

A command gets the streams, the folder, the environment and the arguments of its client
(`warm_client.py`), and ends as an interpreter of its own does: with its exit handlers and its exit
status. A supervisor waits for it, and ends it when its client is gone. The server ends with its
standard input. WARM_SITE in a command's environment is one more folder of installed packages.
"""

import array
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import site
import socket
import sys
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Literal, TextIO

_AGENT = (
    "geoagent_graph.cli.locate",
    "geoagent_graph.cli.engine",
    "geoagent_graph.cli.outputs",
    "geoagent_graph.cli.doctor",
    "geoagent_graph.cli.index",
    "geoagent_graph.cli.serve",
    "geoagent_graph.cli.cases.runs",
    "geoagent_graph.api",
    "geoagent_graph.kept_answers",
    "geoagent_graph.cases.serializer",
    "geoagent_graph.default_tools",
    "geoagent_graph.evidence.evidence_model",
    "geoagent_graph.geo.geocoder",
    "geoagent_graph.graph",
    "geoagent_graph.images.store",
    "geoagent_graph.perception.text_reader",
    "geoagent_graph.policies.evidence_policy",
    "geoagent_graph.render.formats.table",
    "geoagent_graph.render.terminal.answer_text",
    "babel.numbers",
    "eldc",
    "ipykernel.kernelapp",
    "langchain_core.tracers.context",
    "langgraph.checkpoint.sqlite.aio",
    "numpy.ma",
    "phonenumbers",
    "rapidocr.main",
)
_TRAINING = (
    "geoagent_training.cli",
    "geoagent_training.grpo",
    "geoagent_training.miniature",
    "geoagent_training.recipe_check",
    "peft",
    "trl",
)
_PRELOADED = {"agent": _AGENT, "kernels": ("numpy", "torch", "triton", "pytest")}


@dataclass(frozen=True)
class Command:
    """What a client asks for."""

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    streams: list[int]

    @property
    def trains(self) -> bool:
        """Whether it is one of training, which takes more imports."""
        return any(
            name in word
            for word in self.arguments[:2]
            for name in ("geoagent_training", "geoagent-train")
        )


def main() -> Command:
    """Serve commands; return, in a fork, the one that it runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(sys.argv[1])
        listener.listen(16)
        preload(_PRELOADED[sys.argv[2]])
        os.write(1, b"ready\n")
        while True:
            ready = wait_for(listener, 0)
            reap_supervisors(os.WNOHANG)
            if listener not in ready:
                break
            client, _ = listener.accept()
            command = read_command(client)
            if command.trains:
                preload(_TRAINING)
            if os.fork() == 0:
                listener.close()
                if supervise(client):
                    return command
            client.close()
            for stream in command.streams:
                os.close(stream)
    reap_supervisors(0)
    sys.exit()


def wait_for(*waiting: socket.socket | int) -> list[socket.socket | int]:
    """Return those that can be read, or have ended."""
    ready, _, _ = select.select(waiting, [], [])
    return ready


def preload(names: tuple[str, ...]) -> None:
    """Import modules, and keep the collector of every fork away from what they hold."""
    for name in names:
        with contextlib.suppress(ModuleNotFoundError):  # of an extra that is not installed
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def reap_supervisors(options: int) -> None:
    """Take the status of those that have ended; what their commands took counts as the server's."""
    try:
        while os.waitpid(-1, options)[0]:
            pass
    except ChildProcessError:
        return


def read_command(client: socket.socket) -> Command:
    """Return what a client sends: its streams, and the length of the request and the request."""
    streams = array.array("i")
    size, rights, _, _ = client.recvmsg(8, socket.CMSG_LEN(3 * streams.itemsize))
    for _, _, data in rights:
        streams.frombytes(data)
    with client.makefile("rb") as sent:
        request: dict[str, Any] = json.loads(sent.read(int.from_bytes(size, "little")))
    return Command(**request, streams=streams.tolist())


def supervise(client: socket.socket) -> bool:
    """Return True in a new process; here wait for it, tell the client, and never return."""
    pid = os.fork()
    if pid == 0:
        client.close()
        return True
    client.sendall(f"{pid}\n".encode())
    process = os.pidfd_open(pid)
    ready = wait_for(client, process)
    if client in ready:  # it sends nothing more: it is gone
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if client not in ready:
        client.sendall(f"{code}\n".encode())
    os._exit(0)


def replace_streams(streams: list[int]) -> None:
    """Put a command's streams in the place of this process's own."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = sys.__stdin__ = _open_stream(0, "r", sys.stdin)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _open_stream(1, "w", sys.stdout)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _open_stream(2, "w", sys.stderr)  # type: ignore[misc]


def _open_stream(number: int, mode: Literal["r", "w"], like: TextIO) -> TextIOWrapper:
    return open(number, mode, encoding=like.encoding, errors=like.errors, closefd=False)


def run_command(command: Command) -> None:
    """Become what the interpreter is when it runs a command."""
    replace_streams(command.streams)
    os.chdir(command.folder)
    os.environ.clear()
    os.environ.update(command.environment)
    searched = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:0] = [path for path in searched if path not in sys.path]
    if "WARM_SITE" in os.environ:
        site.addsitedir(os.environ["WARM_SITE"])
    first, *rest = command.arguments
    if first == "-m":
        sys.path.insert(0, command.folder)
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.path.insert(0, "")
        sys.argv = ["-c", *rest[1:]]
        exec(rest[0], {"__name__": "__main__"})
    else:
        sys.path.insert(0, str(Path(first).resolve().parent))
        sys.argv = command.arguments
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    run_command(main())
