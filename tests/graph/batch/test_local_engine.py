"""Processes of this machine: killed ones are replaced, and a photo that kills is found."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.protocols import OpenedPhoto, TextLine
from tests.support.batches import SmallPhotos, kept_rows, make_photos, run, use_tools


class Deadly(SmallPhotos):
    """Photos of which one ends the process that opens it."""

    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        """Return the reference of a photo, or end the process."""
        if name is not None and name.endswith("0013.jpg"):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().open(source, name)


@pytest.mark.skipif(sys.platform != "linux", reason="scripted tools reach workers by a fork")
def test_a_photo_that_ends_its_process_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_tools(monkeypatch, images=Deadly())
    report = run(make_photos(tmp_path / "photos", 20), tmp_path / "out")
    rows = kept_rows(tmp_path / "out")
    assert [row["row"] for row in rows if row["error"]] == [13]
    assert "ended the process" in rows[13]["error"]
    assert report.counts.levels["city"] == 19


class KeepingReader:
    """Reads nothing, and notes which process was asked to keep models."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def keep_models(self) -> None:
        """Note the process."""
        with self._notes.open("a") as file:
            file.write(f"{os.getpid()}\n")

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return no line."""
        return []


@pytest.mark.skipif(sys.platform != "linux", reason="scripted tools reach workers by a fork")
def test_the_models_of_scripts_are_loaded_once_for_all_processes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_tools(monkeypatch, text_reader=KeepingReader(tmp_path / "notes"))
    run(make_photos(tmp_path / "photos", 40), tmp_path / "out", workers=2)
    assert (tmp_path / "notes").read_text().split() == [str(os.getpid())]
