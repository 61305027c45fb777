"""The place tables, compiled once per test run."""

import pytest

from geoagent_graph.geo.gazetteer import Gazetteer, open_gazetteer
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.geo.place_finder import PlaceFinder
from geoagent_graph.geo.polygons import CountryPolygons, open_polygons
from geoagent_graph.geo.regions import RegionTable, open_regions
from geoagent_graph.settings import Settings


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return settings whose cache folder all tests of a run share."""
    return Settings(cache_dir=tmp_path_factory.getbasetemp() / "place-tables")


@pytest.fixture(scope="session")
def gazetteer(settings: Settings) -> Gazetteer:
    """Return the real gazetteer."""
    return open_gazetteer(settings)


@pytest.fixture(scope="session")
def polygons(settings: Settings) -> CountryPolygons:
    """Return the real country polygons."""
    return open_polygons(settings)


@pytest.fixture(scope="session")
def regions(settings: Settings) -> RegionTable:
    """Return the real regions."""
    return open_regions(settings)


@pytest.fixture(scope="session")
def finder(gazetteer: Gazetteer, regions: RegionTable) -> PlaceFinder:
    """Return the finder over the real tables."""
    return PlaceFinder(gazetteer, regions)


@pytest.fixture(scope="session")
def geocoder(settings: Settings) -> OfflineGeocoder:
    """Return the geocoder over the real tables."""
    return open_geocoder(settings)
