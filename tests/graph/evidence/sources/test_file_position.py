"""The position that a file claims."""

import math
from dataclasses import astuple

import pytest

from tests.support.evidence_cases import exif_clue, model


def test_a_trusted_position_in_the_wild_is_the_answer_to_the_metre() -> None:
    lat, lon, radius = astuple(model().locate(None, [exif_clue(-24.2, 133.4)], ()))[:3]
    assert (lat, lon) == pytest.approx((-24.2, 133.4), abs=1e-6)
    assert radius < 30


def test_the_date_line_and_the_poles_are_places_too() -> None:
    for claim in ((-16.8, -179.99), (-16.8, 179.99), (89.9, 0.0), (-89.9, 120.0)):
        lat, lon, radius = astuple(model().locate(None, [exif_clue(*claim)], ()))[:3]
        assert lat == pytest.approx(claim[0], abs=1e-6)
        assert -180 <= lon < 180
        assert math.isfinite(radius)


@pytest.mark.parametrize("value", ["nan", "inf", "91", "", "12,5"])
def test_an_unusable_position_is_no_claim(value: str) -> None:
    clue = exif_clue(1.0, 2.0).model_copy(
        update={"attributes": {"lat_deg": value, "lon_deg": "2.0"}}
    )
    assert model().weigh([clue], ()).posterior.likelihoods == ()
