"""Nothing connects anywhere: a whole run in a network namespace without any interface."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

HOSTILE = {
    "LANGSMITH_TRACING": "true",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_API_KEY": "lsv2_not_a_key",
    "LANGSMITH_ENDPOINT": "http://192.0.2.1:9",
    "ORT_DISABLE_TELEMETRY": "0",
    "HTTP_PROXY": "http://192.0.2.1:9",
    "HTTPS_PROXY": "http://192.0.2.1:9",
}

# Runs the command line with an audit hook that writes down every attempt to reach a network.
WATCHED = """
import socket, sys
attempts = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        if arguments[0].family != socket.AF_UNIX:
            attempts.append((event, str(arguments[1])))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        attempts.append((event, str(arguments[0])))
sys.addaudithook(watch)
from geoagent_graph.cli.app import main
sys.argv = ["geoagent", "locate", "--json", "--quiet", sys.argv[1]]
try:
    main()
finally:
    print(attempts, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("street") / "street.png"
    script = ROOT / "tools" / "draw_street.py"
    subprocess.run([sys.executable, script, "--out", path], check=True)
    return path


def test_a_whole_run_works_without_a_network(street: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode:
        pytest.skip("user namespaces are off on this machine")
    done = subprocess.run(
        [unshare, "-rn", sys.executable, "-c", WATCHED, street],
        capture_output=True,
        text=True,
        env={**os.environ, **HOSTILE},
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["level"] == "city"
    assert done.stderr.strip().splitlines()[-1] == "[]", "something tried to connect"
