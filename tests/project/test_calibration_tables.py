"""Tables of what answers to all photos are worth, against photos counted by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.calibration_tables import calibration_table, coverage_table, read_answers
from benchmarks.check_prior_circle import PlacedPhotos, any_circle_row, radii_km, spread_points

SURE = {"FR": 0.8, "DE": 0.1}
OPEN = {"US": 0.2, "FR": 0.1}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of four photos: a right claim in Paris, two without words, one that failed."""
    said = [
        {"id": "a", "lat_deg": 48.85, "lon_deg": 2.35, "radius_km": 20.0, "country": "FR",
         "city": "Paris", "countries": SURE, "evidence": ["text"], "abstained": False},
        {"id": "b", "lat_deg": 48.0, "lon_deg": 8.0, "radius_km": 9000.0, "countries": OPEN,
         "evidence": [], "abstained": True},
        {"id": "c", "lat_deg": 48.0, "lon_deg": 8.0, "radius_km": 9000.0, "countries": OPEN,
         "evidence": [], "abstained": True},
        {"id": "d", "error": "cannot be read"},
    ]  # fmt: skip
    truth = [
        {"id": "a", "lat_deg": 48.86, "lon_deg": 2.34, "country": "FR"},
        {"id": "b", "lat_deg": 40.7, "lon_deg": -74.0, "country": "US"},
        {"id": "c", "lat_deg": -36.8, "lon_deg": 174.8, "country": "NZ"},
        {"id": "d", "lat_deg": 0.0, "lon_deg": 0.0, "country": "FR"},
    ]
    for name, rows in (("predictions", said), ("truth", truth)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_claims_and_probabilities_are_of_all_photos(run: Path) -> None:
    *_, without, worded, everything = calibration_table(read_answers(run))
    # likeliest 0.2 in both, right in one of two; log P: log 0.2 and the floor
    assert without == "| without words | 2 | 0 of 0 | 0 of 0 | -5.41 | 0.200 | 0.500 | 0.300 |"
    assert worded == "| with words | 1 | 1 of 1 | 1 of 1 | -0.22 | 0.800 | 1.000 | 0.200 |"
    assert everything.startswith("| all | 3 | 1 of 1 | 1 of 1 |")


def test_the_radius_is_counted_by_continent(run: Path) -> None:
    *_, europe, america, oceania = coverage_table(read_answers(run))
    assert europe == "| EU | 1 | 100.0 % | 1 | 100.0 % |"
    assert america == "| NA | 1 | 100.0 % | 0 |  |"
    assert oceania == "| OC | 1 | 0.0 % | 0 |  |"


def test_a_circle_that_fits_two_groups_is_found() -> None:
    ring = np.stack([np.zeros(20), np.linspace(0.0, 19.0, 20)], axis=1)
    photos = PlacedPhotos(ring, ("FR",) * 20, {"EU": ring, "AF": ring})
    assert "keeps to 97% in 2 of 2" in any_circle_row(photos)


def test_points_are_spread_over_the_whole_sphere() -> None:
    points = spread_points(np.arange(0, 20_000, 10))
    assert np.allclose(np.linalg.norm(points, axis=1), 1.0)
    assert np.allclose(points.mean(axis=0), 0.0, atol=0.02)
    assert radii_km(points[:1], -points[:1]) == pytest.approx(20_015.1, abs=0.2)
