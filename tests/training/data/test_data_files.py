"""Where data sets are: files, folders with splits, what `datasets` saved, and the Hub by name."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.data import data_files as module
from geoagent_training.data.data_files import data_files, fetch_data_set, hub_problem
from geoagent_training.data.tables import photo_table
from geoagent_training.errors import DataError
from PIL import Image

from tests.support.loopback_hub import loopback_hub, point_library_at


def _touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


def _names(folder: Path, split: str | None = None) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in data_files(folder, split)[0]]


def test_the_split_of_a_folder_is_told_by_names(tmp_path: Path) -> None:
    folder = _touch(tmp_path, "data/train-00000.parquet", "data/train-00001.parquet",
                    "data/test-0.parquet", "data/val-0.parquet", "README.md")  # fmt: skip
    assert _names(folder) == ["data/train-00000.parquet", "data/train-00001.parquet"]
    assert _names(folder, "validation") == ["data/val-0.parquet"]
    assert _names(folder, "test") == ["data/test-0.parquet"]
    with pytest.raises(DataError, match="it has no split extra, only test, train, validation"):
        data_files(folder, "extra")
    with pytest.raises(DataError, match="it is one file"):
        data_files(folder / "data/test-0.parquet", "test")


def test_a_folder_without_splits_is_taken_whole(tmp_path: Path) -> None:
    assert _names(_touch(tmp_path / "a", "0.jsonl", "1.jsonl", "photo.png")) == [
        "0.jsonl",
        "1.jsonl",
    ]
    assert _names(_touch(tmp_path / "b", "x.csv", "strain.csv")) == ["strain.csv", "x.csv"]
    with pytest.raises(DataError, match="holds no Parquet, JSON lines, CSV or Arrow"):
        data_files(_touch(tmp_path / "c", "photo.png"))
    with pytest.raises(DataError, match="there is no such data set"):
        data_files(tmp_path / "gone")


def _row() -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (5, 4), "teal").save(buffer, "PNG")
    image = {"bytes": buffer.getvalue(), "path": None}
    return {"image": image, "lat_deg": 38.7, "lon_deg": -9.1, "country": "Portugal"}


def test_what_datasets_saved_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datasets import Dataset, DatasetDict

    monkeypatch.setenv("GEOAGENT_CACHE_DIR", str(tmp_path / "cache"))
    table = Dataset.from_list([_row()] * 3)
    DatasetDict({"train": table, "test": table.select([0])}).save_to_disk(tmp_path / "saved")
    rows = photo_table(tmp_path / "saved", "geoagent")
    assert len(rows) == 3
    assert rows[2]["image"].size == (5, 4)
    (tmp_path / "saved/train/state.json").write_text('{"_data_files": 3}')
    with pytest.raises(DataError, match="it is not what save_to_disk writes"):
        data_files(tmp_path / "saved")


@pytest.mark.parametrize(
    "name", ["hub:", "hub:a", "hub:a/b@", "hub:a/b@x y", "hub:a/b/*", "hub:/a/b"]
)
def test_names_that_are_no_data_set_are_refused(name: str) -> None:
    assert "no data set on the Hub" in (hub_problem(Path(name)) or "")


def test_names_of_data_sets_are_known() -> None:
    for name in ("hub:a/b", "hub:a-1/b.c@main", "hub:a/b@1f0/sub/folder", "rows.jsonl"):
        assert hub_problem(Path(name)) is None


def test_a_data_set_is_fetched_once_and_then_found_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub
    from huggingface_hub import constants

    photo = _row()["image"]["bytes"]
    line = json.dumps({**_row(), "image": "a.png"}) + "\n"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    real = huggingface_hub.snapshot_download
    monkeypatch.setattr(
        huggingface_hub,
        "snapshot_download",
        lambda *a, **k: real(*a, cache_dir=str(tmp_path / "cache"), **k),
    )
    with loopback_hub() as hub:
        commit = hub.add("owner/name", {"part/train.jsonl": line.encode(), "part/a.png": photo,
                                        "other/train.jsonl": b"{}"})  # fmt: skip
        point_library_at(monkeypatch, hub.endpoint)
        rows = photo_table(Path("hub:owner/name@main/part"), "geoagent")
        assert rows[0]["image"].size == (5, 4)
        assert commit in rows[0]["row_id"]
        assert {name for name, _ in hub.asked} == {"part/train.jsonl", "part/a.png"}
        with pytest.raises(DataError, match=r"hub:owner/gone: it cannot be fetched from the Hub"):
            fetch_data_set(Path("hub:owner/gone"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert len(photo_table(Path("hub:owner/name@main/part"), "geoagent")) == 1
    with pytest.raises(DataError, match="it cannot be fetched"):
        module.fetch_data_set(Path("hub:owner/other"))
