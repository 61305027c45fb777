"""Processes of this machine: killed ones are replaced, and a photo that kills is found."""

import os
import signal
import sys
from pathlib import Path

import pytest

from geoagent_graph.protocols import OpenedPhoto
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
