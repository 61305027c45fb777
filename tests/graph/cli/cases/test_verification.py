"""`verify` says what it checked, finds what was changed, and takes a photo for a trace alone."""

import asyncio
import json
from pathlib import Path

import pytest

from geoagent_graph.cli.cases.verification import Checks, verify
from geoagent_graph.errors import InputError
from tests.support.cases import begin, photo_bytes, store_in


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Return the trace of an answered case; its folder is `tmp_path`."""
    asyncio.run(begin(tmp_path))
    return store_in(tmp_path).trace_path("one", "main")


def test_a_trace_and_its_photo_hold(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(photo_bytes())
    assert verify(str(trace), Checks(photo), None, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert all(line.startswith("ok: ") for line in lines)


def test_another_photo_is_wrong(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(photo_bytes((1, 2, 3)))
    assert verify(str(trace), Checks(other), None, as_json=False) == 1
    assert "WRONG: " in capsys.readouterr().out


def test_a_changed_case_is_wrong_in_json_too(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace.write_text(trace.read_text().replace("Lisbon", "Lon\\u001bdon"))
    assert verify("one/main", Checks(), tmp_path, as_json=True) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["holds"] is False
    assert any("hash" in problem for problem in said["problems"])


def test_a_photo_beside_a_case_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--photo: belongs to a trace file"):
        verify("one", Checks(tmp_path / "photo.png"), tmp_path, as_json=False)
    with pytest.raises(InputError, match="no such case"):
        verify("one", Checks(), tmp_path, as_json=False)
