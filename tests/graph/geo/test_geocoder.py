"""The geocoder on its real tables: truths, brute force, bad input."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.geocoder import COUNTRY_SOURCES, OfflineGeocoder
from geoagent_graph.geo.regions import RegionTable
from geoagent_graph.geo.sphere import coordinates, distance_km, unit_vectors

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


@pytest.fixture(scope="session")
def many_points() -> Points:
    """Points all over, around both poles, and on both sides of the date line."""
    generator = np.random.default_rng(7)
    lat, lon = coordinates(generator.normal(size=(6_000, 3)))
    pole_lat = (90 - generator.exponential(0.5, 1_998)) * generator.choice([-1, 1], 1_998)
    line_lat = generator.uniform(-90, 90, 2_000)
    line_lon = generator.exponential(0.1, 2_000) * generator.choice([-1, 1], 2_000) + 180
    lat = np.concatenate([lat, pole_lat, [90, -90], line_lat])
    lon = np.concatenate([lon, generator.uniform(-180, 180, 2_000), line_lon])
    return lat, np.where(lon > 180, lon - 360, lon)


def brute_force_km(
    gazetteer: Gazetteer,
    lat: NDArray[np.float64],
    lon: NDArray[np.float64],
    bound_km: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Distance to the nearest town, all pairs in float64 but those whose latitudes alone differ
    by more than a distance that is known to be reached."""
    order = np.argsort(gazetteer.lat_deg)
    town_lat = gazetteer.lat_deg[order]
    towns = unit_vectors(town_lat, gazetteer.lon_deg[order]).T.copy()
    points = unit_vectors(lat, lon)
    best = np.empty(len(lat), dtype=np.int64)
    reach_deg = np.degrees(bound_km / 6371.0) + 1e-9
    by_reach = np.lexsort((lat, np.round(np.log2(reach_deg + 1e-3))))
    for rows in np.array_split(by_reach, len(lat) // 100):
        low = np.searchsorted(town_lat, (lat[rows] - reach_deg[rows]).min())
        high = np.searchsorted(town_lat, (lat[rows] + reach_deg[rows]).max(), side="right")
        best[rows] = low + (points[rows] @ towns[:, low:high]).argmax(axis=1)
    found = order[best]
    return distance_km(lat, lon, gazetteer.lat_deg[found], gazetteer.lon_deg[found])


def test_nearest_is_brute_force_on_many_points(
    geocoder: OfflineGeocoder, many_points: Points
) -> None:
    """`benchmarks/check_nearest.py` does it for 100,000, pair by pair."""
    lat, lon = many_points
    _, ours_km = geocoder.nearest(lat, lon)
    # the bound is the answer under test plus a kilometre: a nearer town would be inside it
    theirs_km = brute_force_km(geocoder.gazetteer, lat, lon, ours_km[:, 0] + 1.0)
    assert np.abs(ours_km[:, 0] - theirs_km).max() < 1e-6


def test_k_nearest_are_ordered_and_start_with_the_nearest(geocoder: OfflineGeocoder) -> None:
    towns, km = geocoder.nearest([48.85, -33.9, 90.0], [2.35, 151.2, 0.0], k=20)
    assert towns.shape == km.shape == (3, 20)
    assert (np.diff(km, axis=1) >= -1e-9).all()
    assert all(len(set(row)) == 20 for row in towns.tolist())
    assert (towns[:, :1] == geocoder.nearest([48.85, -33.9, 90.0], [2.35, 151.2, 0.0])[0]).all()


@pytest.mark.parametrize(
    ("lat", "lon", "code", "source"),
    [
        (-16.8, -179.99, "FJ", "polygon"),
        (-16.8, 179.99, "FJ", "nearest_coast"),
        (67.732, 18.741, "SE", "polygon"),
        (48.8584, 2.2945, "FR", "polygon"),
        (66.0, -179.9, "RU", "polygon"),
        (41.9022, 12.4533, "VA", "polygon"),
        (41.9010, 12.4700, "IT", "polygon"),
        (43.9354, 12.4477, "SM", "polygon"),
        (-29.6, 28.2, "LS", "polygon"),
        (4.93, -52.33, "GF", "polygon"),
        (-20.9, 55.5, "RE", "polygon"),
        (16.24, -61.53, "GP", "polygon"),
        (14.65, -61.0, "MQ", "polygon"),
        (-12.82, 45.15, "YT", "polygon"),
        (12.2, -68.26, "BQ", "polygon"),
        (78.2, 15.6, "SJ", "polygon"),
        (22.3, 114.17, "HK", "polygon"),
        (42.66, 21.16, "XK", "polygon"),
        (35.3, 33.4, "CY", "polygon"),
        (9.56, 44.06, "SO", "polygon"),
        (45.0, 34.1, "UA", "polygon"),
        (-75.0, 0.0, "AQ", "polygon"),
        (-90.0, 0.0, "AQ", "polygon"),
        (40.7, -73.8, "US", "polygon"),
        (60.3, -30.0, "IS", "nearest_town"),
        (41.0, 1.6, "ES", "nearest_coast"),
        (36.1500, 29.5900, "GR", "nearest_town"),  # Kastellorizo, three kilometres off Turkey
    ],
)
def test_countries_of_points(
    geocoder: OfflineGeocoder, lat: float, lon: float, code: str, source: str
) -> None:
    found = geocoder.reverse(lat, lon)
    assert (found.country_code, found.country_source) == (code, source)


def test_the_town_is_of_the_country(geocoder: OfflineGeocoder) -> None:
    # the nearest town of all is in Norway
    found = geocoder.reverse(67.732, 18.741)
    assert found.city == "Kiruna"
    assert found.region == "Norrbotten"
    assert found.continent_code == "EU"
    assert found.distance_km == pytest.approx(63.9, abs=1)
    assert found.geonames_id == 605155


def test_the_town_of_another_country_is_named_only_where_the_own_ones_are_far(
    geocoder: OfflineGeocoder,
) -> None:
    found = geocoder.reverse(-54.42, 3.36)  # Bouvet has no town
    assert found.country_code == "BV"
    assert found.region == ""
    assert found.distance_km > 2000


def test_longitude_180_is_minus_180(geocoder: OfflineGeocoder) -> None:
    assert geocoder.reverse(-16.8, 180.0) == geocoder.reverse(-16.8, -180.0)


def test_every_point_of_the_globe_has_an_answer(
    geocoder: OfflineGeocoder, many_points: Points
) -> None:
    lat, lon = many_points
    points = geocoder.reverse_batch(lat, lon)
    assert points.country_index.min() >= 0
    assert points.country_index.max() < len(geocoder.gazetteer.countries)
    assert np.isfinite(points.distance_km).all()
    assert points.source.max() < len(COUNTRY_SOURCES)
    towns = points.town_index
    exact = distance_km(
        lat, lon, geocoder.gazetteer.lat_deg[towns], geocoder.gazetteer.lon_deg[towns]
    )
    assert np.abs(points.distance_km - exact).max() < 1e-9
    by_town = points.source == COUNTRY_SOURCES.index("nearest_town")
    of_town = geocoder.gazetteer.country_index[towns]
    assert (of_town[by_town] == points.country_index[by_town]).all()


def test_one_and_many_agree(geocoder: OfflineGeocoder, many_points: Points) -> None:
    lat, lon = (values[::500] for values in many_points)
    many = geocoder.describe(geocoder.reverse_batch(lat, lon))
    assert many == [geocoder.reverse(*point) for point in zip(lat, lon, strict=True)]


def test_towns_lie_in_their_own_country(geocoder: OfflineGeocoder) -> None:
    gazetteer = geocoder.gazetteer
    points = geocoder.reverse_batch(gazetteer.lat_deg, gazetteer.lon_deg)
    # the rest lies deep in another country's polygon: Western Sahara, the West Bank, slips
    assert (points.country_index == gazetteer.country_index).mean() > 0.9997
    on_map = geocoder.polygons.lookup(gazetteer.lat_deg, gazetteer.lon_deg)
    polygon_or_coast = np.maximum(on_map.country_index, on_map.coast_index)
    assert (polygon_or_coast == gazetteer.country_index).mean() > 0.996


@pytest.mark.parametrize(
    ("lat", "lon", "named"),
    [
        (float("nan"), 0.0, "latitude nan"),
        (0.0, float("inf"), "longitude inf"),
        (90.001, 0.0, "latitude 90.001"),
        (0.0, -180.1, "longitude -180.1"),
        (52, 1300, "longitude 1300"),
        ("north", 0.0, "numbers"),
        (None, 0.0, "latitude"),
    ],
)
def test_bad_coordinates_are_named(
    geocoder: OfflineGeocoder, lat: float, lon: float, named: str
) -> None:
    with pytest.raises(InputError, match=named) as caught:
        geocoder.reverse(lat, lon)
    assert "\n" not in str(caught.value)


def test_bad_batches_are_refused(geocoder: OfflineGeocoder) -> None:
    with pytest.raises(InputError):
        geocoder.reverse_batch([1.0, 2.0], [3.0])
    with pytest.raises(InputError):
        geocoder.nearest([[1.0]], [[2.0]])
    with pytest.raises(InputError):
        geocoder.nearest([1.0], [2.0], k=0)
    assert len(geocoder.reverse_batch([], []).town_index) == 0


def test_limits(geocoder: OfflineGeocoder) -> None:
    assert len(geocoder.forward("San José", 3)) == 3
    with pytest.raises(InputError, match="limit"):
        geocoder.forward("Paris", 0)


def test_threads_share_a_geocoder(geocoder: OfflineGeocoder) -> None:
    answers = []

    def work() -> None:
        answers.append([geocoder.reverse(lat, lat * 2) for lat in range(-60, 70, 10)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.shared_data
@pytest.mark.parametrize("part", ["dev", "reference"])
def test_real_photos_lie_in_the_country_they_are_labelled_with(
    geocoder: OfflineGeocoder, shared_data: Path, part: str
) -> None:
    lines = (shared_data / part / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["lat"] is not None]
    points = geocoder.reverse_batch([row["lat"] for row in rows], [row["lon"] for row in rows])
    codes = [geocoder.gazetteer.countries[number].code for number in points.country_index]
    agree = np.mean([code == row["country"] for code, row in zip(codes, rows, strict=True)])
    # all that disagree stand at Victoria Falls, where the river is the border
    assert agree > 0.994


@pytest.mark.parametrize(
    ("lat", "lon", "code", "least_km", "most_km"),
    [
        (48.5731, 7.8155, "FR", 0.3, 1.5),  # Kehl, on the Rhine
        (1.4437, 103.7771, "MY", 0.5, 2.0),  # Singapore, across the strait
        (41.9022, 12.4539, "IT", 0.05, 0.5),  # the Vatican
    ],
)
def test_the_nearest_border_is_named_with_its_distance(
    geocoder: OfflineGeocoder, lat: float, lon: float, code: str, least_km: float, most_km: float
) -> None:
    found = geocoder.nearest_border(lat, lon)
    assert found is not None
    assert found.country_code == code
    assert least_km < found.distance_km < most_km


def test_far_from_every_border_none_is_named(geocoder: OfflineGeocoder) -> None:
    assert geocoder.nearest_border(48.85, 2.35) is None  # Paris
    assert geocoder.nearest_border(48.85, 2.35, within_km=300.0) is not None
    assert geocoder.nearest_border(-90.0, 0.0) is None
    assert geocoder.nearest_border(-16.8, 180.0) is None  # the date line is no border


def test_a_region_is_no_misspelt_town(geocoder: OfflineGeocoder, regions: RegionTable) -> None:
    known = OfflineGeocoder(geocoder.gazetteer, geocoder.polygons, regions)
    for name in ("Bavaria", "Catalonia", "Bavaria, Hungary"):
        assert known.forward(name) == []
    assert [found.place.name for found in known.forward("Valencia", 1)] == ["Valencia"]
    assert known.find("Bavaria")[0].full_name == "Bavaria, Germany"
    with pytest.raises(InputError, match="limit is 0"):
        known.find("Bavaria", 0)
    bare = OfflineGeocoder(geocoder.gazetteer, geocoder.polygons)
    with pytest.raises(InputError, match="no table of regions"):
        bare.find("Bavaria")


@pytest.mark.parametrize(
    ("lat", "lon", "code", "at_sea"),
    [
        (90.0, 0.0, "GL", True),  # the North Pole
        (-48.87, -123.39, "CL", True),  # the point farthest from land
        (41.35, 2.3, "ES", True),
        (-90.0, 0.0, "", False),
        (-16.8, 180.0, "", False),  # the date line on land
        (48.85, 2.35, "", False),
    ],
)
def test_at_sea_the_nearest_land_is_named(
    geocoder: OfflineGeocoder, lat: float, lon: float, code: str, at_sea: bool
) -> None:
    found = geocoder.surroundings(lat, lon)
    assert found.is_at_sea is at_sea
    assert (found.land.country_code if found.land else "") == code


def test_western_sahara_has_one_answer(geocoder: OfflineGeocoder) -> None:
    for lat, lon in ((27.1536, -13.2033), (23.7, -15.93), (26.158, -10.567)):
        assert geocoder.reverse(lat, lon).country_code == "EH"
    assert geocoder.reverse(27.94, -12.92).country_code == "MA"  # Tarfaya, north of the line
