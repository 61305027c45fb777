"""The towns whose a position may be: the geocoder's country and town, or the nearest of all."""

from dataclasses import dataclass, field

import pytest

from geoagent_graph.errors import ToolError
from geoagent_graph.evidence.position_towns import towns_of_position
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.protocols import GeocodedPoint, Geocoder
from geoagent_graph.testing import FixedGeocoder
from tests.support.small_gazetteer import LISBON, MADRID, PORTO, SINTRA, small_gazetteer
from tests.support.split_geocoder import SplitGeocoder, geocoded


@dataclass(frozen=True)
class OnePointGeocoder(FixedGeocoder):
    """Says the same of every point."""

    point: GeocodedPoint = field(kw_only=True)

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        """Return the point."""
        del lat_deg, lon_deg
        return self.point


def shares(geocoder: Geocoder | None, lat_deg: float, lon_deg: float) -> dict[int, float]:
    """Return the shares by town of a position that is known to 20 m."""
    table = TownTable.of(small_gazetteer(), geocoder)
    towns, found = towns_of_position(table, lat_deg, lon_deg, 0.02)
    assert sorted(towns.tolist()) == towns.tolist()
    return dict(zip(towns.tolist(), found.tolist(), strict=True))


def test_without_a_geocoder_it_is_the_nearest_town_of_all() -> None:
    assert shares(None, 38.79, -9.37) == {SINTRA: 1.0}


def test_a_geocoder_that_fails_leaves_the_nearest_town() -> None:
    assert shares(SplitGeocoder(error=ToolError("no map")), 38.79, -9.37) == {SINTRA: 1.0}


def test_the_geocoder_says_which_town_of_which_country() -> None:
    assert shares(SplitGeocoder(), 38.7, -9.1) == {PORTO: 1.0}  # though Lisbon is near
    assert shares(SplitGeocoder(), 38.7, 0.5) == {MADRID: 1.0}


def test_at_a_border_both_towns_share() -> None:
    found = shares(SplitGeocoder(), 38.7, 0.0)
    assert found == pytest.approx({MADRID: 0.5, PORTO: 0.5}, abs=0.1)


def test_a_town_that_the_table_does_not_know_is_the_nearest_of_its_country() -> None:
    unknown = OnePointGeocoder(point=geocoded("PT", "Portugal", "Nowhere", 999))
    assert shares(unknown, 41.2, -3.7) == {PORTO: 1.0}  # though Madrid is near


def test_a_country_whose_towns_are_too_far_is_shared_by_them() -> None:
    abroad = OnePointGeocoder(point=geocoded("PT", "Portugal", "Madrid", 3))
    found = shares(abroad, 40.0, -30.0)
    prior = prior_over_towns(TownTable.of(small_gazetteer()))
    assert set(found) == {LISBON, PORTO, SINTRA}
    assert found[LISBON] / found[PORTO] == pytest.approx(prior[LISBON] / prior[PORTO])


def test_a_country_unknown_to_the_table_is_no_reason_to_name_none() -> None:
    assert shares(OnePointGeocoder(point=geocoded("", "", "", 0)), 38.79, -9.37) == {SINTRA: 1.0}
