"""Lines of several clues are drawn the same for a seed, and are of the place that is said."""

from pathlib import Path

from tests.support.evidence_cases import model
from tools.draw_combined_lines import SHARES, draw_photos, read_places

COORDINATES = "LAT,LON\n48.137,11.575\n38.722,-9.139\n-36.850,174.760\n0.0,-30.0\n"


def test_photos_of_every_continent_are_drawn_by_their_seed(tmp_path: Path) -> None:
    table = tmp_path / "coordinates.csv"
    table.write_text(COORDINATES)
    towns = model().town_table
    places = read_places(table, towns)
    assert {code: len(found) for code, found in places.items()} == {"EU": 2, "OC": 1}
    quick = {kind: share for kind, share in SHARES.items() if kind not in ("phone", "brand")}
    first, again, other = (list(draw_photos(places, towns, seed, 8, quick)) for seed in (4, 4, 5))
    assert first == again
    assert first != other
    assert {photo.country for photo in first} <= {"DE", "PT", "NZ"}
    assert all(photo.lines and photo.kinds for photo in first)
    assert any("words" in photo.kinds and len(photo.kinds) > 1 for photo in first)
