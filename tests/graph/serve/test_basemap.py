"""A basemap's file is looked at before the server starts: what it is, and whether it is whole."""

import struct
from pathlib import Path

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.serve.basemap import open_basemap

pytest.importorskip("pmtiles", reason="pmtiles is not installed")
from tests.support.drawn_basemap import LAYERS, write_basemap, write_pictures

LISBON = (38.72, -9.14)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("town") / "town.pmtiles"
    return write_basemap(path, *LISBON, range(12)).read_bytes()


def _opened(folder: Path, content: bytes) -> str:
    path = folder / "map.pmtiles"
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        open_basemap(path)
    said = str(raised.value)
    assert said.startswith(f"--basemap {path}: ")
    assert "\n" not in said
    return said


def test_what_the_page_needs_is_in_the_header(tmp_path: Path, town: bytes) -> None:
    path = tmp_path / "town.pmtiles"
    path.write_bytes(town)
    state = open_basemap(path).state
    assert (state.kind, state.min_zoom, state.max_zoom) == ("vector", 0, 11)
    assert (state.west_deg, state.south_deg) == pytest.approx((-9.2, 38.66))
    assert (state.east_deg, state.north_deg) == pytest.approx((-9.08, 38.78))
    assert state.layers == LAYERS
    assert state.attribution == "Drawn streets for tests"  # as text, without its link


def test_pictures_are_a_basemap_too(tmp_path: Path) -> None:
    state = open_basemap(write_pictures(tmp_path / "pictures.pmtiles", *LISBON)).state
    assert (state.kind, state.layers) == ("raster", ())


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 200, b"PK\x03\x04" + b"x" * 500, b"SQLite format 3"]
)
def test_another_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    assert "is no PMTiles file" in _opened(tmp_path, content)


@pytest.mark.parametrize("left", [7, 100, 126, 127, 2000, -1])
def test_a_cut_file_is_one_sentence(tmp_path: Path, town: bytes, left: int) -> None:
    assert "is cut off" in _opened(tmp_path, town[:left])


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [(7, 2, "is PMTiles 2"), (99, 0, "unknown kind"), (97, 3, "do not read"),
     (98, 4, "do not read"), (100, 12, "names no area of the Earth or no zooms")],
)  # fmt: skip
def test_what_browsers_cannot_draw_is_refused(
    tmp_path: Path, town: bytes, at: int, value: int, words: str
) -> None:
    assert words in _opened(tmp_path, town[:at] + bytes([value]) + town[at + 1 :])


@pytest.mark.parametrize("west", [-2_000_000_000, 1_790_000_000])
def test_corners_lie_on_the_earth(tmp_path: Path, town: bytes, west: int) -> None:
    content = town[:102] + struct.pack("<i", west) + town[106:]
    assert "no area of the Earth" in _opened(tmp_path, content)


def test_damaged_metadata_are_one_sentence(tmp_path: Path, town: bytes) -> None:
    start = int.from_bytes(town[24:32], "little")
    assert "metadata are damaged" in _opened(
        tmp_path, town[:start] + b"x" * 20 + town[start + 20 :]
    )


def test_metadata_that_grow_without_end_are_refused(tmp_path: Path, town: bytes) -> None:
    length = struct.pack("<Q", 9_000_000)
    content = town[:32] + length + town[40:] + b"\0" * 9_100_000
    assert "metadata are damaged" in _opened(tmp_path, content)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No such file"):
        open_basemap(tmp_path / "none.pmtiles")
    with pytest.raises(InputError, match=r"cannot be read"):
        open_basemap(tmp_path)
