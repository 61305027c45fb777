"""Names of places lead to points."""

import json
from pathlib import Path

import numpy as np
import pytest
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.reward_tools import RewardTools

from geoagent_graph.geo.sphere import distance_km


@pytest.fixture(scope="module")
def resolver(tools: RewardTools) -> PlaceResolver:
    assert isinstance(tools.resolver, PlaceResolver)
    return tools.resolver


@pytest.mark.parametrize(
    ("fields", "lat_deg", "lon_deg", "precision"),
    [
        (("Portugal", "Lisbon", "Alfama"), 38.71, -9.13, "precise"),
        (("Germany", "Bayern", "Munich"), 48.14, 11.58, "precise"),
        (("Germany", "Bavaria", "München"), 48.14, 11.58, "precise"),
        (("China", "Anhui", "Hefei City"), 31.86, 117.28, "precise"),
        (("日本", "東京都", "渋谷区"), 35.66, 139.71, "precise"),
        (("Россия", "Московская область", "Москва"), 55.75, 37.62, "precise"),
        (("UK", "England", "London"), 51.51, -0.13, "precise"),
        (("USA", "California", "San Fransisco"), 37.77, -122.42, "precise"),
        (("France", "Île-de-France", "Rue de Rivoli, Paris"), 48.85, 2.35, "precise"),
        (("United States", "Illinois", "Springfield"), 39.80, -89.64, "precise"),
        (("United States", "Missouri", "Springfield"), 37.21, -93.29, "precise"),
        (("Chile", "Valparaíso", "Hanga Roa"), -27.14, -109.43, "precise"),
        (("Hawaii", "Honolulu", ""), 21.31, -157.86, "precise"),
    ],
)
def test_names_lead_to_places(
    resolver: PlaceResolver,
    fields: tuple[str, str, str],
    lat_deg: float,
    lon_deg: float,
    precision: str,
) -> None:
    found = resolver.explain(fields)
    assert found is not None
    assert distance_km(found.lat_deg, found.lon_deg, lat_deg, lon_deg) < 12
    assert found.precision == precision


def test_trailing_fields_that_lead_nowhere_are_dropped(resolver: PlaceResolver) -> None:
    whole = resolver.explain(("Portugal", "Lisbon", "the blue house at the corner"))
    assert whole is not None
    assert whole.precision == "region"
    country = resolver.explain(("Portugal", "Qwxyz", "Zzyzx"))
    assert country is not None
    assert country.precision == "country"
    assert resolver.explain(("Atlantis", "Lisbon", "Alfama")) is None


def test_parts_that_contradict_each_other_resolve_to_what_they_share(
    resolver: PlaceResolver,
) -> None:
    listed = resolver.explain(("Portugal", "Lisbon", "Lisbon, Porto, Faro"))
    assert listed is not None
    assert listed.precision == "region"
    elsewhere = resolver.explain(("Brazil", "São Paulo", "Manaus"))
    assert elsewhere is not None
    assert elsewhere.precision == "region"


def test_a_batch_gives_nan_where_nothing_is_found(resolver: PlaceResolver) -> None:
    points = resolver.resolve([("Portugal", "", ""), ("", "", ""), ("Nowhere", "", "")])
    assert points.shape == (3, 2)
    assert np.isfinite(points[0]).all()
    assert np.isnan(points[1:]).all()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Hefei", "Hefei City", True),
        ("München", "Munich", True),
        ("Germany", "Deutschland", True),
        ("Lisbon", "Lisboa", True),
        ("Paris", "London", False),
        ("Niger", "Nigeria", False),
        ("", "", False),
        ("Qwxyz", "Zzyzx", False),
    ],
)
def test_the_same_place_under_two_names(
    resolver: PlaceResolver, one: str, other: str, same: bool
) -> None:
    assert resolver.same_place(one, other) is same


def test_coverage_of_the_photos_metadata(resolver: PlaceResolver, shared_data: Path) -> None:
    rows = [
        json.loads(line)
        for line in (shared_data / "reference" / "metadata.jsonl").read_text().splitlines()
    ]
    unique = {
        (row["country"], row["region"], row["city"]): (row["lat"], row["lon"])
        for row in rows
        if row.get("city")
    }
    names = [
        (resolver.gazetteer.country(code).name, region or "", city) for code, region, city in unique
    ]
    points = resolver.resolve(names)
    truth = np.array([*unique.values()])
    near = distance_km(points[:, 0], points[:, 1], truth[:, 0], truth[:, 1]) <= 25
    assert near.mean() >= 0.95
