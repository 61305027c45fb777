"""A case is sent to a collector afterwards, from its trace alone."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.store import CaseStore
from geoagent_graph.settings import Settings
from tests.support.paths import ROOT
from tests.support.spans import begin_case, span_collector


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Yield the address of a collector and what it got."""
    with span_collector() as found:
        yield found


async def test_a_case_is_sent_from_its_trace_by_the_command_line(
    warm_python: str, tmp_path: Path, collector: Any
) -> None:
    address, got = collector
    store = CaseStore(Settings(home=tmp_path))
    await begin_case(store)
    command: list[str | Path] = [
        warm_python,
        "-m",
        "geoagent_graph.cli",
        "export",
        "one",
        "--home",
        tmp_path,
    ]

    def run(endpoint: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "--otel", endpoint], capture_output=True, text=True, cwd=ROOT
        )

    done = await asyncio.to_thread(run, address)
    assert done.returncode == 0, done.stderr
    ((_, request),) = got
    names = [span.name for span in request.resource_spans[0].scope_spans[0].spans]
    assert [name for name in names if name in {"observe", "answer"}] == ["observe", "answer"]
    dead = await asyncio.to_thread(run, "http://127.0.0.1:1")
    assert dead.returncode == 1
    assert "the collector did not take the spans" in dead.stderr
