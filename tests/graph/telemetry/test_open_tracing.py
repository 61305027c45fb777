"""Settings become a way to a collector, or none."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.installation import extra_command
from geoagent_graph.settings import Settings
from geoagent_graph.telemetry.open_tracing import open_tracing
from tests.support.cases import photo_bytes
from tests.support.paths import ROOT


def test_without_an_endpoint_nothing_is_loaded_or_sent(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from geoagent_graph.cli.cases.open_cases import open_store\n"
        "from geoagent_graph.settings import load_settings\n"
        "from geoagent_graph.telemetry.open_tracing import open_tracing\n"
        "assert open_store(None).names() == []\n"
        "assert open_tracing(load_settings()) is None\n"
        "print([n for n in sys.modules if n.startswith('opentelemetry.sdk')])"
    )
    environment = {
        **os.environ,
        "GEOAGENT_HOME": str(tmp_path),
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1:9",
        "OTEL_TRACES_EXPORTER": "otlp",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_a_dead_endpoint_costs_a_command_no_time_and_one_line(
    warm_python: str, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(photo_bytes())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        command = [warm_python, "-m", "geoagent_graph.cli", "investigate", str(photo), "--json"]
        done = subprocess.run(
            [*command, "--quiet", "--case", "dead", "--home", str(tmp_path)],
            capture_output=True,
            text=True,
            env={**os.environ, "GEOAGENT_OTEL_ENDPOINT": endpoint},
            cwd=ROOT,
        )
    assert json.loads(done.stdout)["status"] == "answered"
    lines = [line for line in done.stderr.splitlines() if "OpenTelemetry" in line]
    assert len(lines) <= 1
    assert "Traceback" not in done.stderr
    assert "Transient" not in done.stderr


@pytest.mark.parametrize(
    "endpoint", ["", "127.0.0.1:4318", "ftp://x", "file:///etc/passwd", "http://", "http://x:0"]
)
def test_an_endpoint_that_is_none_is_refused(tmp_path: Path, endpoint: str) -> None:
    with pytest.raises(InputError, match="GEOAGENT_OTEL_ENDPOINT"):
        open_tracing(Settings(home=tmp_path, otel_endpoint=endpoint))


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk'] = None\n"
        "sys.modules['opentelemetry.exporter'] = None\n"
        "from geoagent_graph.cli.app import main; main(['cases'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "GEOAGENT_OTEL_ENDPOINT": "http://127.0.0.1:1"},
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert extra_command("otel") in done.stderr
