"""A `python` for tests whose commands start without their imports; see `warm_server.py`.

For commands whose start is not what is tested. What their imports cost, what their environment
changes before the first import, and what the kernel does to them is tested with `sys.executable`.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from tests.support.paths import ROOT

KILL: Final = signal.SIGUSR1
"""Ends a command at once, and its client when it is gone: nothing can pass SIGKILL on."""

_CLIENT = Path(__file__).with_name("warm_client.py")


@contextlib.contextmanager
def open_warm_python(
    preloaded: Literal["agent", "kernels"] = "agent", first_path: Path | None = None
) -> Iterator[str]:
    """Yield the path of the interpreter; where forks are not safe it is the one that runs now.

    Args:
        preloaded: which imports it starts with.
        first_path: a folder that it looks into before all others, from its own start on.
    """
    if sys.platform != "linux":
        yield sys.executable
        return
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:  # a socket's path is short
        address = Path(folder, "socket")
        with _serve(address, preloaded, first_path):
            program = Path(folder, "python")
            words = shlex.join([sys.executable, "-I", "-S", str(_CLIENT), str(address)])
            program.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
            program.chmod(0o755)
            yield str(program)


@contextlib.contextmanager
def _serve(address: Path, preloaded: str, first_path: Path | None) -> Iterator[None]:
    """Run the server at an address; at the end wait for it and for what it has begun."""
    first = () if first_path is None else (str(first_path),)
    paths = os.pathsep.join((*first, str(ROOT), *filter(None, sys.path)))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.warm_server", str(address), preloaded],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
    )
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield
        server.stdin.close()
