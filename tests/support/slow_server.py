"""A server whose runs take so long that a test can end it in the middle."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def slow_server(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Yield a server in a process of its own whose steps take a second, and the line it prints."""
    code = (
        "import pytest, sys, asyncio\n"
        "from tests.support import scripted_cli\n"
        "from geoagent_graph.testing import ScriptedPolicy\n"
        "real = ScriptedPolicy.propose\n"
        "async def slow(self, situation):\n"
        "    await asyncio.sleep(1.0)\n"
        "    return await real(self, situation)\n"
        "ScriptedPolicy.propose = slow\n"
        "scripted_cli.install(pytest.MonkeyPatch())\n"
        "from geoagent_graph.cli.app import main\n"
        "main(['serve', '--port', '0', '--home', sys.argv[1]])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "."},
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().decode().strip()
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
