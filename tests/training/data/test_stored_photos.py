"""Photos inside Parquet: read when they are looked at, held by no table, copied at most once."""

import io
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from geoagent_training.data import parquet_groups
from geoagent_training.data.parquet_groups import open_parquet, with_small_groups
from geoagent_training.data.stored_photos import StoredPhoto, photo_at
from geoagent_training.data.tables import good_rows, photo_table
from geoagent_training.errors import DataError
from PIL import Image

ROWS = 40
PHOTO_BYTES = 120_000


def _noise(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


def _write(path: Path, cells: list[object], rows_in_group: int | None = None) -> Path:
    count = len(cells)
    columns = {"image": cells, "lat_deg": [38.7] * count, "lon_deg": [-9.1] * count}
    table = pa.table({**columns, "country": ["Portugal"] * count})
    pq.write_table(table, path, row_group_size=rows_in_group)
    return path


@pytest.fixture
def one_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOAGENT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(parquet_groups, "MAX_GROUP_BYTES", 1_000_000)
    cells: list[object] = [{"bytes": _noise(row), "path": None} for row in range(ROWS)]
    return _write(tmp_path / "it's [one] 100%.parquet", cells)


def test_a_table_of_photos_holds_addresses(one_group: Path) -> None:
    rows = good_rows(one_group, "geoagent", None, check_images=True, limit=None)
    assert len(rows) == ROWS
    assert all(row.image_bytes is None and row.stored for row in rows)
    table = photo_table(one_group, "geoagent", check_images=False)
    assert table.data.nbytes < PHOTO_BYTES
    again = pickle.loads(pickle.dumps(table))
    for number in (0, 17, ROWS - 1):
        with Image.open(io.BytesIO(_noise(number))) as photo:
            assert again[number]["image"].tobytes() == photo.tobytes()


def test_reading_takes_a_few_photos_of_memory(one_group: Path) -> None:
    with_small_groups(one_group)
    pool = pa.proxy_memory_pool(pa.default_memory_pool())
    before = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        good_rows(one_group, "geoagent", None, check_images=False, limit=None)
    finally:
        pa.set_memory_pool(before)
    # a megabyte of rows at once and the page that is read: not a group of 16, packed and unpacked
    assert pool.max_memory() < 2_000_000


def test_a_file_of_one_group_is_copied_once_and_again_when_it_changes(one_group: Path) -> None:
    copy = with_small_groups(one_group)
    with open_parquet(copy) as file:
        assert file.num_row_groups == 3
        assert file.metadata.num_rows == ROWS
    written = copy.stat().st_mtime_ns
    assert with_small_groups(one_group) == copy
    assert copy.stat().st_mtime_ns == written
    cells: list[object] = [{"bytes": _noise(row), "path": None} for row in range(20)]
    _write(one_group, cells)
    assert with_small_groups(one_group) != copy


def test_a_file_of_small_groups_or_of_texts_is_read_where_it_is(tmp_path: Path) -> None:
    small = _write(tmp_path / "a.parquet", [_noise(row) for row in range(4)], rows_in_group=2)
    assert with_small_groups(small) == small
    assert [
        r.stored.group
        for r in good_rows(small, "geoagent", None, check_images=True, limit=None)
        if r.stored
    ] == [0, 0, 1, 1]
    texts = _write(tmp_path / "b.parquet", ["x" * 100_000 + str(row) for row in range(200)])
    assert with_small_groups(texts) == texts


def test_a_file_that_cannot_be_copied_is_named(
    one_group: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "parquet").write_text("a file stands where the folder should")
    with pytest.raises(DataError, match=r"one.*100%\.parquet"):
        good_rows(one_group, "geoagent", None, check_images=True, limit=None)


def test_a_photo_that_is_gone_is_an_error_with_the_file(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.parquet", [b"x", b"y"])
    photo = StoredPhoto(path, 0, 1, "image")
    assert photo_at(photo.address) == photo
    assert photo.read() == b"y"
    with pytest.raises(DataError, match="fewer rows"):
        StoredPhoto(path, 0, 2, "image").read()
    path.unlink()
    with pytest.raises(DataError, match=r"a\.parquet: a photo cannot be read any more"):
        photo.read()
