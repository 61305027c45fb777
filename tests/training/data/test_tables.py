"""Rows as tables: bad ones left out and named, photos checked, and nothing made of nothing."""

import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.data.rows import LocatedPhoto
from geoagent_training.data.sources import SourceRow
from geoagent_training.data.tables import good_rows, image_problem, picture_cell
from geoagent_training.errors import DataError
from PIL import Image


def png() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (2, 2)).save(data, "PNG")
    return data.getvalue()


def rows_file(folder: Path, *images: str, **changed: Any) -> Path:
    path = folder / "rows.jsonl"
    row = {"lat_deg": 1.0, "lon_deg": 2.0, "country": "Peru"} | changed
    path.write_text("".join(json.dumps({"image": image, **row}) + "\n" for image in images))
    return path


def kept(path: Path, *, check: bool = True, limit: int | None = None) -> list[str]:
    rows = good_rows(path, "geoagent", None, check_images=check, limit=limit)
    return [Path(row.photo.image).name for row in rows]


def test_photos_that_do_not_decode_are_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "good.png").write_bytes(png())
    (tmp_path / "cut.png").write_bytes(png()[:40])
    path = rows_file(tmp_path, "good.png", "cut.png", "none.png")
    with caplog.at_level(logging.WARNING):
        assert kept(path) == ["good.png"]
    assert "2 rows left out, 1 kept" in caplog.text
    assert f"{path}:2: the image" in caplog.text
    assert kept(path, check=False) == ["good.png", "cut.png"]


def test_a_limit_counts_good_rows_only(tmp_path: Path) -> None:
    for name in ("b.png", "c.png", "d.png"):
        (tmp_path / name).write_bytes(png())
    path = rows_file(tmp_path, "none.png", "b.png", "c.png", "d.png")
    assert kept(path, limit=2) == ["b.png", "c.png"]


def test_a_table_of_nothing_says_what_was_wrong_first(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no usable row; the first problem: .*jsonl:1: "):
        kept(rows_file(tmp_path, "a.png", "b.png", lat_deg=91))
    with pytest.raises(DataError, match=r"has no usable row$"):
        kept(rows_file(tmp_path))


def test_bytes_in_the_table_go_before_the_file() -> None:
    photo = LocatedPhoto(image="none.png", lat_deg=0, lon_deg=0, country="Peru")
    row = SourceRow("t:1", photo, png())
    assert image_problem(row) is None
    assert picture_cell(row) == {"path": "none.png", "bytes": png()}
    assert "none.png does not decode" in (image_problem(SourceRow("t:1", photo)) or "")


def test_a_huge_photo_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geoagent_training.data.tables.MAX_PIXELS", 3)
    photo = LocatedPhoto(image="x", lat_deg=0, lon_deg=0, country="Peru")
    assert image_problem(SourceRow("t:1", photo, png())) == "the image has 2 x 2 pixels"
