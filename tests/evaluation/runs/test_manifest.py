"""Photos of a manifest: what is taken for the truth, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.runs.manifest import ManifestPhoto, read_photos


def _read(folder: Path, *rows: dict[str, Any] | str) -> list[ManifestPhoto]:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    manifest = folder / "photos.jsonl"
    manifest.write_text("\n".join(lines) + "\n")
    return read_photos(manifest, lambda name: ["PT"] if name == "Portugal" else [])


def test_a_row_gives_the_file_and_its_truth(tmp_path: Path) -> None:
    row = {
        "id": "a", "file": "images/a.jpg", "lat": 38.7, "lon": -9.1, "country": "Portugal",
        "region_code": "PT-11", "region": "Lisbon", "city": "Lisbon", "cluster_id": "c1",
        "license": "CC0", "permitted_level": "city", "locatability": "high", "kind": "shop",
    }  # fmt: skip
    (photo,) = _read(tmp_path, row)
    assert photo.path == tmp_path / "images/a.jpg"
    assert photo.truth == {
        "id": "a", "lat_deg": 38.7, "lon_deg": -9.1, "country": "PT", "region": "PT-11",
        "city": "Lisbon", "cluster": "c1", "licence": "CC0", "permitted_level": "city",
        "locatability": "high", "kind": "shop",
    }  # fmt: skip


def test_a_country_alone_is_a_truth_and_nothing_is_none(tmp_path: Path) -> None:
    country, nothing = _read(
        tmp_path,
        {"file": "a.jpg", "country": "PT", "lat": None, "lon": None, "city": "Tripura (state)"},
        {"file": "b.jpg"},
    )
    assert country.truth == {"id": "a.jpg", "country": "PT"}
    assert nothing.truth is None
    assert nothing.id == "b.jpg"


def test_a_table_is_read_too(tmp_path: Path) -> None:
    (photo,) = _read(tmp_path, "file,latitude,longitude", "a.jpg,1.5,2.5")
    assert photo.truth == {"id": "a.jpg", "lat_deg": 1.5, "lon_deg": 2.5}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"file": "../a.jpg"}, "line 2, file: leaves"),
        ({"file": "/etc/passwd"}, "line 2, file: leaves"),
        ({"id": "x"}, "line 2, file: is missing"),
        ({"file": "b.jpg", "lat": 91, "lon": 0}, "line 2, lat: 91 is out of range"),
        ({"file": "b.jpg", "lat": 1}, "line 2, lon_deg: is missing"),
        ({"file": "a.jpg"}, "is the id of line 1"),
        ("{", "line 2: is no JSON"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, row: Any, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        _read(tmp_path, {"file": "a.jpg"}, row)


def test_an_empty_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="lists no photos"):
        _read(tmp_path, "")
