"""Printing a report: which browser is found, and what is said where none is or it fails."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.render import pdf


@pytest.fixture
def browsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that is all of PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def install(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def print_instead(monkeypatch: pytest.MonkeyPatch, status: int, content: bytes | None) -> list[str]:
    """Let a browser do this much; return what it was called with."""
    called: list[str] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        called.extend(command)
        target = next(a for a in command if a.startswith("--print-to-pdf=")).partition("=")[2]
        if content is not None:
            Path(target).write_bytes(content)
        return subprocess.CompletedProcess(command, status)

    monkeypatch.setattr(subprocess, "run", run)
    return called


def test_the_first_installed_browser_of_the_list_is_taken(browsers: Path) -> None:
    assert pdf.find_browser() is None
    install(browsers, "microsoft-edge")
    chromium = install(browsers, "chromium")
    assert pdf.find_browser() == chromium


def test_without_a_browser_the_other_report_is_named(browsers: Path) -> None:
    assert not any(browsers.iterdir())
    with pytest.raises(InputError, match=r"--pdf: needs Chromium.*--html report"):
        pdf.pdf_bytes("<p>")


def test_the_browser_gets_no_network_and_its_file_is_returned(
    browsers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = install(browsers, "chromium")
    called = print_instead(monkeypatch, 0, b"%PDF-1.4")
    assert pdf.pdf_bytes("<p>lone \ud800</p>") == b"%PDF-1.4"
    assert called[0] == path
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in called


@pytest.mark.parametrize(("status", "content"), [(3, b"%PDF half"), (0, None)])
def test_a_browser_that_fails_is_named_with_its_status(
    browsers: Path, monkeypatch: pytest.MonkeyPatch, status: int, content: bytes | None
) -> None:
    install(browsers, "chromium")
    print_instead(monkeypatch, status, content)
    with pytest.raises(ToolError, match=rf"--pdf: chromium failed \(exit status {status}\)"):
        pdf.pdf_bytes("<p>")


def test_a_browser_that_hangs_is_given_up(browsers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(browsers, "chromium")

    def hang(command: list[str], timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(ToolError, match="--pdf: chromium took more than 120 s"):
        pdf.pdf_bytes("<p>")
